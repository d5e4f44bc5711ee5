// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Problems

/// `tallystick docs`: the pages of the documentation that are generated from the program.
package struct DocsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "docs",
        abstract: "Print pages of the documentation that are generated from the program.",
        shouldDisplay: false,
        subcommands: [Errors.self]
    )

    package init() {}

    struct Errors: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print docs/errors.md.")

        func run() async throws {
            print(ProblemCatalog.markdown(ProblemKind.all), terminator: "")
        }
    }
}
