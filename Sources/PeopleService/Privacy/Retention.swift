// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Storage

/// Forgets what is old, once on each day in UTC: realizations, links, IDs without a sign of life, sizes of segments and
/// rejected lines.
package struct Retention {
    /// How many days a device is kept without a sign of life, and a link that was not seen again (Audience Manager).
    static let deviceDays = 120
    static let linkDays = 120
    /// For how many days every size of a segment is kept, and for how many the last one of each day.
    static let sizeDetailDays = 30
    static let sizeDays = 730
    /// For how many days rejected lines are kept.
    static let rejectedDays = 30

    /// What a day's work came to.
    package struct Outcome: Sendable, Equatable {
        /// Links that went.
        package var links = 0
        /// IDs that became inactive; their texts are wiped once every destination was told.
        package var inactiveIDs = 0
        /// Sizes of segments that went.
        package var sizes = 0
        /// Files of rejected lines that went.
        package var rejectedFiles = 0
        /// What changed in segments.
        package var segments: [Receipt.Segment] = []
    }

    private let service: PeopleService

    /// The retention of an installation.
    package init(_ service: PeopleService) {
        self.service = service
    }

    /// Does the work of today unless it is done; the caller holds the lock for changes.
    ///
    /// - Returns: What it came to; `nil` when it was done before.
    /// - Throws: ``Problem``, or what the database answers; the database is then as before.
    package func runIfDue() throws -> Outcome? {
        let today = service.today
        guard try service.read(lastDay) < today else { return nil }
        var outcome = Outcome()
        try service.write { database in
            outcome = Outcome()
            let links = try LinkStore().expire(before: Self.second(today + -Self.linkDays), in: database)
            outcome.links = links.count
            let inactive = try markInactive(today, in: database)
            outcome.inactiveIDs = inactive.count
            outcome.segments = try forget(inactive, touched: links.touched, in: database)
            outcome.segments += try Expiry(service).run(in: database)
            outcome.sizes = try SegmentStore().thinSizes(
                detail: today + -Self.sizeDetailDays,
                end: today + -Self.sizeDays,
                in: database
            )
            try database.execute(
                sql: """
                    INSERT INTO counters (name, value) VALUES ('retention-day', ?)
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value
                    """,
                arguments: [today.number]
            )
        }
        outcome.rejectedFiles = try removeRejectedFiles(today)
        return outcome
    }

    private func lastDay(in database: Database) throws -> Day {
        let number = try Int32.fetchOne(
            database,
            sql: "SELECT value FROM counters WHERE name = 'retention-day'"
        )
        return Day(number ?? 0)
    }

    /// Finds the IDs whose time without a sign of life has ended; those without a day begin theirs today.
    private func markInactive(_ today: Day, in database: Database) throws -> MemberSet {
        let activity = ActivityStore()
        try activity.compact(in: database)
        let dated = try activity.all(in: database)
        let waiting = try IDStore().members(of: .inactive, in: database)
            .union(try IDStore().members(of: .deleted, in: database))
        var inactive: [MemberSet] = []
        var undated: [MemberSet] = []
        for source in try DataSourceStore().list(limit: 100_000, in: database)
        where source.namespace == source.number {
            let members = try IDStore().members(of: .dataSource(source.number), in: database)
            undated.append(members.subtracting(dated).subtracting(waiting))
            guard let days = source.idType.isOfDevices ? Self.deviceDays : source.retentionDays else {
                continue
            }
            inactive.append(members.intersection(try activity.seen(before: today + -days, in: database)))
        }
        try activity.note(MemberSet.union(of: undated), on: today, in: database)
        return MemberSet.union(of: inactive)
    }

    private func forget(
        _ inactive: MemberSet,
        touched: MemberSet,
        in database: Database
    ) throws -> [Receipt.Segment] {
        let time = service.world.milliseconds
        var touched = touched
        var changes: [Receipt.Segment] = []
        if !inactive.isEmpty {
            _ = try RealizationStore().remove(inactive, in: database)
            let unlinked = try LinkStore().remove(of: inactive, in: database)
            touched = MemberSet.union(of: [touched, unlinked, inactive])
            try ActivityStore().remove(inactive, in: database)
            try IDStore().change(.inactive, in: database) { $0.union(inactive) }
            changes = try SegmentStore().removeFromPaused(inactive, at: time, in: database)
            try Counter.change.next(in: database)
        }
        return try changes
            + SegmentEvaluation(in: database, at: time)
            .update(SegmentEvaluation.Scope(touched: touched, traits: nil))
    }

    /// Removes rejected lines of runs long past, and of runs that ended before their receipt was kept.
    ///
    /// Only files of the People service: another system may share the data directory.
    private func removeRejectedFiles(_ today: Day) throws -> Int {
        let directory = service.directory.rejected
        let limit = today + -Self.rejectedDays
        var count = 0
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            guard let number = RejectedLines.peopleReceipt(name) else { continue }
            let started = try service.read { database in
                try Int64.fetchOne(
                    database,
                    sql: "SELECT started FROM receipts WHERE number = ?",
                    arguments: [number]
                )
            }
            guard started.map({ Day(milliseconds: $0) < limit }) ?? true else { continue }
            try? FileManager.default.removeItem(atPath: "\(directory)/\(name)")
            count += 1
        }
        return count
    }

    private static func second(_ day: Day) -> UInt32 { UInt32(clamping: Int(day.number) * 86_400) }
}
