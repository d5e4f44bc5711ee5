// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching

/// The keys of IDs whose texts were wiped: of those who opted out for good, so that they are known when they come
/// again; of all others until the index let go of them.
///
/// A key is a keyed hash under the secret of the installation: nothing leads from it to the ID.
struct ForgottenIDStore {
    /// An ID without its text.
    struct Entry {
        let number: IDNumber
        let key: IDKey
    }

    /// Keeps the key of an ID whose text goes in the same transaction.
    ///
    /// - Parameters:
    ///   - entry: The ID.
    ///   - isSuppressed: Whether it has to be known again when it comes.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    func add(_ entry: Entry, isSuppressed: Bool, in database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO forgotten_ids (number, id_key, is_suppressed) VALUES (?, ?, ?)",
            arguments: [entry.number, Data(entry.key.bytes), isSuppressed]
        )
    }

    /// Whether the text of an ID was wiped.
    func contains(_ number: IDNumber, in database: Database) throws -> Bool {
        try Int.fetchOne(
            database,
            sql: "SELECT 1 FROM forgotten_ids WHERE number = ?",
            arguments: [number]
        ) != nil
    }

    /// Those who must be known again.
    func suppressed(in database: Database) throws -> [Entry] { try entries(isSuppressed: true, in: database) }

    /// Those of whom the index has to let go.
    func unsuppressed(in database: Database) throws -> [Entry] {
        try entries(isSuppressed: false, in: database)
    }

    /// Lets go of those who want to be known as anybody else.
    func unsuppress(_ members: MemberSet, in database: Database) throws {
        try members.forEach { number in
            try database.execute(
                sql: "UPDATE forgotten_ids SET is_suppressed = 0 WHERE number = ?",
                arguments: [number]
            )
        }
    }

    /// Forgets keys of which the index has let go.
    func remove(_ numbers: [IDNumber], in database: Database) throws {
        for number in numbers {
            try database.execute(sql: "DELETE FROM forgotten_ids WHERE number = ?", arguments: [number])
        }
    }

    private func entries(isSuppressed: Bool, in database: Database) throws -> [Entry] {
        try Row.fetchAll(
            database,
            sql: "SELECT number, id_key FROM forgotten_ids WHERE is_suppressed = ? ORDER BY number",
            arguments: [isSuppressed]
        )
        .map { row in
            let bytes: Data = row[1]
            guard bytes.count == 16 else { throw IDPage.damaged }
            return Entry(number: row[0], key: bytes.withUnsafeBytes { IDKey(bytes: $0) })
        }
    }
}
