// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Storage
import Terminal

/// `tallystick check`: looks for what keeps the exchange from working, in each system of the data directory.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the database, the indexes, the accounts, the data sources and the files that wait."
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        var findings: [Finding] = []
        for system in try InstalledSystem.all(in: global.directory) {
            findings += try await system.diagnose().findings
        }
        if SecretRotation.isUnfinished(in: global.directory) {
            findings.append(
                Finding(
                    "sealing key",
                    .warning,
                    "A change of the key that seals secrets was interrupted; the older key still opens some.",
                    fix: "Run `tallystick secrets rotate` again."
                )
            )
        }
        let report = CheckReport(findings: findings)
        try global.show(report)
        if !report.ok { throw CommandExit.failed }
    }
}
