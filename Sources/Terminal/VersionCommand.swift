// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `tallystick version`: which program this is.
package struct VersionCommand: AsyncParsableCommand {
    /// The version of the program.
    package static let version = "0.1.0"

    package static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version."
    )

    @OptionGroup var global: GlobalOptions

    package init() {}

    package func run() async throws {
        try global.show(VersionReport(version: Self.version))
    }
}

private struct VersionReport: Report {
    let version: String

    var text: String { "tallystick \(version)" }
}
