// SPDX-License-Identifier: Apache-2.0

import GRDB

/// A number of an installation that only grows, so that what it names is never named twice.
///
/// Each system's database has a table `counters` of names and values, and each system lists its counters in an
/// extension.
package struct Counter: Sendable {
    private let name: String

    /// A counter by its name in the database.
    package init(_ name: String) {
        self.name = name
    }

    /// The current value; 0 before anything was counted.
    ///
    /// - Parameter database: The database.
    /// - Returns: The value.
    /// - Throws: What the database answers.
    package func value(in database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT value FROM counters WHERE name = ?", arguments: [name]) ?? 0
    }

    /// Counts on.
    ///
    /// - Parameters:
    ///   - step: How far.
    ///   - database: The database, in a transaction.
    /// - Returns: The new value.
    /// - Throws: What the database answers.
    @discardableResult
    package func next(by step: Int = 1, in database: Database) throws -> Int {
        let value = try Int.fetchOne(
            database,
            sql: """
                INSERT INTO counters (name, value) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET value = value + excluded.value
                RETURNING value
                """,
            arguments: [name, step]
        )
        return value ?? step
    }

    /// Counts on to a number, or by one where the value is there already: moments in names, each used once.
    ///
    /// - Parameters:
    ///   - least: The smallest value to reach.
    ///   - database: The database, in a transaction.
    /// - Returns: The new value.
    /// - Throws: What the database answers.
    package func next(atLeast least: Int64, in database: Database) throws -> Int64 {
        let value = try Int64.fetchOne(
            database,
            sql: """
                INSERT INTO counters (name, value) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET value = max(excluded.value, value + 1)
                RETURNING value
                """,
            arguments: [name, least]
        )
        return value ?? least
    }
}
