// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Problems
import Terminal

/// Brings the members of segments up to date after a change, by looking only at the IDs that it touches.
struct SegmentEvaluation {
    /// What changed.
    struct Scope {
        /// IDs whose traits or links changed.
        var touched: MemberSet
        /// The traits that changed; `nil` when links changed, which matters to all segments.
        var traits: Set<SID>?
    }

    private let database: Database
    private let today: Day
    private let time: Int64
    private let optedOut: MemberSet

    /// Prepares to evaluate within a transaction.
    ///
    /// - Parameters:
    ///   - database: The database, with the changes.
    ///   - milliseconds: The current time.
    /// - Throws: What the database answers.
    init(in database: Database, at milliseconds: Int64) throws {
        self.database = database
        time = milliseconds
        today = Day(milliseconds: milliseconds)
        optedOut = try IDStore().members(of: .optedOut, in: database)
    }

    /// Brings the segments up to date.
    ///
    /// - Parameter scope: What changed.
    /// - Returns: What changed in segments.
    /// - Throws: What the database answers.
    func update(_ scope: Scope) throws -> [Receipt.Segment] {
        guard !scope.touched.isEmpty else { return [] }
        let segments = try SegmentStore().active(referringTo: scope.traits, in: database)
        var changes: [Receipt.Segment] = []
        for (number, segments) in Dictionary(grouping: segments, by: \.mergeRule) {
            let evidence = try evidence(scope.touched, mergeRule: number)
            let facts = facts(evidence, realizations(TouchedIDs(evidence.positions.members)))
            changes += try update(segments, facts, TouchedIDs(evidence.decided))
        }
        return changes.sorted { $0.segment < $1.segment }
    }

    /// Evaluates segments anew for everybody.
    ///
    /// - Parameter segments: The segments.
    /// - Returns: What changed.
    /// - Throws: What the database answers.
    func evaluate(_ segments: [Segment]) throws -> [Receipt.Segment] {
        var changes: [Receipt.Segment] = []
        let realizations = realizations(.all)
        for (number, segments) in Dictionary(grouping: segments, by: \.mergeRule) {
            let touched = try whoCanBeIn(segments.map(parse), realizations)
            let facts = facts(try evidence(touched, mergeRule: number), realizations)
            changes += try update(segments, facts, .all)
        }
        return changes.sorted { $0.segment < $1.segment }
    }

    /// Who would be in a segment.
    ///
    /// - Parameters:
    ///   - rule: The rule over traits.
    ///   - mergeRule: The number of the merge rule.
    /// - Returns: IDs of devices and people.
    /// - Throws: What the database answers.
    func members(of rule: SegmentRule, mergeRule: Int) throws -> MemberSet {
        let realizations = realizations(.all)
        let evidence = try evidence(whoCanBeIn([rule], realizations), mergeRule: mergeRule)
        return try facts(evidence, realizations).members(of: rule, without: optedOut)
    }

    /// No rule holds for somebody without any of its traits.
    private func whoCanBeIn(_ rules: [SegmentRule], _ realizations: RealizationCache) throws -> MemberSet {
        let traits = rules.reduce(into: Set<SID>()) { $0.formUnion($1.traits) }
        return MemberSet.union(of: try traits.map { try realizations.members(of: $0) })
    }

    private func realizations(_ touched: TouchedIDs) -> RealizationCache {
        RealizationCache(database, today, touched)
    }

    private func evidence(_ touched: MemberSet, mergeRule: Int) throws -> SegmentEvidence {
        let rule = try MergeRuleStore().find(mergeRule, in: database)
        return try SegmentEvidence(touched: touched, rule, without: optedOut, in: database)
    }

    private func facts(_ evidence: SegmentEvidence, _ realizations: RealizationCache) -> SegmentFacts {
        SegmentFacts(evidence, realizations, on: today)
    }

    private func update(
        _ segments: [Segment],
        _ facts: SegmentFacts,
        _ decided: TouchedIDs
    ) throws -> [Receipt.Segment] {
        var changes: [Receipt.Segment] = []
        let progress = Progress("evaluating segments")
        defer { progress.finish() }
        for start in stride(from: 0, to: segments.count, by: SegmentFacts.segmentsAtATime) {
            let part = Array(segments[start...].prefix(SegmentFacts.segmentsAtATime))
            try facts.forEachChange(
                of: part.map(parse),
                whole: !decided.isSome,
                without: optedOut,
                stored: { try SegmentStore().stored(part[$0].sid, decided.blocks, in: database) }
            ) { place, change, pieces in
                let change = try SegmentStore()
                    .change(part[place].sid, change, pieces, at: time, in: database)
                if let change { changes.append(change) }
                progress.show(start + place + 1, of: segments.count, "segments")
            }
        }
        return changes
    }

    private func parse(_ segment: Segment) throws -> SegmentRule {
        do {
            return try SegmentRule.parse(segment.rule)
        } catch {
            throw Problem(.ruleRefused, "The rule of segment \(segment.sid): \(error)", field: "rule")
        }
    }
}
