// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Terminal

/// `tallystick check`: looks for what keeps the exchange from working.
package struct CheckCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the database, the indexes, the accounts, the data sources and the files that wait."
    )

    @OptionGroup var global: GlobalOptions

    package init() {}

    package func run() async throws {
        let report = try await Diagnosis(Campaign(global.directory)).run()
        try global.show(report)
        if !report.ok { throw CommandExit.failed }
    }
}
