// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Matching
import Storage

/// Gives every line of a run exactly one state, in the order of the files, and collects the members.
final class LineAccountant {
    /// What an audience gains and loses.
    enum Collection {
        case profiles(MemberSetBuilder)
        case addresses(SortedListBuilder)
    }

    /// Lines received so far.
    private(set) var received = 0

    /// How many of some lines that ask for nothing had an ID in the form of the data source.
    private(set) var readableSample = 0

    private var tally = LineTally()

    /// For each target of the run.
    let collections: [Collection]

    /// Is given the ID, or the decrypted address, of each line that no profile has; for previews.
    var observeUnknown: ((UnsafeRawBufferPointer) throws -> Void)?

    /// Whether rejected lines are kept.
    var keepsRejected: Bool { rejected != nil }

    /// The number of the current file, from 1.
    var fileNumber: Int { file }

    /// For each target the builder of its members; unused for targets of addresses.
    private let builders: [MemberSetBuilder]
    private let isSimple: Bool
    private let takesRemovals: Bool
    private let index: IDIndex
    private let optedOut: MemberSet
    private let hasOptedOut: Bool
    private let form: ImportForm
    private let seen: SeenSet
    /// Addresses without a profile, to tell which occurred before.
    private let strangers: SortedListBuilder?
    private let rejected: RejectedLines?
    /// Lines of each user so far, by position in the index; only inbound files have a limit.
    private var linesOfUser: [UInt8] = []
    private var file = 0
    private var line = 0

    /// Begins to account for a run.
    ///
    /// - Parameters:
    ///   - targets: The audiences to fill.
    ///   - index: The index that the lines are reconciled with.
    ///   - optedOut: Profiles that opted out of sharing.
    ///   - form: How the lines are written and what they do.
    ///   - spool: A directory for sorting addresses.
    ///   - rejected: Where rejected lines are kept; nowhere, when nothing is stored.
    init(
        targets: ImportTargets,
        index: IDIndex,
        optedOut: MemberSet,
        form: ImportForm,
        spool: String,
        rejected: RejectedLines?
    ) {
        self.index = index
        self.optedOut = optedOut
        hasOptedOut = !optedOut.isEmpty
        self.form = form
        self.rejected = rejected
        seen = SeenSet(positionCount: index.positionCount)
        strangers =
            targets.hasAddresses ? SortedListBuilder(directory: spool, memoryByteLimit: 64 << 20) : nil
        collections = targets.all.map { target in
            target.isOfAddresses
                ? .addresses(SortedListBuilder(directory: spool, memoryByteLimit: 64 << 20))
                : .profiles(MemberSetBuilder())
        }
        builders = collections.map { collection in
            if case .profiles(let builder) = collection { builder } else { MemberSetBuilder() }
        }
        takesRemovals = form.takesRemovals
        isSimple =
            optedOut.isEmpty && strangers == nil && !form.hasLineLimit && !form.replacesListedUsers
        if form.hasLineLimit {
            linesOfUser = [UInt8](repeating: 0, count: index.positionCount)
        }
    }

    /// Begins the next file.
    func beginFile() {
        file += 1
        line = 0
    }

    /// How many lines the current file had so far.
    var linesOfFile: Int { line }

    /// The states of all lines; addresses that occurred before are told apart only now.
    func finish() throws -> (counts: LineCounts, reasons: [Receipt.Reason]) {
        if let strangers {
            let appended = strangers.appendCount
            let operations = try strangers.finish()
            while try operations.next() != nil {}
            let repeated = appended - operations.distinctCount
            tally.add(.matched, .none, -repeated)
            tally.add(.duplicate, .none, repeated)
        }
        var counts = LineCounts()
        var reasons: [Receipt.Reason] = []
        for state in LineState.allCases {
            for reason in LineReason.allCases {
                let lines = tally[state, reason]
                guard lines > 0 else { continue }
                counts[state] += lines
                if reason != .none {
                    reasons.append(Receipt.Reason(state: state.rawValue, reason: reason.code, lines: lines))
                }
            }
        }
        return (counts, reasons)
    }

    /// Accounts for a fragment of a line that is too long for anything.
    func take(overlong fragment: UnsafeRawBufferPointer, isFirst: Bool, isLast: Bool) throws {
        if isFirst {
            received += 1
            line += 1
            tally.add(.malformed, .lineTooLong)
            rejected?.begin(file: file, line: line, LineReason.lineTooLong.end(in: .malformed))
        }
        var bytes = fragment
        if isLast, bytes.last == 0x0A { bytes = UnsafeRawBufferPointer(rebasing: bytes.dropLast()) }
        try rejected?.append(fragment: bytes)
        if isLast { rejected?.end() }
    }

    /// Accounts for the lines of a batch.
    func take(_ batch: ImportBatch) throws {
        received += batch.lineCount
        line += batch.lineCount
        readableSample += batch.readableSample
        // Counted in a variable of its own, so that no access to the object's is checked for each line.
        var tally = batch.tally
        try rejected?.append(batch.rejected)
        try batch.entries.withUnsafeBufferPointer { entries in
            for run in batch.runs {
                if isSimple, run.isOfSingles {
                    takeSingles(UnsafeBufferPointer(rebasing: entries[run.members]), run, batch, &tally)
                    continue
                }
                for position in run.members {
                    let member = batch.member(position, run)
                    let (state, reason) = try state(of: member, batch)
                    tally.add(state, reason)
                    if reason != .none { try keep(member, batch, state, reason) }
                }
            }
        }
        self.tally.add(tally)
        if let observeUnknown {
            for id in batch.unknownIDs { try observeUnknown(id.bytes(in: batch.block.bytes)) }
        }
    }

    private func keep(
        _ member: ImportBatch.Member,
        _ batch: ImportBatch,
        _ state: LineState,
        _ reason: LineReason
    ) throws {
        if let observeUnknown, state == .unknown {
            try batch.withAddress(member.address) { try observeUnknown($0) }
        }
        guard let rejected else { return }
        let bytes = batch.spans[Int(member.line)].bytes(in: batch.block.bytes)
        let line = batch.firstLine + Int(member.line)
        try rejected.append(bytes, file: file, line: line, reason.end(in: state))
    }

    @inline(__always)
    private func state(of member: ImportBatch.Member, _ batch: ImportBatch) throws -> (LineState, LineReason)
    {
        guard member.entry.isFound else { return try stranger(member, batch) }
        return try self.member(member, batch)
    }

    /// The common case: no opt-outs, no limits, no addresses, one profile for each ID.
    private func takeSingles(
        _ entries: UnsafeBufferPointer<IDIndex.Entry>,
        _ run: ImportBatch.Run,
        _ batch: ImportBatch,
        _ tally: inout LineTally
    ) {
        for index in run.changes {
            let change = batch.changes[Int(index)]
            if !change.isRemoval {
                builders[change.target].insert(contentsOf: entries)
            } else if takesRemovals {
                builders[change.target].remove(contentsOf: entries)
            }
        }
        let newCount = seen.insert(contentsOf: entries)
        tally.add(.matched, .none, newCount)
        tally.add(.duplicate, .none, entries.count - newCount)
    }

    private func member(_ line: ImportBatch.Member, _ batch: ImportBatch) throws -> (LineState, LineReason) {
        if form.hasLineLimit {
            let position = Int(line.entry.position)
            guard linesOfUser[position] < LineLimits.linesPerUser else { return (.excess, .overLineLimit) }
            linesOfUser[position] += 1
        }
        if let number = line.entry.number {
            guard !hasOptedOut || !optedOut.contains(number) else { return (.suppressed, .optedOut) }
            let isNew = seen.insert(line.entry)
            try apply(line, batch, number, isFirst: isNew)
            try keepAddress(line, batch)
            return (isNew ? .matched : .duplicate, .none)
        }
        let numbers = index.numbers(of: line.entry).filter { !optedOut.contains($0) }
        guard !numbers.isEmpty else { return (.suppressed, .optedOut) }
        let isNew = seen.insert(line.entry)
        for number in numbers { try apply(line, batch, number, isFirst: isNew) }
        try keepAddress(line, batch)
        return (isNew ? .matched : .duplicate, .none)
    }

    private func apply(
        _ line: ImportBatch.Member,
        _ batch: ImportBatch,
        _ number: ProfileNumber,
        isFirst: Bool
    ) throws {
        if form.replacesListedUsers, isFirst {
            for case .profiles(let members) in collections { members.remove(number) }
        }
        for index in line.changes {
            let change = batch.changes[Int(index)]
            guard case .profiles(let members) = collections[change.target] else { continue }
            if !change.isRemoval {
                members.insert(number)
            } else if form.takesRemovals {
                members.remove(number)
            }
        }
    }

    /// An address without a profile: a member of File audiences, and unknown to all others.
    private func stranger(_ line: ImportBatch.Member, _ batch: ImportBatch) throws -> (LineState, LineReason)
    {
        guard try keepAddress(line, batch) else { return (.unknown, .unknownID) }
        try batch.withAddress(line.address) { try strangers?.append($0) }
        return (.matched, .none)
    }

    @discardableResult
    private func keepAddress(_ line: ImportBatch.Member, _ batch: ImportBatch) throws -> Bool {
        guard strangers != nil else { return false }
        var isKept = false
        for index in line.changes {
            let change = batch.changes[Int(index)]
            guard case .addresses(let list) = collections[change.target] else { continue }
            isKept = true
            guard !change.isRemoval || form.takesRemovals else { continue }
            try batch.withAddress(line.address) { try list.append($0, isRemoval: change.isRemoval) }
        }
        return isKept
    }
}
