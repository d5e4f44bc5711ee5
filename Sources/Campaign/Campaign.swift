// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Logging
import Matching
import Problems
import Storage
import Transfer

/// The system Campaign, opened on a data directory: what its commands, and later its pages, stand on.
///
/// The composition root of the system: the only place that knows which database, sealer, clock and logger its
/// features use.
package struct Campaign: Sendable {
    /// Where everything is kept.
    package let directory: DataDirectory

    /// `campaign.db`.
    package let database: DatabasePool

    /// Opens and seals secrets.
    package let sealer: Sealer

    /// Time and randomness.
    package let world: World

    /// The open ways to external accounts.
    private let transports = Transports()

    /// For operators; never holds a person's data.
    package let logger: Logger

    /// Opens an installation.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - world: Time and randomness.
    ///   - logger: Where operators look.
    /// - Throws: ``Problem`` when there is none, or it can't be written, or a newer version wrote it.
    package init(
        _ directory: DataDirectory,
        world: World = World(),
        logger: Logger = Logger(label: "tallystick")
    ) throws {
        try directory.require(.campaign)
        self.directory = directory
        self.world = world
        self.logger = logger
        database = try SystemDatabase.open(directory.campaignDatabase, migrator: CampaignMigrations.migrator)
        sealer = try Sealer(directory)
    }

    /// Makes a new installation, or completes one that was begun.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - world: Time and randomness.
    /// - Returns: The opened installation.
    /// - Throws: ``Problem`` when the directory can't be written.
    @discardableResult
    package static func create(_ directory: DataDirectory, world: World = World()) throws -> Campaign {
        // A new key would not open what an installation has sealed: a lost one has to come back from a backup.
        let isNew = !directory.hasInstallation
        try directory.create()
        if isNew { try Sealer.createKey(in: directory, world: world) }
        _ = try SystemDatabase.open(directory.campaignDatabase, migrator: CampaignMigrations.migrator)
        let campaign = try Campaign(directory, world: world)
        try campaign.database.write { database in
            try campaign.storeKeySecretIfMissing(in: database)
            try SharedDataSourceStore.createDefault(in: database)
        }
        return campaign
    }

    /// Does a change of the database in one transaction and turns database errors into problems.
    ///
    /// - Parameter change: The change.
    /// - Returns: What the change returns.
    /// - Throws: What the change throws; of the database's errors those that a person can put right as ``Problem``.
    package func write<Value>(_ change: (Database) throws -> Value) throws -> Value {
        do {
            return try database.write(change)
        } catch {
            throw SystemDatabase.problem(error, about: directory.campaignDatabase)
        }
    }

    /// Reads one consistent state of the database and turns database errors into problems.
    ///
    /// - Parameter work: What to read.
    /// - Returns: What was read.
    /// - Throws: What the work throws; of the database's errors those that a person can put right as ``Problem``.
    package func read<Value>(_ work: (Database) throws -> Value) throws -> Value {
        do {
            return try database.read(work)
        } catch {
            throw SystemDatabase.problem(error, about: directory.campaignDatabase)
        }
    }

    /// Waits for other changes of this data directory to end, and holds off later ones until released.
    ///
    /// - Returns: The lock; it ends with its last reference.
    package func lockForChange() throws -> DirectoryLock {
        try DirectoryLock(directory, .change, patience: .seconds(600))
    }

    /// The way to an external account's storage; one for each account as long as this installation is open.
    ///
    /// - Parameter account: The account.
    /// - Returns: Its transport.
    /// - Throws: ``Problem`` of kind `accounts.unconfigured`, `accounts.disabled` or `secrets.unreadable`.
    package func transport(to account: ExternalAccount) throws -> any Transport {
        try transports.transport(to: account, sealer, world)
    }

    /// The secret under which the keys of all indexes are made.
    package func keySecret() throws -> IDKeySecret {
        let sealed = try read { database in
            try Data.fetchOne(database, sql: "SELECT sealed FROM secrets WHERE name = 'index-key'")
        }
        guard let sealed else {
            throw Problem(.databaseDamaged, "\(directory.campaignDatabase) lacks the secret of its indexes.")
        }
        return try IDKeySecret(bytes: sealer.open(sealed, for: "index-key"))
    }

    private func storeKeySecretIfMissing(in database: Database) throws {
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM secrets WHERE name = 'index-key'")
        guard count == 0 else { return }
        try database.execute(
            sql: "INSERT INTO secrets (name, sealed) VALUES ('index-key', ?)",
            arguments: [try sealer.seal(world.randomBytes(16), for: "index-key")]
        )
    }
}
