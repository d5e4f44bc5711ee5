// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Storage

extension DestinationStore {
    /// Maps a segment, or changes how it is mapped.
    func map(_ mapping: SegmentMapping, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO mappings (destination, segment, alias, start_day, end_day, sent_set, sent_count)
                VALUES (?, ?, ?, ?, ?, ?, 0)
                ON CONFLICT (destination, segment) DO UPDATE SET
                    sent_alias = CASE WHEN sent_count > 0 OR doubtful IS NOT NULL
                        THEN nullif(coalesce(sent_alias, alias), excluded.alias) END,
                    alias = excluded.alias, start_day = excluded.start_day, end_day = excluded.end_day
                """,
            arguments: [
                mapping.destination, mapping.segment, mapping.alias, mapping.start?.number,
                mapping.end?.number, try MemberSetStore().make(in: database),
            ]
        )
        try Counter.change.next(in: database)
    }

    /// The mappings of a destination, by segment.
    func mappings(of destination: Int, in database: Database) throws -> [SegmentMapping] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM mappings WHERE destination = ? ORDER BY segment LIMIT 20000",
            arguments: [destination]
        )
        .map { row in
            SegmentMapping(
                destination: row["destination"],
                segment: row["segment"],
                alias: row["alias"],
                start: (row["start_day"] as Int32?).map { Day($0) },
                end: (row["end_day"] as Int32?).map { Day($0) },
                sentCount: row["sent_count"],
                sentAt: row["sent_at"],
                sentAlias: row["sent_alias"]
            )
        }
    }

    /// The destinations that have members of a segment, with how many.
    func holders(of segment: SID, in database: Database) throws -> [DeletedReport.Destination] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT destination, sent_count FROM mappings WHERE segment = ? AND sent_count > 0
                ORDER BY destination
                """,
            arguments: [segment]
        )
        .map { DeletedReport.Destination(destination: $0["destination"], members: $0["sent_count"]) }
    }

    /// The IDs that a destination has of a segment, by the files that were published.
    func sent(_ segment: SID, to destination: Int, in database: Database) throws -> MemberSet {
        try sentSet(segment, to: destination, in: database)
            .map { try MemberSetStore().members(of: $0, in: database) } ?? .empty
    }

    /// Notes what a destination was told of a segment; of one that is not mapped any more nothing.
    func noteSent(
        _ change: MemberChange,
        _ segment: SID,
        to destination: Int,
        at time: Int64,
        in database: Database
    ) throws {
        guard let set = try sentSet(segment, to: destination, in: database) else { return }
        let more = try MemberSetStore()
            .change(set, adding: change.added, removing: change.removed, in: database)
        try database.execute(
            sql: """
                UPDATE mappings SET sent_count = sent_count + ?, sent_at = ?
                WHERE destination = ? AND segment = ?
                """,
            arguments: [more, time, destination, segment]
        )
    }

    private func sentSet(_ segment: SID, to destination: Int, in database: Database) throws -> SetNumber? {
        try Int.fetchOne(
            database,
            sql: "SELECT sent_set FROM mappings WHERE destination = ? AND segment = ?",
            arguments: [destination, segment]
        )
    }

    /// Notes what a destination knows the members of a segment by that it has now.
    func setSentAlias(_ alias: String?, _ segment: SID, to destination: Int, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE mappings SET sent_alias = CASE WHEN sent_count > 0 THEN nullif(?, alias) END
                WHERE destination = ? AND segment = ?
                """,
            arguments: [alias, destination, segment]
        )
    }

    /// Ends a mapping for good, once the receiver was told.
    func unmap(_ segment: SID, from destination: Int, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM mappings WHERE destination = ? AND segment = ?",
            arguments: [destination, segment]
        )
        try Counter.change.next(in: database)
    }

    /// Drops mappings that have ended, or whose segment was deleted, once the receiver has nothing of them.
    func dropEnded(on today: Day, in database: Database) throws {
        let ended = try Row.fetchAll(
            database,
            sql: """
                SELECT destination, segment FROM mappings
                WHERE sent_count = 0 AND doubtful IS NULL
                    AND (end_day < ? OR segment NOT IN (SELECT sid FROM segments))
                    AND destination NOT IN (SELECT destination FROM outbound_plans)
                LIMIT 20000
                """,
            arguments: [today.number]
        )
        for row in ended { try unmap(row[1], from: row[0], in: database) }
    }

    /// The destinations that have IDs of a set, by the files that were published.
    ///
    /// - Parameters:
    ///   - members: The IDs.
    ///   - database: The database.
    /// - Returns: The names of the destinations of each ID that any has.
    /// - Throws: What the database answers.
    func holders(of members: MemberSet, in database: Database) throws -> [IDNumber: [String]] {
        var holders: [IDNumber: [String]] = [:]
        for destination in try list(limit: Destination.limit, in: database) {
            var held = MemberSet.empty
            for mapping in try mappings(of: destination.number, in: database) {
                let sent = try sent(mapping.segment, to: destination.number, in: database)
                held = held.union(sent.intersection(members))
            }
            held.forEach { holders[$0, default: []].append(destination.name) }
        }
        return holders
    }

    /// The IDs that any destination still has of any segment.
    func stillSent(in database: Database) throws -> MemberSet {
        let sets = try Int.fetchAll(database, sql: "SELECT sent_set FROM mappings ORDER BY sent_set")
        return MemberSet.union(of: try sets.map { try MemberSetStore().members(of: $0, in: database) })
    }

    /// How many members the receiver of a destination has, counted for each segment.
    func sentCount(of destination: Int, in database: Database) throws -> Int {
        try Int.fetchOne(
            database,
            sql: "SELECT coalesce(sum(sent_count), 0) FROM mappings WHERE destination = ?",
            arguments: [destination]
        ) ?? 0
    }

    /// Forgets what the receiver of a destination has.
    func forgetSent(of destination: Int, in database: Database) throws {
        let sets = try Int.fetchAll(
            database,
            sql: "SELECT sent_set FROM mappings WHERE destination = ? ORDER BY sent_set",
            arguments: [destination]
        )
        for set in sets {
            let stored = try MemberSetStore().read(set, in: database)
            let change = MemberChange(from: try stored.members, to: .empty)
            try MemberSetStore().write(stored, change, in: database)
        }
        try database.execute(
            sql: "UPDATE mappings SET sent_count = 0, sent_at = NULL WHERE destination = ?",
            arguments: [destination]
        )
    }
}
