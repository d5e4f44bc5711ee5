// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import Problems
import Storage

/// The tokens of an installation.
package struct APITokenStore {
    /// How long a token lasts unless said otherwise, in days (Audience Manager: 24 hours).
    package static let defaultDays = 1
    /// For how many days a token may be made.
    package static let dayRange = 1...3_650
    /// How many tokens an installation may have.
    package static let limit = 10_000

    package init() {}

    /// Makes the table; for a migration.
    package static func createTable(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE api_tokens (
                    number INTEGER PRIMARY KEY AUTOINCREMENT,
                    name TEXT NOT NULL,
                    access TEXT NOT NULL CHECK (access IN ('read', 'write')),
                    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
                    created INTEGER NOT NULL,
                    expires INTEGER NOT NULL,
                    last_used INTEGER
                );
                """
        )
    }

    /// Adds the right to read rejected lines, which no earlier token has; for a migration.
    package static func addLineRight(in database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE api_tokens ADD COLUMN reads_rejected_lines INTEGER NOT NULL DEFAULT 0
                    CHECK (reads_rejected_lines IN (0, 1));
                """
        )
    }

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - name: The name for people, 1 to 255 characters on one line.
    ///   - access: What it is good for.
    ///   - readsRejectedLines: Whether it also shows the texts of rejected lines, which hold IDs of people.
    ///   - days: For how many days.
    ///   - world: Time and randomness.
    ///   - database: The database, in a transaction.
    /// - Returns: The token, and its text, which can't be had again.
    /// - Throws: ``Problem`` of kind `web.token-setting-refused`.
    package func create(
        name: String,
        access: APIToken.Access = .write,
        readsRejectedLines: Bool = false,
        days: Int = defaultDays,
        _ world: World,
        in database: Database
    ) throws -> (token: APIToken, text: String) {
        guard !name.isEmpty, name.count <= 255, name.isOneLine else {
            throw Problem(
                .tokenSettingRefused,
                "A token's name has 1 to 255 characters on one line.",
                field: "name"
            )
        }
        guard Self.dayRange.contains(days) else {
            throw Problem(
                .tokenSettingRefused,
                "A token lasts \(Self.dayRange.lowerBound) to \(Self.dayRange.upperBound) days.",
                field: "expires"
            )
        }
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM api_tokens") ?? 0
        guard count < Self.limit else {
            throw Problem(.tokenSettingRefused, "There are \(Self.limit) tokens; revoke some.")
        }
        let now = world.milliseconds
        let text = "tally_" + world.randomHex(32)
        try database.execute(
            sql: """
                INSERT INTO api_tokens (name, access, reads_rejected_lines, digest, created, expires)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                name, access.rawValue, readsRejectedLines, Self.digest(text), now,
                now + Int64(days) * 86_400_000,
            ]
        )
        return (try find(Int(database.lastInsertedRowID), in: database), text)
    }

    /// The token of a text.
    ///
    /// - Parameters:
    ///   - text: What a request came with.
    ///   - database: The database.
    /// - Returns: The token, also one past its time; `nil` for an unknown or revoked one.
    /// - Throws: What the database answers.
    package func token(_ text: String, in database: Database) throws -> APIToken? {
        try Row.fetchOne(
            database,
            sql: "SELECT * FROM api_tokens WHERE digest = ?",
            arguments: [Self.digest(text)]
        )
        .map(APIToken.init)
    }

    /// Notes that a token was used, to the minute.
    package func use(_ token: APIToken, at now: Int64, in database: Database) throws {
        try database.execute(
            sql: "UPDATE api_tokens SET last_used = ? WHERE number = ?",
            arguments: [now - now % 60_000, token.number]
        )
    }

    /// Tokens by number.
    package func list(in database: Database) throws -> [APIToken] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM api_tokens ORDER BY number LIMIT ?",
            arguments: [Self.limit]
        )
        .map(APIToken.init)
    }

    /// Revokes a token: it is refused from now on, and forgotten.
    ///
    /// - Parameters:
    ///   - id: Its ID, like `T3`.
    ///   - database: The database, in a transaction.
    /// - Returns: The token as it was.
    /// - Throws: ``Problem`` of kind `web.token-unknown`.
    package func revoke(_ id: String, in database: Database) throws -> APIToken {
        guard id.hasPrefix("T"), let number = Int(id.dropFirst()) else {
            throw Problem(.tokenUnknown, "There is no token of this ID.")
        }
        let token = try find(number, in: database)
        try database.execute(sql: "DELETE FROM api_tokens WHERE number = ?", arguments: [number])
        return token
    }

    private func find(_ number: Int, in database: Database) throws -> APIToken {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT * FROM api_tokens WHERE number = ?",
            arguments: [number]
        )
        guard let row else { throw Problem(.tokenUnknown, "There is no token T\(number).") }
        return APIToken(row)
    }

    /// A token has 256 random bits, so a plain digest tells nothing of it.
    private static func digest(_ text: String) -> Data { Data(SHA256.hash(data: Data(text.utf8))) }
}

extension APIToken {
    fileprivate init(_ row: Row) {
        self.init(
            number: row["number"],
            name: row["name"],
            access: Access(rawValue: row["access"]) ?? .read,
            readsRejectedLines: row["reads_rejected_lines"],
            created: row["created"],
            expires: row["expires"],
            lastUsed: row["last_used"]
        )
    }
}
