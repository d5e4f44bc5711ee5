// SPDX-License-Identifier: Apache-2.0

import Conditions
import Foundation
import Matching

/// Finds the members of segments under one merge rule, some segments at a time on all cores.
///
/// Who has a trait is found once for all segments, as long as there is room. Not shared between threads.
final class SegmentFacts {
    fileprivate typealias Bits = ContiguousArray<UInt64>

    /// How many segments to give at a time.
    static let segmentsAtATime = 64

    /// How many bytes of bits are kept for the next segments.
    private static let keptByteCount = 256 << 20
    /// How many IDs are looked at before more than one thread pays.
    private static let idsForThreads = 20_000

    /// Whose traits count for whom.
    let evidence: SegmentEvidence
    private let realizations: RealizationCache
    private let today: Day
    private var present: [SID: Bits] = [:]

    /// Nothing was asked yet.
    init(_ evidence: SegmentEvidence, _ realizations: RealizationCache, on today: Day) {
        self.evidence = evidence
        self.realizations = realizations
        self.today = today
    }

    /// Who comes into segments and who leaves.
    ///
    /// - Parameters:
    ///   - rules: The rules over traits.
    ///   - stored: Who is in so far, for each rule.
    ///   - decided: Those whose membership follows from what is looked at; nobody else leaves.
    ///   - excluded: Who is never in.
    /// - Returns: The change for each rule.
    /// - Throws: What the database answers.
    func changes(
        of rules: [SegmentRule],
        _ stored: [StoredMembers],
        among decided: TouchedIDs,
        without excluded: MemberSet
    ) throws -> [MemberChange] {
        let question = try question(rules)
        return try each(Array(zip(rules, stored))) { rule, stored in
            let members = question.members(of: rule).subtracting(excluded)
            return MemberChange(from: decided.members(stored), to: members)
        }
    }

    /// For whom rules hold.
    ///
    /// - Parameters:
    ///   - rules: The rules over traits.
    ///   - excluded: Who is never in.
    /// - Returns: For each rule those who are in, of those whose membership follows from what is looked at.
    /// - Throws: What the database answers.
    func members(of rules: [SegmentRule], without excluded: MemberSet) throws -> [MemberSet] {
        let question = try question(rules)
        return try each(rules) { question.members(of: $0).subtracting(excluded) }
    }

    /// Reads what rules ask for.
    private func question(_ rules: [SegmentRule]) throws -> Question {
        let conditions = rules.flatMap(\.expression.conditions)
        var entries: [SID: [RealizationStore.Entry]] = [:]
        var members: [SID: MemberSet] = [:]
        for condition in conditions {
            for trait in condition.traits {
                if condition.isCount {
                    entries[trait] = try realizations.entries(of: trait)
                } else {
                    members[trait] = try realizations.members(of: trait)
                }
            }
        }
        try keep(members)
        return Question(
            evidence: evidence,
            today: today,
            present: present,
            members: members,
            entries: entries
        )
    }

    /// Finds the bits of traits that the next segments may ask for too.
    private func keep(_ members: [SID: MemberSet]) throws {
        let room = Self.keptByteCount / max(1, evidence.positions.wordCount * 8) - present.count
        let missing = members.filter { present[$0.key] == nil }.prefix(max(0, room))
        let evidence = evidence
        let bits = try each(Array(missing)) { evidence.gathered(evidence.positions.bits(of: $0.value)) }
        for (trait, bits) in zip(missing, bits) { present[trait.key] = bits }
    }

    private func each<Input: Sendable, Output: Sendable>(
        _ inputs: [Input],
        _ work: @Sendable (Input) -> Output
    ) throws -> [Output] {
        let width = min(ProcessInfo.processInfo.activeProcessorCount, inputs.count)
        guard width > 1, evidence.positions.count > Self.idsForThreads else { return inputs.map(work) }
        var rest = inputs.makeIterator()
        var outputs: [Output] = []
        try OrderedBatches.run(
            width: width,
            produce: { rest.next() },
            makeWorkspace: {},
            work: { _, input in work(input) },
            finish: { outputs.append($0) }
        )
        return outputs
    }

    /// What a rule asks, answered on any thread.
    private struct Question: Sendable {
        let evidence: SegmentEvidence
        let today: Day
        let present: [SID: Bits]
        let members: [SID: MemberSet]
        let entries: [SID: [RealizationStore.Entry]]

        func members(of rule: SegmentRule) -> MemberSet {
            let bits = SegmentProgram(rule).members(
                among: evidence.positions.count,
                on: today,
                presence: { presence(of: $0) },
                realizations: { realizations(of: $0) }
            )
            return evidence.members(bits)
        }

        private func presence(of trait: SID) -> Bits {
            present[trait] ?? evidence.gathered(evidence.positions.bits(of: members[trait] ?? .empty))
        }

        private func realizations(of trait: SID) -> [TraitRealizations] {
            var all: [TraitRealizations] = []
            for entry in entries[trait] ?? [] {
                for (index, set) in entry.levels.sets.enumerated() {
                    // Those of several IDs that count for one come beside each other, so that they add up.
                    for bits in evidence.separately(evidence.positions.bits(of: set)) {
                        all.append(TraitRealizations(day: entry.day, level: index + 1, bits: bits))
                    }
                }
            }
            return all
        }
    }
}
