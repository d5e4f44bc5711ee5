// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
import Storage
import Terminal

/// `tallystick accounts`: the storage of partners.
package struct AccountsCommand<System: AccountSystem>: AsyncParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "accounts",
            abstract: "Configure and check the storage that files come from and go to.",
            subcommands: [
                Create.self, Edit.self, List.self, Check.self, Enable.self, Disable.self, Delete.self,
            ]
        )
    }

    package init() {}
}

extension AccountsCommand {
    struct Create: AsyncParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                abstract: "Configure a built-in external account, or add another one.",
                subcommands: [CreateFolder.self, CreateSFTP.self, CreateS3.self]
            )
        }
    }

    struct List: AsyncParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(abstract: "List the external accounts.")
        }

        @OptionGroup var global: GlobalOptions
        @OptionGroup var chosen: SystemOption

        func run() async throws {
            let host = try System.open(global.directory, chosen.system)
            let accounts = try host.read { try ExternalAccountStore().all(in: $0) }
            try global.show(AccountsReport(accounts: accounts.map { AccountReport($0) }))
        }
    }

    struct Check: AsyncParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                abstract: "Use an external account for real and report each step with its time."
            )
        }

        @OptionGroup var global: GlobalOptions
        @OptionGroup var chosen: SystemOption
        @Argument(help: "The external account.") var id: String

        func run() async throws {
            let host = try System.open(global.directory, chosen.system)
            let account = try host.read { try ExternalAccountStore().find(id, in: $0) }
            let report = try await AccountCheckReport.run(account, host)
            try global.show(report)
            if !report.ok { throw CommandExit.failed }
        }
    }

    struct Enable: AsyncParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(abstract: "Use a disabled external account again.")
        }

        @OptionGroup var global: GlobalOptions
        @OptionGroup var chosen: SystemOption
        @Argument(help: "The external account.") var id: String

        func run() async throws {
            try AccountRegister.setEnabled(
                true,
                id,
                System.open(global.directory, chosen.system),
                global
            )
        }
    }

    struct Disable: AsyncParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                abstract: "Leave an external account alone until it is enabled again; nothing is forgotten."
            )
        }

        @OptionGroup var global: GlobalOptions
        @OptionGroup var chosen: SystemOption
        @Argument(help: "The external account.") var id: String

        func run() async throws {
            try AccountRegister.setEnabled(
                false,
                id,
                System.open(global.directory, chosen.system),
                global
            )
        }
    }

    struct Delete: AsyncParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                abstract: "Forget an external account and its secrets; files in it stay.",
                discussion: """
                    One that is in use can't be deleted. A built-in account becomes unconfigured; where a data source \
                    whose terms are accepted uses it, only with --force, since its exchange stops then.
                    """
            )
        }

        @OptionGroup var global: GlobalOptions
        @OptionGroup var chosen: SystemOption
        @Argument(help: "The external account.") var id: String
        @Flag(help: "Delete a built-in account that data sources use; their exchange stops.") var force =
            false

        func run() async throws {
            let host = try System.open(global.directory, chosen.system)
            let (account, loss) = try AccountRegister.delete(id, isForced: force, host)
            try global.show(AccountReport(account, isDeleted: true, loss: loss))
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
    /// What does not happen any more without the deleted account.
    let loss: String?
    /// What to know besides the settings.
    let warnings: [String]?

    init(
        _ account: ExternalAccount,
        isDeleted: Bool = false,
        loss: String? = nil,
        warnings: [String] = []
    ) {
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
        self.loss = loss
        self.warnings = warnings.isEmpty ? nil : warnings
    }

    var text: String {
        var text = "\(id): \(label), \(type)\(path.map { " \($0)" } ?? "")"
        if deleted == true {
            return text + ", deleted" + (loss.map { "; \($0) until it is configured again" } ?? "")
        }
        if !enabled { text += ", disabled" }
        if readOnly { text += ", for imports only" }
        for key in hostKeys ?? [] { text += "\n  host key   \(key)" }
        if let pattern { text += "\n  reads      \(pattern)" }
        if afterReading != "keep" { text += "\n  afterwards \(afterReading)" }
        if let retentionDays { text += "\n  our files  deleted after \(retentionDays) days" }
        for warning in warnings ?? [] { text += "\n  warning    \(warning)" }
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
