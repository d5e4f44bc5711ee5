// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Glibc
import Matching
import Storage

/// Parses and reconciles blocks of lines on one thread; what it needs is kept from block to block.
final class ImportWorker {
    /// What a worker is told once.
    struct Task: Sendable {
        let form: LineForm
        let targets: ImportTargets
        let reconciler: Reconciler
        /// Whether rejected lines are kept.
        let keepsRejected: Bool
        /// Whether the IDs of unknown lines are wanted, for a preview.
        let keepsUnknown: Bool
    }

    private let task: Task
    private let workspace: Reconciler.Workspace
    private var parsed = ParsedLines()
    private var results: [Reconciliation] = []

    init(_ task: Task) throws {
        self.task = task
        workspace = try task.reconciler.makeWorkspace()
    }

    /// How many lines of a block that ask for nothing are looked at, whether their IDs can be read.
    private static let sampleCount = 64

    /// Parses and reconciles a block.
    ///
    /// - Parameters:
    ///   - block: Whole lines.
    ///   - file: The number of the file, from 1.
    ///   - firstLine: The number of the block's first line in its file, from 1.
    /// - Returns: What became of each line.
    /// - Throws: `MatchingError` when libcrypto fails.
    func batch(_ block: LineBlock, file: Int, firstLine: Int) throws -> ImportBatch {
        let bytes = block.bytes
        // Taken out of the object while they are in use, so that no access to them is checked at run time.
        var parsed = self.parsed
        self.parsed = ParsedLines()
        switch task.form {
        case .outbound: OutboundLineParser.parse(bytes, into: &parsed)
        case .inbound: InboundLineParser.parse(bytes, into: &parsed)
        }
        defer { self.parsed = parsed }
        var results = self.results
        self.results = []
        defer { self.results = results }

        var state = BlockState(
            bytes: bytes,
            file: file,
            firstLine: firstLine,
            keepsRejected: task.keepsRejected
        )
        state.reserve(parsed.count)
        var resolver = SegmentResolver(task.targets, task.form)
        parsed.lines.withUnsafeBufferPointer { lines in
            for position in lines.indices {
                let line = lines[position]
                state.spans.append(line.line)
                guard line.problem == .none else {
                    state.early.append((position, .malformed, LineReason(line.problem)))
                    continue
                }
                let (changes, reason) = resolver.resolve(line, bytes)
                if reason != .none {
                    state.early.append((position, .malformed, reason))
                } else if changes.isEmpty {
                    state.early.append((position, .notRequested, .notRequested))
                    if state.sample.count < Self.sampleCount { state.sample.append(line.id) }
                } else {
                    state.candidates.append((UInt32(truncatingIfNeeded: position), changes))
                    state.offsets.append(line.id.offset)
                    state.lengths.append(line.id.length)
                }
            }
        }
        let readable = try readableCount(state.sample, bytes)
        try reconcile(&state, &results)
        return state.finish(block, resolver.changes, results, workspace, task, readableSample: readable)
    }

    /// How many IDs of lines that ask for nothing are in the form of the data source.
    private func readableCount(_ ids: [ByteSpan], _ bytes: UnsafeRawBufferPointer) throws -> Int {
        guard !ids.isEmpty else { return 0 }
        let offsets = ids.map(\.offset)
        let lengths = ids.map(\.length)
        var results = [Reconciliation](repeating: Reconciliation(.unknown), count: ids.count)
        try results.withUnsafeMutableBufferPointer { results in
            try offsets.withUnsafeBufferPointer { offsets in
                try lengths.withUnsafeBufferPointer { lengths in
                    try task.reconciler.reconcile(
                        bytes,
                        offsets: offsets,
                        lengths: lengths,
                        workspace: workspace,
                        into: results
                    )
                }
            }
        }
        return results.count { $0.outcome != .malformed && $0.outcome != .undecryptable }
    }

    private func reconcile(_ state: inout BlockState, _ results: inout [Reconciliation]) throws {
        let count = state.offsets.count
        if results.count < count {
            results = [Reconciliation](repeating: Reconciliation(.unknown), count: count * 2)
        }
        try results.withUnsafeMutableBufferPointer { results in
            try state.offsets.withUnsafeBufferPointer { offsets in
                try state.lengths.withUnsafeBufferPointer { lengths in
                    try task.reconciler.reconcile(
                        state.bytes,
                        offsets: offsets,
                        lengths: lengths,
                        workspace: workspace,
                        into: results
                    )
                }
            }
        }
    }
}

/// What is known of a block while it is worked on.
private struct BlockState {
    let bytes: UnsafeRawBufferPointer
    let file: Int
    let firstLine: Int
    let keepsRejected: Bool
    var spans: [ByteSpan] = []
    var candidates: [(line: UInt32, changes: Range<UInt32>)] = []
    var offsets: [UInt32] = []
    var lengths: [UInt32] = []
    /// Lines that were rejected before their IDs were looked at.
    var early: [(line: Int, state: LineState, reason: LineReason)] = []
    /// The IDs of some lines that ask for nothing.
    var sample: [ByteSpan] = []
    private var tally = LineTally()
    private var records = RejectedRecords()
    private var nextEarly = 0

    init(bytes: UnsafeRawBufferPointer, file: Int, firstLine: Int, keepsRejected: Bool) {
        self.bytes = bytes
        self.file = file
        self.firstLine = firstLine
        self.keepsRejected = keepsRejected
    }

    mutating func reserve(_ count: Int) {
        spans.reserveCapacity(count)
        candidates.reserveCapacity(count)
        offsets.reserveCapacity(count)
        lengths.reserveCapacity(count)
    }

    /// Rejects the lines in front of a position that were rejected early, so that records stay in the order of lines.
    private mutating func rejectEarly(before position: Int) {
        while nextEarly < early.count, early[nextEarly].line < position {
            let (line, state, reason) = early[nextEarly]
            nextEarly += 1
            reject(line, state, reason)
        }
    }

    private mutating func reject(_ position: Int, _ state: LineState, _ reason: LineReason) {
        tally.add(state, reason)
        guard keepsRejected else { return }
        records.append(
            spans[position].bytes(in: bytes),
            file: file,
            line: firstLine + position,
            reason.end(in: state)
        )
    }

    /// Sorts the reconciled lines into members and rejects.
    mutating func finish(
        _ block: LineBlock,
        _ changes: [MembershipChange],
        _ results: [Reconciliation],
        _ workspace: Reconciler.Workspace,
        _ task: ImportWorker.Task,
        readableSample: Int
    ) -> ImportBatch {
        var members = ImportMembers(capacity: candidates.count)
        var unknownIDs: [ByteSpan] = []
        let keepsAddresses = task.reconciler.mode != .profiles
        results.withUnsafeBufferPointer { results in
            for slot in 0..<candidates.count {
                let result = results[slot]
                let (line, changes) = candidates[slot]
                rejectEarly(before: Int(line))
                switch result.outcome {
                case .matched, .address:
                    members.append(result.entry, changes, line: line)
                    if keepsAddresses { members.appendAddress(workspace.address(at: slot)) }
                case .unknown:
                    reject(Int(line), .unknown, .unknownID)
                    if task.keepsUnknown {
                        let start = Int(offsets[slot])
                        unknownIDs.append(ByteSpan(start, start + Int(lengths[slot])))
                    }
                case .malformed:
                    reject(Int(line), .malformed, LineReason(result.reason))
                case .undecryptable:
                    reject(Int(line), .undecryptable, LineReason(result.reason))
                }
            }
        }
        rejectEarly(before: spans.count)
        return ImportBatch(
            block: block,
            firstLine: firstLine,
            members: members,
            changes: changes,
            spans: spans,
            tally: tally,
            rejected: records.bytes,
            unknownIDs: unknownIDs,
            readableSample: readableSample
        )
    }
}
