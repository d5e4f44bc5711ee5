// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching

extension SegmentStore {
    /// Takes IDs out of the segments that no evaluation reaches, since they are paused.
    ///
    /// - Parameters:
    ///   - members: The IDs.
    ///   - time: The current time, in milliseconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Returns: What changed in segments.
    /// - Throws: What the database answers.
    func removeFromPaused(_ members: MemberSet, at time: Int64, in database: Database) throws
        -> [Receipt.Segment]
    {
        let paused = try Int.fetchAll(
            database,
            sql: "SELECT sid FROM segments WHERE state = 'paused' ORDER BY sid LIMIT ?",
            arguments: [Segment.limit]
        )
        let blocks = Blocks(of: members)
        return try paused.compactMap { sid in
            let stored = try stored(sid, blocks, in: database)
            let change = MemberChange(added: .empty, removed: try stored.members(among: members))
            let pieces = try PieceChanges(stored, change)
            return try self.change(sid, change, pieces, at: time, in: database)
        }
    }

    /// Thins the history of sizes out: of days long past the last size stays, of years long past none.
    ///
    /// - Parameters:
    ///   - detail: From this day on every change is kept.
    ///   - end: From this day on the last size of each day is kept.
    ///   - database: The database, in a transaction.
    /// - Returns: How many sizes went.
    /// - Throws: What the database answers.
    func thinSizes(detail: Day, end: Day, in database: Database) throws -> Int {
        let day = 86_400_000
        try database.execute(
            sql: """
                DELETE FROM segment_sizes WHERE moment < ? OR moment < ? AND EXISTS (
                    SELECT 1 FROM segment_sizes AS later
                    WHERE later.segment = segment_sizes.segment AND later.moment > segment_sizes.moment
                        AND later.moment < (segment_sizes.moment / \(day) + 1) * \(day))
                """,
            arguments: [Int(end.number) * day, Int(detail.number) * day]
        )
        return database.changesCount
    }
}
