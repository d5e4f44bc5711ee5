// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Matching

/// Gives every line of a run exactly one state, in the order of the files, and collects the members.
final class LineAccountant {
    /// What an audience gains and loses.
    enum Collection {
        case profiles(MemberSetBuilder)
        case addresses(SortedListBuilder)
    }

    /// Lines received so far.
    private(set) var received = 0

    /// How many lines ended in each state for each reason.
    private(set) var tally: [[Int]]

    /// For each target of the run.
    let collections: [Collection]

    /// Is given the ID, or the decrypted address, of each line that no profile has; for previews.
    var observeUnknown: ((UnsafeRawBufferPointer) throws -> Void)?

    private let targets: ImportTargets
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
        targets: ImportTargets, index: IDIndex, optedOut: MemberSet, form: ImportForm, spool: String,
        rejected: RejectedLines?
    ) {
        self.targets = targets
        self.index = index
        self.optedOut = optedOut
        hasOptedOut = !optedOut.isEmpty
        self.form = form
        self.rejected = rejected
        seen = SeenSet(positionCount: index.positionCount)
        strangers = targets.hasAddresses ? SortedListBuilder(directory: spool, memoryByteLimit: 64 << 20) : nil
        collections = targets.all.map { target in
            target.isOfAddresses
                ? .addresses(SortedListBuilder(directory: spool, memoryByteLimit: 64 << 20))
                : .profiles(MemberSetBuilder())
        }
        tally = LineState.allCases.map { _ in [Int](repeating: 0, count: LineReason.allCases.count) }
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
            tally[LineState.matched.position][0] -= repeated
            tally[LineState.duplicate.position][0] += repeated
        }
        var counts = LineCounts()
        var reasons: [Receipt.Reason] = []
        for state in LineState.allCases {
            for reason in LineReason.allCases {
                let lines = tally[state.position][Int(reason.rawValue)]
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
            count(.malformed, .lineTooLong)
            rejected?.begin(file: file, line: line, .malformed, .lineTooLong)
        }
        var bytes = fragment
        if isLast, bytes.last == 0x0A { bytes = UnsafeRawBufferPointer(rebasing: bytes.dropLast()) }
        try rejected?.append(fragment: bytes)
        if isLast { rejected?.end() }
    }

    /// Accounts for the lines of a batch.
    func take(_ batch: ImportBatch) throws {
        received += batch.lines.count
        try batch.lines.withUnsafeBufferPointer { lines in
            for position in lines.indices {
                line += 1
                let (state, reason) = try state(of: lines[position], batch)
                count(state, reason)
                if let observeUnknown { try observe(observeUnknown, lines[position], batch, position, state) }
                if reason != .none, let rejected {
                    let bytes = batch.spans[position].bytes(in: batch.block.bytes)
                    try rejected.append(bytes, file: file, line: line, state, reason)
                }
            }
        }
    }

    private func observe(
        _ observer: (UnsafeRawBufferPointer) throws -> Void, _ line: ImportBatch.Line, _ batch: ImportBatch,
        _ position: Int, _ state: LineState
    ) throws {
        if line.outcome == .address {
            try batch.withAddress(line.address) { try observer($0) }
        } else if state == .unknown {
            try observer(batch.ids[position].bytes(in: batch.block.bytes))
        }
    }

    @inline(__always)
    private func count(_ state: LineState, _ reason: LineReason) {
        tally[state.position][Int(reason.rawValue)] &+= 1
    }

    @inline(__always)
    private func state(of line: ImportBatch.Line, _ batch: ImportBatch) throws -> (LineState, LineReason) {
        switch line.outcome {
        case .matched:
            return try member(line, batch)
        case .address:
            return try stranger(line, batch)
        case .malformed:
            return (.malformed, line.reason)
        case .undecryptable:
            return (.undecryptable, line.reason)
        case .unknown:
            return line.isRequested ? (.unknown, .unknownID) : (.notRequested, .notRequested)
        }
    }

    private func member(_ line: ImportBatch.Line, _ batch: ImportBatch) throws -> (LineState, LineReason) {
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
        _ line: ImportBatch.Line, _ batch: ImportBatch, _ number: ProfileNumber, isFirst: Bool
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
    private func stranger(_ line: ImportBatch.Line, _ batch: ImportBatch) throws -> (LineState, LineReason) {
        guard try keepAddress(line, batch) else { return (.unknown, .unknownID) }
        try batch.withAddress(line.address) { try strangers?.append($0) }
        return (.matched, .none)
    }

    @discardableResult
    private func keepAddress(_ line: ImportBatch.Line, _ batch: ImportBatch) throws -> Bool {
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

/// How the lines of a set of files are written and what they do to audiences.
struct ImportForm: Sendable {
    /// The grammar of a line.
    let lines: LineForm
    /// Whether the files hold all members, so that who isn't named is out.
    let isFull: Bool
    /// Whether a listed user leaves every segment that the file doesn't name for it (`.overwrite`).
    let replacesListedUsers: Bool

    /// Whether removed segments count; a full file lists members only.
    var takesRemovals: Bool { !isFull }

    /// Whether a user may have only so many lines.
    var hasLineLimit: Bool { lines == .inbound }
}
