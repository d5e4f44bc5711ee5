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
    private static let idsForThreads = 1_000

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

    /// Finds who comes into segments and who leaves.
    ///
    /// - Parameters:
    ///   - rules: The rules over traits, at most ``segmentsAtATime``.
    ///   - whole: Whether everybody leaves for whom a rule doesn't hold, even those who are not looked at.
    ///   - excluded: Who is never in.
    ///   - stored: Reads who is in so far, by the place of the rule; called on this thread.
    ///   - body: Is given the place of each rule and what changes, in order; called on this thread.
    /// - Throws: What the database answers.
    func forEachChange(
        of rules: [SegmentRule],
        whole: Bool,
        without excluded: MemberSet,
        stored: (Int) throws -> StoredMembers,
        _ body: (Int, MemberChange, PieceChanges) throws -> Void
    ) throws {
        let question = try question(rules)
        try onAllCores(rules.indices) { place in
            (place, rules[place], try stored(place))
        } work: { place, rule, stored in
            let change = try question.change(rule, stored, whole: whole, without: excluded)
            return (place, change, try PieceChanges(stored, change))
        } finish: { place, change, pieces in
            try body(place, change, pieces)
        }
    }

    /// For whom a rule holds.
    ///
    /// - Parameters:
    ///   - rule: The rule over traits.
    ///   - excluded: Who is never in.
    /// - Returns: Those who are in, of those whose membership follows from what is looked at.
    /// - Throws: What the database answers.
    func members(of rule: SegmentRule, without excluded: MemberSet) throws -> MemberSet {
        try question([rule]).members(of: rule).subtracting(excluded)
    }

    /// Reads what rules ask for.
    private func question(_ rules: [SegmentRule]) throws -> Question {
        let conditions = rules.flatMap(\.expression.conditions)
        var entries: [SID: [RealizationStore.Entry]] = [:]
        var traits: Set<SID> = []
        for condition in conditions {
            guard condition.isCount else {
                traits.formUnion(condition.traits)
                continue
            }
            for trait in condition.traits { entries[trait] = try realizations.entries(of: trait) }
        }
        return Question(
            evidence: evidence,
            today: today,
            holders: try keep(traits),
            present: present,
            entries: entries
        )
    }

    /// Finds the bits of traits that the next segments may ask for too.
    ///
    /// - Returns: Who has those traits for which there is no room.
    private func keep(_ traits: Set<SID>) throws -> [SID: RealizationCache.Holders] {
        let room = Self.keptByteCount / max(1, evidence.positions.wordCount * 8) - present.count
        let missing = traits.filter { present[$0] == nil }.sorted()
        let evidence = evidence
        try onAllCores(missing.prefix(max(0, room))) { trait in
            (trait, try realizations.holders(of: trait))
        } work: { trait, holders in
            (trait, try evidence.presence(of: holders))
        } finish: { trait, bits in
            present[trait] = bits
        }
        let rest = missing.dropFirst(max(0, room))
        return Dictionary(uniqueKeysWithValues: try rest.map { ($0, try realizations.holders(of: $0)) })
    }

    /// Reads and finishes on this thread, which alone has the database, and lets all cores work meanwhile.
    private func onAllCores<Key, Input, Output>(
        _ keys: some Sequence<Key>,
        read: (Key) throws -> Input,
        work: @Sendable (Input) throws -> Output,
        finish: (Output) throws -> Void
    ) throws {
        guard evidence.positions.count > Self.idsForThreads else {
            for key in keys { try finish(work(read(key))) }
            return
        }
        var rest = keys.makeIterator()
        try OrderedBatches.run(
            width: ProcessInfo.processInfo.activeProcessorCount,
            producingHere: { try rest.next().map(read) },
            work: work,
            finish: finish
        )
    }

    /// What a rule asks, answered on any thread.
    private struct Question: Sendable {
        let evidence: SegmentEvidence
        let today: Day
        /// Who has the traits that are not in ``present``.
        let holders: [SID: RealizationCache.Holders]
        let present: [SID: Bits]
        let entries: [SID: [RealizationStore.Entry]]

        func members(of rule: SegmentRule) throws -> MemberSet {
            evidence.positions.members(try bits(of: rule))
        }

        func change(
            _ rule: SegmentRule,
            _ stored: StoredMembers,
            whole: Bool,
            without excluded: MemberSet
        ) throws -> MemberChange {
            guard !whole else {
                return MemberChange(from: try stored.members, to: try members(of: rule).subtracting(excluded))
            }
            // Nobody who has a position is excluded.
            let positions = evidence.positions
            var (added, removed) = (try bits(of: rule), try positions.bits(of: [stored]))
            for word in added.indices {
                let (new, old) = (added[word], removed[word] & evidence.decidedBits[word])
                added[word] = new & ~old
                removed[word] = old & ~new
            }
            let outside = evidence.outside.isEmpty ? .empty : try stored.members(among: evidence.outside)
            return MemberChange(
                added: positions.members(added),
                removed: positions.members(removed).union(outside)
            )
        }

        private func bits(of rule: SegmentRule) throws -> Bits {
            let bits = try SegmentProgram(rule).members(
                among: evidence.positions.count,
                on: today,
                presence: { try presence(of: $0) },
                realizations: { realizations(of: $0) }
            )
            return evidence.members(bits)
        }

        private func presence(of trait: SID) throws -> Bits {
            try present[trait] ?? evidence.presence(of: holders[trait] ?? .stored([]))
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

extension SegmentEvidence {
    /// The bits of those for whom a trait counts.
    fileprivate func presence(of holders: RealizationCache.Holders) throws -> Bits {
        switch holders {
        case .members(let members): gathered(positions.bits(of: members))
        case .stored(let sets): gathered(try positions.bits(of: sets))
        }
    }
}
