// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems
import Storage

/// The external accounts that one system knows.
package struct ExternalAccountStore {
    package init() {}

    /// All accounts, by ID.
    package func all(in database: Database) throws -> [ExternalAccount] {
        try Row.fetchAll(database, sql: "SELECT * FROM external_accounts ORDER BY id LIMIT 1000").map(
            Self.decode
        )
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
        return try Self.decode(row)
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
        if let existing = try existing.map(Self.decode), existing.settings != .unconfigured,
            !isReplacing, !account.isBuiltIn
        {
            throw Problem(
                .accountRefused,
                "There is an external account \(account.id) already.",
                advice: "Choose another ID, or give it these settings with --replace.",
                field: "id"
            )
        }
        try database.execute(
            sql: """
                INSERT INTO external_accounts (id, label, type, settings, rules, sealed_secrets, is_enabled)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET label = excluded.label, type = excluded.type,
                    settings = excluded.settings, rules = excluded.rules,
                    sealed_secrets = excluded.sealed_secrets, is_enabled = excluded.is_enabled
                """,
            arguments: [
                account.id, account.label, account.settings == .unconfigured ? nil : account.typeName,
                try Self.text(account.settings), try Self.text(account.rules), account.sealedSecrets,
                account.isEnabled,
            ]
        )
    }

    /// Switches an account on or off.
    ///
    /// - Throws: ``Problem`` of kind `accounts.unknown`.
    package func setEnabled(_ isEnabled: Bool, _ id: String, in database: Database) throws {
        _ = try find(id, in: database)
        try database.execute(
            sql: "UPDATE external_accounts SET is_enabled = ? WHERE id = ?",
            arguments: [isEnabled, id]
        )
    }

    /// Forgets an account; a built-in one becomes unconfigured.
    ///
    /// - Throws: ``Problem`` of kind `accounts.unknown`, or what the database answers while something uses it.
    package func delete(_ id: String, in database: Database) throws {
        let account = try find(id, in: database)
        guard account.isBuiltIn else {
            try database.execute(sql: "DELETE FROM external_accounts WHERE id = ?", arguments: [id])
            return
        }
        try save(ExternalAccount(id: id, label: account.label, settings: .unconfigured), in: database)
    }

    /// Seals the secrets of all accounts anew.
    ///
    /// - Parameters:
    ///   - older: Opens them.
    ///   - newer: Seals them.
    ///   - database: The database, in a transaction.
    /// - Returns: How many accounts have secrets.
    /// - Throws: ``Problem`` of kind `secrets.unreadable`, or what the database answers.
    package func reseal(from older: Sealer, to newer: Sealer, in database: Database) throws -> Int {
        let accounts = try all(in: database).filter { $0.sealedSecrets != nil }
        for account in accounts {
            try database.execute(
                sql: "UPDATE external_accounts SET sealed_secrets = ? WHERE id = ?",
                arguments: [try account.secrets(older).sealed(for: account.id, newer), account.id]
            )
        }
        return accounts.count
    }

    private struct FolderSettings: Codable {
        let path: String
    }

    private static func text(_ settings: ExternalAccount.Settings) throws -> String? {
        switch settings {
        case .unconfigured: nil
        case .folder(let path): try text(FolderSettings(path: path))
        case .sftp(let server): try text(server)
        case .s3(let bucket): try text(bucket)
        }
    }

    private static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func decode(_ row: Row) throws -> ExternalAccount {
        let settings: Data? = (row["settings"] as String?).map { Data($0.utf8) }
        let decoder = JSONDecoder()
        let decoded: ExternalAccount.Settings =
            switch (row["type"] as String?, settings) {
            case ("folder", let data?):
                .folder(path: try decoder.decode(FolderSettings.self, from: data).path)
            case ("sftp", let data?): .sftp(try decoder.decode(SFTPAccount.self, from: data))
            case ("s3", let data?): .s3(try decoder.decode(S3Account.self, from: data))
            default: .unconfigured
            }
        return ExternalAccount(
            id: row["id"],
            label: row["label"],
            settings: decoded,
            rules: try decoder.decode(AccountRules.self, from: Data((row["rules"] as String).utf8)),
            sealedSecrets: row["sealed_secrets"],
            isEnabled: row["is_enabled"]
        )
    }
}
