// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Matching
import Storage

/// Gives each line of a set exactly one state, in order: numbers of new IDs, the limit of lines for each user, opt-outs.
///
/// One for a set; not shared between threads.
final class OnboardingAccountant {
    // No access to these meets another one, so none is checked at run time for each line.

    /// What a set's lines led to.
    @exclusivity(unchecked) private(set) var tally = OnboardingTally()
    /// How many lines ended for each reason.
    @exclusivity(unchecked) private(set) var reasons = [Int](
        repeating: 0,
        count: OnboardingReason.allCases.count
    )
    /// The traits whose regular expressions gave up values.
    private(set) var abandonedTraits: Set<SID> = []
    /// IDs that were met first.
    let newIDs: NewIDs

    private let source: DataSource
    private let collector: RealizationCollector
    private let rejects: RejectedLines
    private let optedOut: NumberFlags
    @exclusivity(unchecked) private var users: NumberFlags
    /// Whether to note who is listed, and who is.
    private let listsUsers: Bool
    @exclusivity(unchecked) private var listed = NumberFlags()
    /// How many lines each ID had so far, by its number.
    @exclusivity(unchecked) private var lineCounts: [UInt8]
    /// The lines of IDs that nobody knows and that no line gave a trait so far, which have no number.
    @exclusivity(unchecked) private var unnumbered = LinesPerUserLimit()
    private var fileNumber = 0
    @exclusivity(unchecked) private var isRepeated = false

    /// Prepares to account for a set.
    ///
    /// - Parameters:
    ///   - source: The data source of the IDs.
    ///   - traits: All traits.
    ///   - idCount: The number of IDs that are known.
    ///   - optedOut: IDs whose lines count for nothing.
    ///   - listsUsers: Whether to note whom the lines list, to replace their traits.
    ///   - rejects: Keeps the lines that led to nothing.
    init(
        _ source: DataSource,
        _ traits: [Trait],
        idCount: Int,
        optedOut: MemberSet,
        listsUsers: Bool,
        rejects: RejectedLines
    ) {
        self.source = source
        self.listsUsers = listsUsers
        self.rejects = rejects
        self.optedOut = NumberFlags(optedOut)
        users = NumberFlags()
        collector = RealizationCollector(traits)
        newIDs = NewIDs(first: idCount)
        lineCounts = Array(repeating: 0, count: idCount)
    }

    /// Goes on with the next file of the set.
    ///
    /// - Parameter isRepeated: Whether an earlier run read it.
    func beginFile(isRepeated: Bool) {
        fileNumber += 1
        self.isRepeated = isRepeated
    }

    /// Accounts for a block of lines.
    func take(_ batch: OnboardingBatch) throws {
        tally.received += batch.lines.count
        tally.abandonedRules += batch.abandonedRuleCount
        abandonedTraits.formUnion(batch.abandonedTraits)
        let bytes = batch.block.bytes
        var operationsStart = 0
        for (place, line) in batch.lines.enumerated() {
            let operations = batch.operations[operationsStart..<line.operationsEnd]
            operationsStart = line.operationsEnd
            let reason = take(line, operations, bytes)
            tally.count(reason)
            reasons[Int(reason.rawValue)] += 1
            if reason.isProcessed { tally.count(line.signals) }
            guard reason != .none else { continue }
            // The place is enough for those who opted out: nobody delivers their lines again.
            let isKept = reason != .optedOut
            try rejects.append(
                isKept ? line.span.bytes(in: bytes) : UnsafeRawBufferPointer(start: nil, count: 0),
                file: fileNumber,
                line: batch.firstLine + place,
                reason.end
            )
        }
    }

    /// Accounts for a line that is longer than a block, piece by piece.
    func take(overlong fragment: UnsafeRawBufferPointer, line: Int, isFirst: Bool, isLast: Bool) throws {
        if isFirst {
            tally.received += 1
            tally.count(.lineTooLong)
            reasons[Int(OnboardingReason.lineTooLong.rawValue)] += 1
            rejects.begin(file: fileNumber, line: line, OnboardingReason.lineTooLong.end)
        }
        let isEnded = isLast && fragment.last == 0x0A
        try rejects.append(
            fragment: UnsafeRawBufferPointer(rebasing: isEnded ? fragment.dropLast() : fragment[...])
        )
        if isLast { rejects.end() }
    }

    /// What the lines did to the traits.
    func finish() -> [(trait: Trait, change: RealizationStore.Change)] {
        tally.newIDs = newIDs.count
        tally.totalDevices = users.count
        return collector.finish()
    }

    /// The IDs of stored lines.
    var storedIDs: MemberSet { users.members }

    /// The IDs of lines in files that were not read before, if they are noted: those whose traits are replaced.
    var listedIDs: MemberSet { listed.members }

    private func take(
        _ line: OnboardingBatch.Line,
        _ operations: ArraySlice<UInt32>,
        _ bytes: UnsafeRawBufferPointer
    ) -> OnboardingReason {
        guard line.reason == .none else { return line.reason }
        var number = line.number
        if number == OnboardingBatch.noNumber {
            guard source.idType.keepsUnknown else { return .unknownID }
            let id = line.id.bytes(in: bytes)
            if let known = newIDs.number(of: line.key) {
                number = known
            } else {
                guard !operations.isEmpty else {
                    return unnumbered.admit(id) ? .noTraitRealized : .overLineLimit
                }
                let earlierLines = unnumbered.count(of: id)
                guard earlierLines < LineLimits.linesPerUser else { return .overLineLimit }
                number = newIDs.number(of: line.key, id, source.namespace)
                lineCounts.append(UInt8(earlierLines))
            }
        }
        guard !optedOut.contains(number) else { return .optedOut }
        guard lineCounts[Int(number)] < LineLimits.linesPerUser else { return .overLineLimit }
        lineCounts[Int(number)] += 1
        // Whom an overwrite file lists, loses the old traits even if the line brings no new one.
        if listsUsers, !isRepeated { listed.insert(number) }
        guard !operations.isEmpty else { return .noTraitRealized }
        users.insert(number)
        for operation in operations {
            if operation & 1 == 0 { tally.realizedTraits += 1 } else { tally.removedTraits += 1 }
        }
        collector.note(operations, of: number)
        return .none
    }
}
