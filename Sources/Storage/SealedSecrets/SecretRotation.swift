// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems

/// The change of the key that seals all secrets of a data directory, of every system in it.
///
/// The next key is written beside the current one, one transaction for each system seals everything anew, and the next
/// key takes the current one's place. Until then both keys open, so that after a crash at any moment every secret can
/// be read, and a repetition finishes the change.
package struct SecretRotation {
    private let directory: DataDirectory
    private let world: World
    private let environment: [String: String]

    /// Prepares a change.
    ///
    /// - Parameters:
    ///   - directory: The data directory; nobody else may be using its secrets.
    ///   - world: The source of randomness.
    ///   - environment: The process's environment.
    package init(
        _ directory: DataDirectory,
        world: World = World(),
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.directory = directory
        self.world = world
        self.environment = environment
    }

    /// Whether a change was begun and not finished.
    package static func isUnfinished(in directory: DataDirectory) -> Bool {
        FileManager.default.fileExists(atPath: directory.nextSealingKeyFile)
    }

    /// Seals every secret under a new key.
    ///
    /// - Parameter keepers: All systems of the data directory.
    /// - Returns: How many secrets were sealed anew.
    /// - Throws: ``Problem`` of kind `secrets.key-elsewhere`, `secrets.unreadable` or `data.not-writable`.
    package func run(_ keepers: [any SecretKeeper]) throws -> Int {
        guard !Sealer.isGivenByEnvironment(environment) else {
            throw Problem(
                .sealingKeyElsewhere,
                "The sealing key comes from the environment variable \(Sealer.environmentName)."
            )
        }
        let next = directory.nextSealingKeyFile
        // The key of a change that was not finished may have sealed something already.
        if !Self.isUnfinished(in: directory) { try Sealer.createKey(at: next, world: world) }
        let count = try reseal(keepers, to: Sealer(file: next))
        try adopt()
        return count
    }

    /// Seals every secret under a key that the environment will give from now on.
    ///
    /// - Parameters:
    ///   - keepers: All systems of the data directory.
    ///   - path: A file with the new key, 64 hex digits, readable by its owner alone.
    /// - Returns: How many secrets were sealed anew.
    /// - Throws: ``Problem`` of the kinds of a sealing key, or `secrets.unreadable`.
    package func run(_ keepers: [any SecretKeeper], newKeyFile path: String) throws -> Int {
        try reseal(keepers, to: Sealer(file: path))
    }

    private func reseal(_ keepers: [any SecretKeeper], to newer: Sealer) throws -> Int {
        let older = try Sealer(directory, environment: environment).opening(also: newer)
        var total = 0
        for keeper in keepers {
            total += try keeper.database.writeWithoutTransaction { database in
                // What was sealed under the older key must not stay readable in free pages or in the log.
                try database.execute(sql: "PRAGMA secure_delete = ON")
                var count = 0
                try database.inTransaction {
                    count = try keeper.reseal(from: older, to: newer, in: database)
                    return .commit
                }
                return count
            }
            _ = try? keeper.database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        }
        return total
    }

    /// Puts the next key in the place of the current one.
    private func adopt() throws {
        guard rename(directory.nextSealingKeyFile, directory.sealingKeyFile) == 0 else {
            throw Problem(.dataNotWritable, "The sealing key \(directory.sealingKeyFile) can't be replaced.")
        }
        let folder = open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }
}
