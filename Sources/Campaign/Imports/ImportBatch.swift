// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Matching

/// How the lines of a file are written.
enum LineForm: Sendable {
    /// `ID SEG,SEG[ REMOVED,…]`, as the hub writes them.
    case outbound
    /// `ID<tab>d_sid=…`, as Campaign writes them for the hub.
    case inbound
}

/// The lines of one block, parsed and reconciled on any thread, to be accounted for in order.
// Sendable although it refers to the block's memory: it is filled by one worker and then only read.
final class ImportBatch: @unchecked Sendable {
    /// What became of one line.
    struct Line {
        var outcome: Reconciliation.Outcome
        var reason: LineReason
        /// Whether somebody asked for one of its segments.
        var isRequested: Bool
        var entry: IDIndex.Entry
        var changes: Range<UInt32>
        /// The decrypted address, where one is kept.
        var address: ByteSpan
    }

    /// The memory of a worker.
    final class Workspace {
        let reconciler: Reconciler.Workspace
        var parsed = ParsedLines()
        var offsets: [UInt32] = []
        var lengths: [UInt32] = []
        var positions: [UInt32] = []
        var results: [Reconciliation] = []

        init(_ reconciler: Reconciler) throws {
            self.reconciler = try reconciler.makeWorkspace()
        }
    }

    let block: LineBlock
    private(set) var lines: [Line] = []
    /// Where each line stands in the block.
    private(set) var spans: [ByteSpan] = []
    /// Where each line's ID stands in the block.
    private(set) var ids: [ByteSpan] = []
    private(set) var changes: [MembershipChange] = []
    private(set) var addresses: [UInt8] = []

    /// The last list of segments and what it came to, since most lines repeat it.
    private var lastLists: (added: ByteSpan, removed: ByteSpan, changes: Range<UInt32>, reason: LineReason)?

    init(
        _ block: LineBlock, form: LineForm, targets: ImportTargets, reconciler: Reconciler, workspace: Workspace
    ) throws {
        self.block = block
        switch form {
        case .outbound: OutboundLineParser.parse(block.bytes, into: &workspace.parsed)
        case .inbound: InboundLineParser.parse(block.bytes, into: &workspace.parsed)
        }
        lines.reserveCapacity(workspace.parsed.count)
        spans.reserveCapacity(workspace.parsed.count)
        ids.reserveCapacity(workspace.parsed.count)
        workspace.offsets.removeAll(keepingCapacity: true)
        workspace.lengths.removeAll(keepingCapacity: true)
        workspace.positions.removeAll(keepingCapacity: true)
        for line in workspace.parsed.lines {
            take(line, form, targets, workspace)
        }
        try reconcile(reconciler, workspace)
    }

    /// Gives the bytes of an address that the batch keeps.
    func withAddress(_ span: ByteSpan, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try addresses.withUnsafeBytes { try body(span.bytes(in: $0)) }
    }

    private func take(_ line: ParsedLine, _ form: LineForm, _ targets: ImportTargets, _ workspace: Workspace) {
        spans.append(line.line)
        ids.append(line.id)
        guard line.problem == .none else {
            append(.malformed, LineReason(line.problem))
            return
        }
        let (changes, reason) = resolve(line, form, targets)
        guard reason == .none else {
            append(.malformed, reason)
            return
        }
        workspace.positions.append(UInt32(truncatingIfNeeded: lines.count))
        workspace.offsets.append(line.id.offset)
        workspace.lengths.append(line.id.length)
        append(.unknown, .unknownID, isRequested: !changes.isEmpty, changes: changes)
        if changes.isEmpty {
            workspace.positions.removeLast()
            workspace.offsets.removeLast()
            workspace.lengths.removeLast()
        }
    }

    private func append(
        _ outcome: Reconciliation.Outcome, _ reason: LineReason, isRequested: Bool = true,
        changes: Range<UInt32> = 0..<0
    ) {
        lines.append(
            Line(
                outcome: outcome, reason: reason, isRequested: isRequested, entry: .none, changes: changes,
                address: ByteSpan(0, 0)))
    }

    private func resolve(
        _ line: ParsedLine, _ form: LineForm, _ targets: ImportTargets
    ) -> (Range<UInt32>, LineReason) {
        let bytes = block.bytes
        if let last = lastLists, isSame(last.added, line.added, bytes), isSame(last.removed, line.removed, bytes) {
            return (last.changes, last.reason)
        }
        let start = UInt32(truncatingIfNeeded: changes.count)
        let reason =
            switch form {
            case .outbound: resolveSegments(line, targets)
            case .inbound: resolveSignals(line, targets)
            }
        let range = start..<UInt32(truncatingIfNeeded: changes.count)
        lastLists = (line.added, line.removed, range, reason)
        return (range, reason)
    }

    private func isSame(_ one: ByteSpan, _ other: ByteSpan, _ bytes: UnsafeRawBufferPointer) -> Bool {
        one.length == other.length && one.bytes(in: bytes).elementsEqual(other.bytes(in: bytes))
    }

    private func resolveSegments(_ line: ParsedLine, _ targets: ImportTargets) -> LineReason {
        for list in [line.addedSegments(in: block.bytes), line.removedSegments(in: block.bytes)] {
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

    private func resolveSignals(_ line: ParsedLine, _ targets: ImportTargets) -> LineReason {
        for signal in line.signals(in: block.bytes) {
            switch signal {
            case .addTrait(let number): append(targets.positions(number: number), isRemoval: false)
            case .removeTrait(let number): append(targets.positions(number: number), isRemoval: true)
            case .integrationCode, .keyValue: continue
            case .problem: return .badSignal
            }
        }
        return .none
    }

    private func append(_ positions: [UInt32], isRemoval: Bool) {
        for position in positions {
            changes.append(MembershipChange(target: position, isRemoval: isRemoval))
        }
    }

    private func reconcile(_ reconciler: Reconciler, _ workspace: Workspace) throws {
        let count = workspace.positions.count
        if workspace.results.count < count {
            workspace.results = [Reconciliation](repeating: Reconciliation(.unknown), count: count * 2)
        }
        try workspace.results.withUnsafeMutableBufferPointer { results in
            try workspace.offsets.withUnsafeBufferPointer { offsets in
                try workspace.lengths.withUnsafeBufferPointer { lengths in
                    try reconciler.reconcile(
                        block.bytes, offsets: offsets, lengths: lengths, workspace: workspace.reconciler,
                        into: results)
                }
            }
        }
        let keepsAddresses = reconciler.mode != .profiles
        lines.withUnsafeMutableBufferPointer { lines in
            for slot in 0..<count {
                let position = Int(workspace.positions[slot])
                let result = workspace.results[slot]
                lines[position].outcome = result.outcome
                lines[position].entry = result.entry
                if result.outcome != .unknown { lines[position].reason = LineReason(result.reason) }
            }
        }
        guard keepsAddresses else { return }
        for slot in 0..<count {
            guard let address = workspace.reconciler.address(at: slot) else { continue }
            let start = addresses.count
            addresses.append(contentsOf: address)
            lines[Int(workspace.positions[slot])].address = ByteSpan(start, addresses.count)
        }
    }
}
