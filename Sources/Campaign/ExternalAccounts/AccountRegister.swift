// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB
import Problems
import Terminal

/// What the commands for external accounts have in common.
enum AccountRegister {
    /// Stores an account and shows it.
    ///
    /// - Parameters:
    ///   - account: The account; its label is not used.
    ///   - label: The name for people; nothing for the one that it has, or its ID.
    ///   - isReplacing: Whether an account of this ID gets these settings instead.
    ///   - campaign: The installation.
    ///   - global: How to show it.
    /// - Throws: ``Problem`` of kind `accounts.refused`.
    static func save(
        _ account: ExternalAccount,
        label: String?,
        replacing isReplacing: Bool,
        _ campaign: Campaign,
        _ global: GlobalOptions
    ) throws {
        let saved = try campaign.write { database in
            let store = ExternalAccountStore()
            let known = try store.all(in: database).first { $0.id == account.id }
            try store.save(
                ExternalAccount(
                    id: account.id,
                    label: label ?? known?.label ?? account.id,
                    settings: account.settings,
                    rules: account.rules,
                    sealedSecrets: account.sealedSecrets
                ),
                isReplacing: isReplacing,
                in: database
            )
            return try store.find(account.id, in: database)
        }
        try global.show(AccountReport(saved))
    }

    /// Switches an account on or off and shows it.
    static func setEnabled(_ isEnabled: Bool, _ id: String, _ global: GlobalOptions) throws {
        let campaign = try Campaign(global.directory)
        let account = try campaign.write { database in
            try ExternalAccountStore().setEnabled(isEnabled, id, in: database)
            return try ExternalAccountStore().find(id, in: database)
        }
        try global.show(AccountReport(account))
    }

    /// A shared data source that uses an account, if there is one.
    static func dataSource(using account: String, in database: Database) throws -> String? {
        try String.fetchOne(
            database,
            sql: """
                SELECT id FROM shared_data_sources WHERE import_account = ?1 OR export_account = ?1
                ORDER BY id LIMIT 1
                """,
            arguments: [account]
        )
    }
}

extension AccountRules.AfterReading {
    /// How people and JSON see it: `keep`, `delete` or `move FOLDER`.
    var text: String {
        switch self {
        case .keep: "keep"
        case .delete: "delete"
        case .move(let folder): "move \(folder)"
        }
    }
}
