// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage
import Terminal

/// What people do with merge rules: make, change and delete them.
package struct MergeRules {
    private static let usersShown = 10

    private let service: PeopleService

    package init(_ service: PeopleService) {
        self.service = service
    }

    /// Makes a merge rule.
    ///
    /// - Parameter rule: The rule; its number is given here.
    /// - Returns: The rule with its number.
    /// - Throws: ``Problem`` of kind `people.merge-rule-refused` or `people.data-source-unknown`.
    package func create(_ rule: MergeRule) throws -> MergeRule {
        try change { try MergeRuleStore().add(rule, at: service.world.milliseconds, in: $0) }
    }

    /// Changes a merge rule; the members of its segments are found anew where it counts other profiles.
    ///
    /// - Parameters:
    ///   - number: Its number.
    ///   - body: Changes what can be changed: everything but its number. One that gets data sources by name no longer
    ///     takes new ones by itself.
    /// - Returns: The rule, what changed in segments, and why members of its segments can't leave to destinations.
    /// - Throws: ``Problem`` of kind `people.merge-rule-unknown`, `people.merge-rule-refused`,
    ///   `people.data-source-unknown`, or `people.restriction-forbids` where a segment is sent to a destination already
    ///   that a restriction forbids.
    package func update(_ number: Int, _ body: (inout MergeRule) throws -> Void) throws -> (
        rule: MergeRule, segments: [Receipt.Segment], obstacles: [Problem]
    ) {
        try change { database in
            let old = try MergeRuleStore().find(number, in: database)
            var rule = old
            try body(&rule)
            guard rule.isDefault || !old.isDefault else {
                throw Problem(
                    .mergeRuleRefused,
                    "New segments need a merge rule.",
                    advice: "Make another rule the default one.",
                    field: "is-default"
                )
            }
            if rule.sources != old.sources, !rule.sources.isEmpty { rule.followsNewSources = false }
            try MergeRuleStore().update(rule, in: database)
            if rule.restrictions != old.restrictions || rule.sources != old.sources {
                try Destinations.confirmAllAllowed(on: service.today, in: database)
            }
            let segments = try SegmentStore().active(referringTo: nil, in: database)
                .filter { $0.mergeRule == number }
            let isOther =
                rule.across != old.across || rule.devices != old.devices || rule.sources != old.sources
            let changes =
                isOther
                ? try SegmentEvaluation(in: database, at: service.world.milliseconds).evaluate(segments) : []
            return (
                try MergeRuleStore().find(number, in: database), changes,
                try segments.flatMap { try Destinations.obstacles($0, in: database) }
            )
        }
    }

    /// Deletes a merge rule that no segment uses.
    ///
    /// - Parameter number: Its number, which may be given again.
    /// - Returns: The rule as it was.
    /// - Throws: ``Problem`` of kind `people.merge-rule-unknown`, or `people.merge-rule-in-use` for the default one, or
    ///   with the segments that use it.
    @discardableResult
    package func delete(_ number: Int) throws -> MergeRule {
        try change { database in
            let rule = try MergeRuleStore().find(number, in: database)
            guard !rule.isDefault else {
                throw Problem(
                    .mergeRuleInUse,
                    "Merge rule \(number) “\(rule.name)” is the default one, which new segments need.",
                    advice:
                        "Make another one the default with `tallystick people merge-rules edit M --is-default`."
                )
            }
            let (names, count) = try SegmentStore().users(of: rule, limit: Self.usersShown, in: database)
            guard count == 0 else {
                let noun = count == 1 ? "segment" : "segments"
                let rest = count > names.count ? " and \((count - names.count).grouped) more" : ""
                throw Problem(
                    .mergeRuleInUse,
                    """
                    Merge rule \(number) “\(rule.name)” is used by \(noun) \
                    \(names.joined(separator: ", "))\(rest).
                    """
                )
            }
            try MergeRuleStore().delete(number, in: database)
            return rule
        }
    }

    private func change<Value>(_ work: (Database) throws -> Value) throws -> Value {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try service.write(work)
    }
}
