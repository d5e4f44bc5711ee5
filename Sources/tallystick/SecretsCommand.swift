// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
import Storage
import Terminal

/// `tallystick secrets`: the key that seals passwords, keys and vectors.
struct SecretsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets",
        abstract: "Change the key that seals passwords, keys and vectors.",
        subcommands: [Rotate.self]
    )

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal every secret under a new key.",
            discussion: """
                The new key takes the place of sealing.key in the data directory, for every system in it; older \
                backups need the older key. If it is interrupted, run it again. \
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
            let directory = global.directory
            let systems = try InstalledSystem.all(in: directory)
            // Who goes on working would read secrets with the key that it began with.
            let users: [DirectoryLock.Purpose] = [.serve, .sync, .peopleSync]
            let locks =
                try users.map { try DirectoryLock(directory, $0) }
                + [DirectoryLock(directory, .change, patience: .seconds(600))]
            defer { withExtendedLifetime(locks) {} }
            let rotation = SecretRotation(directory)
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
                count = try rotation.run(systems, newKeyFile: newKeyFile)
            } else {
                count = try rotation.run(systems)
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
