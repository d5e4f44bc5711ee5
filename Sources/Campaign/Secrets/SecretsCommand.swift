// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
import Storage
import Terminal

/// `tallystick secrets`: the key that seals passwords, keys and vectors.
package struct SecretsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "secrets",
        abstract: "Change the key that seals passwords, keys and vectors.",
        subcommands: [Rotate.self]
    )

    package init() {}

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal every secret under a new key.",
            discussion: """
                The new key takes the place of sealing.key in the data directory; older backups need the older key. \
                Where the key comes from the environment, give the new one with --new-key-file and set \
                TALLYSTICK_SEALING_KEY to it afterwards.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Option(
            help: "A file of mode 0600 with the new key, 64 hex digits, where the environment gives the key."
        )
        var newKeyFile: String?

        func run() async throws {
            let campaign = try Campaign(global.directory)
            // A sync that goes on would read secrets with the key that it began with.
            let sync = try DirectoryLock(campaign.directory, .sync)
            let change = try campaign.lockForChange()
            defer { withExtendedLifetime((sync, change)) {} }
            let count: Int
            if let newKeyFile {
                guard Sealer.isGivenByEnvironment() else {
                    throw Problem(
                        .sealingKeyMalformed,
                        "--new-key-file is for a key that the environment gives; this one is in the data directory.",
                        advice: "Leave --new-key-file out.",
                        field: "new-key-file"
                    )
                }
                count = try SecretRotation.run(campaign, newKeyFile: newKeyFile)
            } else {
                count = try SecretRotation.run(campaign)
            }
            try global.show(RotationReport(sealed: count, environment: newKeyFile != nil))
        }
    }
}

private struct RotationReport: Report {
    /// How many secrets were sealed anew.
    let sealed: Int
    let environment: Bool

    var text: String {
        let done = "\(sealed) secrets sealed under a new key."
        return environment ? done + " Set \(Sealer.environmentName) to it now." : done
    }
}
