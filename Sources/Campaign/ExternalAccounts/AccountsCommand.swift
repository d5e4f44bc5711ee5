// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExternalAccounts
import Foundation
import Problems
import Terminal

/// `tallystick accounts`: the storage of partners.
package struct AccountsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "accounts",
        abstract: "Configure and check the storage that files come from and go to.",
        subcommands: [
            Create.self, Edit.self, List.self, Check.self, Enable.self, Disable.self, Delete.self,
        ]
    )

    package init() {}
}

extension AccountsCommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Configure a built-in external account, or add another one.",
            subcommands: [CreateFolder.self, CreateSFTP.self, CreateS3.self]
        )
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the external accounts.")

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let accounts = try campaign.read { try ExternalAccountStore().all(in: $0) }
            try global.show(AccountsReport(accounts: accounts.map { AccountReport($0) }))
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Use an external account for real and report each step with its time."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The external account.") var id: String

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let account = try campaign.read { try ExternalAccountStore().find(id, in: $0) }
            let report = try await AccountCheckReport.run(account, campaign)
            try global.show(report)
            if !report.ok { throw CommandExit.failed }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Use a disabled external account again.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The external account.") var id: String

        func run() async throws {
            try AccountRegister.setEnabled(true, id, global)
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Leave an external account alone until it is enabled again; nothing is forgotten."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The external account.") var id: String

        func run() async throws {
            try AccountRegister.setEnabled(false, id, global)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget an external account and its secrets; files in it stay.",
            discussion:
                "A built-in account becomes unconfigured. One that a data source uses can't be deleted."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The external account.") var id: String

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let account = try campaign.write { database in
                let account = try ExternalAccountStore().find(id, in: database)
                if !account.isBuiltIn, let user = try AccountRegister.dataSource(using: id, in: database) {
                    throw Problem(.accountInUse, "The shared data source \(user) uses the account \(id).")
                }
                try ExternalAccountStore().delete(id, in: database)
                return account
            }
            try global.show(AccountReport(account, isDeleted: true))
        }
    }
}

/// What a command says about an account; secrets are never shown.
struct AccountReport: Report {
    let id: String
    let label: String
    let type: String
    let path: String?
    let enabled: Bool
    let hostKeys: [String]?
    let pattern: String?
    let afterReading: String
    let retentionDays: Int?
    let pollSeconds: Double
    let readOnly: Bool
    let deleted: Bool?

    init(_ account: ExternalAccount, isDeleted: Bool = false) {
        id = account.id
        label = account.label
        type = account.typeName
        path = account.place
        enabled = account.isEnabled
        if case .sftp(let server) = account.settings { hostKeys = server.hostKeys } else { hostKeys = nil }
        pattern = account.rules.pattern
        afterReading = account.rules.afterReading.text
        retentionDays = account.rules.retentionDays
        pollSeconds = account.pollInterval / .seconds(1)
        readOnly = account.rules.isReadOnly
        deleted = isDeleted ? true : nil
    }

    var text: String {
        var text = "\(id): \(label), \(type)\(path.map { " \($0)" } ?? "")"
        if deleted == true { return text + ", deleted" }
        if !enabled { text += ", disabled" }
        if readOnly { text += ", for imports only" }
        for key in hostKeys ?? [] { text += "\n  host key   \(key)" }
        if let pattern { text += "\n  reads      \(pattern)" }
        if afterReading != "keep" { text += "\n  afterwards \(afterReading)" }
        if let retentionDays { text += "\n  our files  deleted after \(retentionDays) days" }
        return text
    }
}

private struct AccountsReport: Report {
    let accounts: [AccountReport]

    var text: String {
        var table = TextTable("ID", "TYPE", "LABEL", "WHERE", "STATE")
        for account in accounts {
            let state = account.type == "unconfigured" ? "" : account.enabled ? "enabled" : "disabled"
            table.add(account.id, account.type, account.label, account.path ?? "", state)
        }
        return table.text
    }
}
