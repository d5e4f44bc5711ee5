// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching

extension RealizationStore {
    /// Takes everything that some IDs ever realized away.
    ///
    /// - Parameters:
    ///   - members: The IDs.
    ///   - database: The database, in a transaction.
    /// - Returns: The traits that any of them had.
    /// - Throws: What the database answers.
    func remove(_ members: MemberSet, in database: Database) throws -> Set<SID> {
        guard !members.isEmpty else { return [] }
        var traits: Set<SID> = []
        var rows: [Int64] = []
        try forEachSet(in: database) { row, trait, _, set in
            guard set.intersectionCount(members) > 0 else { return }
            traits.insert(trait)
            rows.append(row)
        }
        for row in rows {
            let data = try Data.fetchOne(
                database,
                sql: "SELECT members FROM realizations WHERE rowid = ?",
                arguments: [row]
            )
            let rest = try (data ?? Data()).withUnsafeBytes { try MemberSet(serialized: $0) }
                .subtracting(members)
            if rest.isEmpty {
                try database.execute(sql: "DELETE FROM realizations WHERE rowid = ?", arguments: [row])
            } else {
                try database.execute(
                    sql: "UPDATE realizations SET members = ? WHERE rowid = ?",
                    arguments: [Data(rest.serialized()), row]
                )
            }
        }
        return traits
    }

    /// On which days some IDs realized which traits, and how often.
    ///
    /// - Parameters:
    ///   - members: A few IDs.
    ///   - database: The database.
    /// - Returns: The counts by ID, trait and day.
    /// - Throws: What the database answers.
    func realizations(
        of members: MemberSet,
        in database: Database
    ) throws -> [IDNumber: [SID: [Day: Int]]] {
        var found: [IDNumber: [SID: [Day: Int]]] = [:]
        try forEachSet(in: database) { _, trait, day, set in
            // Each level that an ID is in counts one realization more.
            set.intersection(members).forEach {
                found[$0, default: [:]][trait, default: [:]][day, default: 0] += 1
            }
        }
        return found
    }

    private func forEachSet(
        in database: Database,
        _ body: (_ row: Int64, SID, Day, MemberSet) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT rowid, trait, day, members FROM realizations ORDER BY rowid"
        )
        while let row = try rows.next() {
            let set = try row.withUnsafeData(atIndex: 3) { data in
                try (data ?? Data()).withUnsafeBytes { try MemberSet(serialized: $0) }
            }
            try body(row[0], row[1], Day(row[2]), set)
        }
    }
}
