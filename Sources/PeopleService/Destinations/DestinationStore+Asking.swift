// SPDX-License-Identifier: Apache-2.0

import GRDB
import Storage

/// Wishes for full files, kept for the process that writes them.
extension DestinationStore {
    /// When somebody asked for a full file that is not written yet, in milliseconds since 1970.
    func asked(_ destination: Int, in database: Database) throws -> Int64? {
        try Int64.fetchOne(
            database,
            sql: "SELECT asked FROM destinations WHERE number = ? AND asked IS NOT NULL",
            arguments: [destination]
        )
    }

    /// Notes that somebody asks for a full file.
    func ask(_ destination: Int, at time: Int64, in database: Database) throws {
        try database.execute(
            sql: "UPDATE destinations SET asked = ? WHERE number = ?",
            arguments: [time, destination]
        )
        try Counter.change.next(in: database)
    }

    /// Notes that nobody waits for a full file any more.
    func endAsking(_ destination: Int, in database: Database) throws {
        try database.execute(
            sql: "UPDATE destinations SET asked = NULL WHERE number = ? AND asked IS NOT NULL",
            arguments: [destination]
        )
    }
}
