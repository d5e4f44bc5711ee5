// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Problems
import Storage

/// The change of the key that seals all secrets.
///
/// The next key is written beside the current one, one transaction seals everything anew, and the next key takes the
/// current one's place. A crash in between is put right when the data directory is opened again: whichever key opens
/// the secrets is the right one.
struct SecretRotation {
    private let directory: DataDirectory
    private let database: DatabasePool

    init(_ directory: DataDirectory, _ database: DatabasePool) {
        self.directory = directory
        self.database = database
    }

    /// Seals every secret under a new key.
    ///
    /// - Parameter campaign: The installation; nobody else may be using its secrets.
    /// - Returns: How many secrets were sealed anew.
    /// - Throws: ``Problem`` of kind `secrets.key-elsewhere`, `secrets.unreadable` or `data.not-writable`.
    static func run(_ campaign: Campaign) throws -> Int {
        guard !Sealer.isGivenByEnvironment() else {
            throw Problem(
                .sealingKeyElsewhere,
                "The sealing key comes from the environment variable \(Sealer.environmentName)."
            )
        }
        let next = campaign.directory.nextSealingKeyFile
        unlink(next)
        try Sealer.createKey(at: next, world: campaign.world)
        do {
            let count = try reseal(campaign, to: Sealer(file: next))
            try SecretRotation(campaign.directory, campaign.database).adopt()
            return count
        } catch {
            try SecretRotation(campaign.directory, campaign.database).finishInterrupted()
            throw error
        }
    }

    /// Seals every secret under a key that the environment will give from now on.
    ///
    /// - Parameters:
    ///   - campaign: The installation; nobody else may be using its secrets.
    ///   - path: A file with the new key, 64 hex digits, readable by its owner alone.
    /// - Returns: How many secrets were sealed anew.
    /// - Throws: ``Problem`` of the kinds of a sealing key, or `secrets.unreadable`.
    static func run(_ campaign: Campaign, newKeyFile path: String) throws -> Int {
        try reseal(campaign, to: Sealer(file: path))
    }

    /// Puts right what a rotation left that was interrupted; does nothing otherwise.
    ///
    /// - Throws: ``Problem`` of kind `secrets.unreadable` where neither key opens the secrets.
    func finishInterrupted() throws {
        let next = directory.nextSealingKeyFile
        guard FileManager.default.fileExists(atPath: next), !Sealer.isGivenByEnvironment() else { return }
        let sealed = try database.read { database in
            try Data.fetchOne(database, sql: "SELECT sealed FROM secrets WHERE name = 'index-key'")
        }
        if let sealed, let sealer = try? Sealer(file: next),
            (try? sealer.open(sealed, for: "index-key")) != nil
        {
            try adopt()
        } else {
            unlink(next)
        }
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

    private static func reseal(_ campaign: Campaign, to newer: Sealer) throws -> Int {
        let older = campaign.sealer
        let count = try campaign.database.writeWithoutTransaction { database in
            // What was sealed under the older key must not stay readable in free pages or in the log.
            try database.execute(sql: "PRAGMA secure_delete = ON")
            var count = 0
            try database.inTransaction {
                count = try resealNamed(from: older, to: newer, in: database)
                count += try SharedDataSourceStore.reseal(from: older, to: newer, in: database)
                count += try ExternalAccountStore().reseal(from: older, to: newer, in: database)
                count += try WrittenRequestStore.reseal(from: older, to: newer, in: database)
                return .commit
            }
            return count
        }
        _ = try? campaign.database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        return count
    }

    private static func resealNamed(from older: Sealer, to newer: Sealer, in database: Database) throws -> Int
    {
        let rows = try Row.fetchAll(database, sql: "SELECT name, sealed FROM secrets ORDER BY name")
        for row in rows {
            let name: String = row["name"]
            try database.execute(
                sql: "UPDATE secrets SET sealed = ? WHERE name = ?",
                arguments: [try newer.seal(older.open(row["sealed"], for: name), for: name), name]
            )
        }
        return rows.count
    }
}
