// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Storage
import Terminal
import Web

/// `tallystick people tokens`: who may use the API.
package struct TokensCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tokens",
        abstract: "Make, list and revoke the tokens of programs that use the API.",
        subcommands: [Create.self, List.self, Revoke.self]
    )

    package init() {}

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token. Its text is printed once; only a digest of it is kept."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "The name for people, like that of the program that uses it.") var name: String
        @Option(help: "For how many days, 1 to 3650.") var expires = APITokenStore.defaultDays
        @Flag(help: "The token may look at everything and change nothing.") var readOnly = false
        @Flag(help: "The token also shows the texts of rejected lines, which hold IDs of people.")
        var rejectedLines = false

        func run() async throws {
            let service = try PeopleService(global.directory)
            let made = try service.write { database in
                try APITokenStore().create(
                    name: name,
                    access: readOnly ? .read : .write,
                    readsRejectedLines: rejectedLines,
                    days: expires,
                    service.world,
                    in: database
                )
            }
            try global.show(NewTokenReport(made.token, text: made.text))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tokens, without their texts.")

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let service = try PeopleService(global.directory)
            let tokens = try service.read { try APITokenStore().list(in: $0) }
            try global.show(TokensReport(tokens, at: service.world.milliseconds))
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a token: it is refused from now on."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The token's ID, like T3.") var token: String

        func run() async throws {
            let service = try PeopleService(global.directory)
            let revoked = try service.write { try APITokenStore().revoke(token, in: $0) }
            try global.show(RevokedReport(revoked: revoked.id, name: revoked.name))
        }
    }
}
