// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Storage

/// Lets realizations go whose time has ended, and brings segments up to date that depend on the day.
package struct Expiry {
    private let service: PeopleService

    package init(_ service: PeopleService) {
        self.service = service
    }

    /// Does what a new day asks for; doing it again changes nothing.
    ///
    /// The caller holds the lock for changes. ``Retention`` does this and more.
    ///
    /// - Returns: What changed in segments.
    /// - Throws: What the database answers.
    @discardableResult
    package func run() throws -> [Receipt.Segment] {
        try service.write(run)
    }

    /// The same as a part of a larger change.
    func run(in database: Database) throws -> [Receipt.Segment] {
        let today = service.today
        var traits: Set<SID> = []
        for trait in try TraitStore().all(in: database) {
            let members = try RealizationStore().expire(trait, on: today, in: database)
            guard !members.isEmpty else { continue }
            traits.insert(trait.sid)
        }
        traits = try FolderTraits(in: database).closure(of: traits)
        let evaluation = try SegmentEvaluation(in: database, at: service.world.milliseconds)
        // Windows of days move on even where no realization ends.
        let segments = try SegmentStore().active(referringTo: nil, in: database).filter { segment in
            guard let rule = try? SegmentRule.parse(segment.rule) else { return false }
            return !rule.traitsInCounts.isEmpty || !rule.traits.isDisjoint(with: traits)
        }
        return try evaluation.evaluate(segments)
    }
}
