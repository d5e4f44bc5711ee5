// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage
import Terminal

/// What the commands for external accounts have in common.
enum AccountRegister {
    /// Stores an account and shows it.
    ///
    /// - Parameters:
    ///   - account: The account; its label is not used.
    ///   - label: The name for people; nothing for the one that it has, or its ID.
    ///   - isReplacing: Whether an account of this ID gets these settings instead.
    ///   - host: The system that has the account.
    ///   - global: How to show it.
    /// - Throws: ``Problem`` of kind `accounts.refused`.
    static func save(
        _ account: ExternalAccount,
        label: String?,
        replacing isReplacing: Bool,
        _ host: any AccountHost,
        _ global: GlobalOptions
    ) throws {
        let (saved, warnings) = try host.write { database in
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
            let saved = try store.find(account.id, in: database)
            return (saved, try host.warnings(about: saved, in: database))
        }
        try global.show(AccountReport(saved, warnings: warnings))
    }

    /// Switches an account on or off and shows it.
    static func setEnabled(
        _ isEnabled: Bool,
        _ id: String,
        _ host: any AccountHost,
        _ global: GlobalOptions
    ) throws {
        let (account, warnings) = try host.write { database in
            try ExternalAccountStore().setEnabled(isEnabled, id, in: database)
            let account = try ExternalAccountStore().find(id, in: database)
            return (account, try host.warnings(about: account, in: database))
        }
        try global.show(AccountReport(account, warnings: warnings))
    }

    /// Forgets an account; a built-in one becomes unconfigured.
    ///
    /// - Parameters:
    ///   - id: The account.
    ///   - isForced: Whether a built-in one goes although something is exchanged through it.
    ///   - host: The system that has the account.
    /// - Returns: The account as it was, and what does not happen without it.
    /// - Throws: ``Problem`` of kind `accounts.unknown` or `accounts.in-use`.
    static func delete(_ id: String, isForced: Bool, _ host: any AccountHost) throws -> (
        account: ExternalAccount, loss: String?
    ) {
        try host.write { database in
            let account = try ExternalAccountStore().find(id, in: database)
            var loss: String?
            if account.isBuiltIn {
                loss = account.settings == .unconfigured ? nil : try host.loss(without: id, in: database)
                if let loss, !isForced {
                    throw Problem(
                        .accountInUse,
                        "Without the account \(id) \(loss).",
                        advice: """
                            Give the data sources another account with `tallystick data-sources edit`, disable the \
                            account with `tallystick accounts disable \(id)`, or delete it all the same with --force.
                            """
                    )
                }
            } else if let user = try host.user(of: id, in: database) {
                throw Problem(.accountInUse, "\(user) uses the account \(id).")
            }
            try ExternalAccountStore().delete(id, in: database)
            return (account, loss)
        }
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
