// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExternalAccounts
import Foundation
import Problems
import Storage
import Terminal

/// `tallystick accounts`: the storage of partners.
package struct AccountsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "accounts",
        abstract: "Configure and check the storage that files come from and go to.",
        subcommands: [Create.self, List.self, Check.self]
    )

    package init() {}
}

extension AccountsCommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Configure a built-in external account, or add another one.",
            subcommands: [CreateFolder.self]
        )
    }

    struct CreateFolder: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "folder",
            abstract: "An external account that is a local directory."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "The ID; importSharedAudience and exportSharedAudience are built in.") var id: String
        @Option(help: "The directory.") var path: String
        @Option(help: "The name for people.") var label: String?
        @Flag(help: "Give an account that has settings these instead.") var replace = false

        func run() async throws {
            let campaign = try Campaign(global.directory)
            var isDirectory: ObjCBool = false
            let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
            guard FileManager.default.fileExists(atPath: absolute, isDirectory: &isDirectory),
                isDirectory.boolValue
            else {
                throw Problem(
                    .accountRefused,
                    "There is no directory \(absolute).",
                    advice: "Make it, or name another one.",
                    field: "path"
                )
            }
            let data = URL(fileURLWithPath: global.directory.path).resolvingSymlinksInPath().path
            let real = URL(fileURLWithPath: absolute).resolvingSymlinksInPath().path
            guard !path.isEmpty, real != data, !real.hasPrefix(data + "/") else {
                throw Problem(
                    .accountRefused,
                    "\(absolute) is in the data directory, which is the program's own.",
                    advice: "Name a directory that you share with the partner.",
                    field: "path"
                )
            }
            let store = ExternalAccountStore()
            let account = try campaign.write { database in
                let known = try store.all(in: database).first { $0.id == id }
                try store.save(
                    ExternalAccount(
                        id: id,
                        label: label ?? known?.label ?? id,
                        settings: .folder(path: absolute)
                    ),
                    isReplacing: replace,
                    in: database
                )
                return try store.find(id, in: database)
            }
            try global.show(AccountReport(account))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the external accounts.")

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let accounts = try campaign.read { try ExternalAccountStore().all(in: $0) }
            try global.show(AccountsReport(accounts: accounts.map(AccountReport.init)))
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
            let report = try await AccountCheckReport.run(account, world: campaign.world)
            try global.show(report)
            if !report.ok { throw CommandExit.failed }
        }
    }
}

private struct AccountReport: Report {
    let id: String
    let label: String
    let type: String
    let path: String?
    let enabled: Bool

    init(_ account: ExternalAccount) {
        id = account.id
        label = account.label
        type = account.typeName
        enabled = account.isEnabled
        if case .folder(let path) = account.settings { self.path = path } else { path = nil }
    }

    var text: String { "\(id): \(label), \(type)\(path.map { " \($0)" } ?? "")" }
}

private struct AccountsReport: Report {
    let accounts: [AccountReport]

    var text: String {
        var table = TextTable("ID", "TYPE", "LABEL", "WHERE")
        for account in accounts {
            table.add(account.id, account.type, account.label, account.path ?? "")
        }
        return table.text
    }
}
