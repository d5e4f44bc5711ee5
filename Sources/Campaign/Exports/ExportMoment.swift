// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The moments in the names of exported files: seconds since 1970, each used once.
enum ExportMoment {
    /// The current moment, or the next one that no name has yet.
    ///
    /// - Parameters:
    ///   - now: The current time in seconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Returns: The moment.
    /// - Throws: What the database answers.
    static func next(now: Int64, in database: Database) throws -> Int64 {
        let moment = try Int64.fetchOne(
            database,
            sql: """
                INSERT INTO counters (name, value) VALUES ('export', ?)
                ON CONFLICT (name) DO UPDATE SET value = max(excluded.value, value + 1)
                RETURNING value
                """,
            arguments: [now]
        )
        return moment ?? now
    }
}
