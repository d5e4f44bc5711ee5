// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Glibc
import Storage

/// Turns the segments that lines name into what is asked for, remembering the last list, which most lines repeat.
struct SegmentResolver {
    private(set) var changes: [MembershipChange] = []

    private let targets: ImportTargets
    private let form: LineForm
    private var lastAdded = ByteSpan(0, 0)
    private var lastRemoved = ByteSpan(0, 0)
    private var last: (changes: Range<UInt32>, reason: LineReason)?

    init(_ targets: ImportTargets, _ form: LineForm) {
        self.targets = targets
        self.form = form
    }

    mutating func resolve(_ line: ParsedLine, _ bytes: UnsafeRawBufferPointer) -> (Range<UInt32>, LineReason)
    {
        if let last, isSame(lastAdded, line.added, bytes), isSame(lastRemoved, line.removed, bytes) {
            return last
        }
        let start = UInt32(truncatingIfNeeded: changes.count)
        let reason =
            switch form {
            case .outbound: resolveSegments(line, bytes)
            case .inbound: resolveSignals(line, bytes)
            }
        let found = (start..<UInt32(truncatingIfNeeded: changes.count), reason)
        lastAdded = line.added
        lastRemoved = line.removed
        last = found
        return found
    }

    /// Whether two lists are written the same; most have a few digits, so eight bytes at a time do.
    @inline(__always)
    private func isSame(_ one: ByteSpan, _ other: ByteSpan, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard one.length == other.length else { return false }
        guard let base = bytes.baseAddress, one.length > 0 else { return true }
        let first = base + Int(one.offset)
        let second = base + Int(other.offset)
        let count = Int(one.length)
        guard count >= 8, count <= 16 else { return memcmp(first, second, count) == 0 }
        let head = first.loadUnaligned(as: UInt64.self) ^ second.loadUnaligned(as: UInt64.self)
        let tail =
            first.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
            ^ second.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        return head | tail == 0
    }

    private mutating func resolveSegments(_ line: ParsedLine, _ bytes: UnsafeRawBufferPointer) -> LineReason {
        for list in [line.addedSegments(in: bytes), line.removedSegments(in: bytes)] {
            for change in list {
                if let number = change.number {
                    append(targets.positions(number: number), isRemoval: change.isRemoval)
                } else if change.problem == nil {
                    append(targets.positions(alias: change.segment), isRemoval: change.isRemoval)
                } else {
                    return .badSegment
                }
            }
        }
        return .none
    }

    private mutating func resolveSignals(_ line: ParsedLine, _ bytes: UnsafeRawBufferPointer) -> LineReason {
        for signal in line.signals(in: bytes) {
            switch signal {
            case .addTrait(let number): append(targets.positions(number: number), isRemoval: false)
            case .removeTrait(let number): append(targets.positions(number: number), isRemoval: true)
            case .integrationCode, .keyValue: continue
            case .problem: return .badSignal
            }
        }
        return .none
    }

    private mutating func append(_ positions: [UInt32], isRemoval: Bool) {
        for position in positions {
            changes.append(MembershipChange(target: position, isRemoval: isRemoval))
        }
    }
}
