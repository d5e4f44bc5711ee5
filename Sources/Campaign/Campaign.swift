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
package struct Campaign: StoredSystem {
    package static let system = DataDirectory.System.campaign

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
            try campaign.makeSecret(named: indexKey, byteCount: 16, in: database)
            try SharedDataSourceStore.createDefault(in: database)
        }
        return campaign
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
        try IDKeySecret(bytes: secret(named: Self.indexKey))
    }

    private static let indexKey = "index-key"
}
