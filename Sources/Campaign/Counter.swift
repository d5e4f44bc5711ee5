// SPDX-License-Identifier: Apache-2.0

import GRDB

/// A number of the installation that only grows, so that what it names is never named twice.
enum Counter: String {
    /// The number of the newest profile.
    case profile
    /// How many profiles there are.
    case profiles
    /// How often profiles or their visitor links were changed.
    case change
    /// The number of the newest audience.
    case audience
    /// The number of the newest receipt.
    case receipt
    /// The number of the newest segment that was made here.
    case segment

    /// The current value.
    func value(in database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT value FROM counters WHERE name = ?", arguments: [rawValue])
            ?? 0
    }

    /// Counts on.
    ///
    /// - Parameters:
    ///   - step: How far.
    ///   - database: The database, in a transaction.
    /// - Returns: The new value.
    /// - Throws: What the database answers.
    @discardableResult
    func next(by step: Int = 1, in database: Database) throws -> Int {
        try database.execute(
            sql: "UPDATE counters SET value = value + ? WHERE name = ?",
            arguments: [step, rawValue]
        )
        return try value(in: database)
    }
}
