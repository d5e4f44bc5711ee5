// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
import Storage
import Terminal

extension AccountsCommand {
    /// `tallystick accounts create folder`.
    struct CreateFolder: AsyncParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "folder",
                abstract: "An external account that is a local directory."
            )
        }

        @OptionGroup var global: GlobalOptions
        @OptionGroup var chosen: SystemOption
        @OptionGroup var options: NewAccountOptions
        @Option(help: "The directory.") var path: String
        @OptionGroup var rules: AccountRuleOptions

        func run() async throws {
            let host = try System.open(global.directory, chosen.system)
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
            let account = ExternalAccount(
                id: options.id,
                label: "",
                settings: .folder(path: absolute),
                rules: try rules.applied(to: AccountRules())
            )
            try AccountRegister.save(
                account,
                label: options.label,
                replacing: options.replace,
                host,
                global
            )
        }
    }
}

/// The options that every new account takes.
struct NewAccountOptions: ParsableArguments {
    @Option(help: "The ID; importSharedAudience and exportSharedAudience are built in.") var id: String
    @Option(help: "The name for people.") var label: String?
    @Flag(help: "Give an account that has settings these instead.") var replace = false
}
