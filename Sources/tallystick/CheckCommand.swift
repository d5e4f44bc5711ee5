// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Campaign
import PeopleService
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
        // Where there is no system at all, Campaign says so.
        if global.directory.holds(.campaign) || !global.directory.holds(.people) {
            findings += try await Diagnosis(Campaign(global.directory)).run().findings
        }
        if global.directory.holds(.people) {
            findings += try await PeopleDiagnosis(PeopleService(global.directory)).run().findings
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
