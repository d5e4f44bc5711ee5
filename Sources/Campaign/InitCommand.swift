// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Storage
import Terminal

/// `tallystick init`: makes the data directory.
package struct InitCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a data directory with an empty database and a sealing key.",
        discussion: "An installation that exists stays as it is."
    )

    @OptionGroup var global: GlobalOptions

    package init() {}

    package func run() async throws {
        let existed = global.directory.holds(.campaign)
        try Campaign.create(global.directory)
        try global.show(InitReport(data: global.directory.path, created: !existed))
    }
}

private struct InitReport: Report {
    let data: String
    let created: Bool

    var text: String {
        created
            ? """
            \(data) is ready. It holds the database and the key that seals secrets (sealing.key): keep a copy of that key.
            Next: tallystick profiles load FILE --key externalId
            """
            : "\(data) exists already and stays as it is."
    }
}
