// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Campaign
import PeopleService
import Problems
import Provisioning
import Web

/// `tallystick docs`: the pages of the documentation that are generated from the program.
struct DocsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs",
        abstract: "Print pages of the documentation that are generated from the program.",
        shouldDisplay: false,
        subcommands: [Errors.self]
    )

    struct Errors: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print docs/errors.md.")

        func run() async throws {
            let kinds = ProblemKind.all + ProblemKind.people + ProblemKind.provisioning + ProblemKind.web
            print(ProblemCatalog.markdown(kinds), terminator: "")
        }
    }
}
