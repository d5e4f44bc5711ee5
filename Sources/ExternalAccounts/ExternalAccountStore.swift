// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems

/// The external accounts that one system knows.
package struct ExternalAccountStore {
    package init() {}

    /// All accounts, by ID.
    package func all(in database: Database) throws -> [ExternalAccount] {
        try Row.fetchAll(database, sql: "SELECT * FROM external_accounts ORDER BY id LIMIT 1000").map(decode)
    }

    /// Finds an account.
    ///
    /// - Throws: ``Problem`` of kind `accounts.unknown`.
    package func find(_ id: String, in database: Database) throws -> ExternalAccount {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT * FROM external_accounts WHERE id = ?",
            arguments: [id]
        )
        guard let row else {
            throw Problem(.accountUnknown, "There is no external account \(id).")
        }
        return decode(row)
    }

    /// Stores a new account, or configures a built-in one, as often as wanted.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - isReplacing: Whether an account of this ID that has settings gets these instead.
    ///   - database: The database, in a transaction.
    /// - Throws: ``Problem`` of kind `accounts.refused`.
    package func save(_ account: ExternalAccount, isReplacing: Bool = false, in database: Database) throws {
        guard account.id.wholeMatch(of: /[A-Za-z][A-Za-z0-9_-]{0,63}/) != nil else {
            throw Problem(
                .accountRefused,
                "The ID is a letter and up to 63 letters, digits, _ or -.",
                field: "id"
            )
        }
        guard account.label.isOneLine else {
            throw Problem(
                .accountRefused,
                "A label is one line without control characters.",
                field: "label"
            )
        }
        let existing = try Row.fetchOne(
            database,
            sql: "SELECT * FROM external_accounts WHERE id = ?",
            arguments: [account.id]
        )
        if let existing = existing.map(decode), existing.settings != .unconfigured,
            !isReplacing, !account.isBuiltIn
        {
            throw Problem(
                .accountRefused,
                "There is an external account \(account.id) already.",
                advice: "Choose another ID, or give it these settings with --replace.",
                field: "id"
            )
        }
        var path: String?
        if case .folder(let folder) = account.settings { path = folder }
        let type = account.settings == .unconfigured ? nil : account.typeName
        try database.execute(
            sql: """
                INSERT INTO external_accounts (id, label, type, path, is_enabled) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET label = excluded.label, type = excluded.type,
                    path = excluded.path, is_enabled = excluded.is_enabled
                """,
            arguments: [account.id, account.label, type, path, account.isEnabled]
        )
    }

    private func decode(_ row: Row) -> ExternalAccount {
        let path: String? = row["path"]
        return ExternalAccount(
            id: row["id"],
            label: row["label"],
            settings: path.map { .folder(path: $0) } ?? .unconfigured,
            isEnabled: row["is_enabled"]
        )
    }
}
