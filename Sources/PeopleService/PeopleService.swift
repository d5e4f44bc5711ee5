// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Logging
import Matching
import Problems
import Provisioning
import Storage
import Transfer

/// The system People service, opened on a data directory: what its commands and its API stand on.
///
/// The composition root of the system: the only place that knows which database, sealer, clock and logger its
/// features use.
package struct PeopleService: StoredSystem {
    package static let system = DataDirectory.System.people

    /// Where everything is kept.
    package let directory: DataDirectory

    /// `people.db`.
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
        try directory.require(.people)
        self.directory = directory
        self.world = world
        self.logger = logger
        database = try SystemDatabase.open(
            directory.database(of: Self.system),
            migrator: PeopleMigrations.migrator
        )
        // What is deleted must not stay readable in free pages; all writing goes through this one connection.
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA secure_delete = ON") }
        sealer = try Sealer(directory)
    }

    /// Makes a new installation, or completes one that was begun.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - organization: The organization whose people these are, like `5DC5123F5245B1D20A490D46@AdobeOrg`.
    ///   - world: Time and randomness.
    /// - Returns: The opened installation.
    /// - Throws: ``Problem`` when the directory can't be written, or belongs to another organization.
    @discardableResult
    package static func create(
        _ directory: DataDirectory,
        organization: OrganizationID,
        world: World = World()
    ) throws -> PeopleService {
        // A new key would not open what an installation has sealed: a lost one has to come back from a backup.
        let isNew = !directory.hasInstallation
        try directory.create()
        if isNew { try Sealer.createKey(in: directory, world: world) }
        let path = directory.database(of: system)
        _ = try SystemDatabase.open(path, migrator: PeopleMigrations.migrator)
        let service = try PeopleService(directory, world: world)
        try service.write { database in
            try service.store(organization, in: database)
            try service.makeSecret(named: idKey, byteCount: 16, in: database)
            try DataSourceStore().storeGlobalOnes(at: world.milliseconds, in: database)
            try MergeRuleStore().storeFirst(in: database)
        }
        return service
    }

    /// The way to an external account's storage; one for each account as long as this installation is open.
    ///
    /// - Parameter account: The account.
    /// - Returns: Its transport.
    /// - Throws: ``Problem`` of kind `accounts.unconfigured`, `accounts.disabled` or `secrets.unreadable`.
    package func transport(to account: ExternalAccount) throws -> any Transport {
        try transports.transport(to: account, sealer, world)
    }

    /// Today, in UTC.
    var today: Day { Day(milliseconds: world.milliseconds) }

    /// The organization whose people these are.
    package func organization() throws -> OrganizationID {
        let text = try read { try String.fetchOne($0, sql: "SELECT id FROM organization") }
        guard let text, let id = OrganizationID(text) else {
            throw Problem(.databaseDamaged, "\(databaseFile) names no organization.")
        }
        return id
    }

    /// The secret under which the keys of IDs are made.
    func idSecret() throws -> IDKeySecret {
        try IDKeySecret(bytes: secret(named: Self.idKey))
    }

    private static let idKey = "id-key"

    private func store(_ organization: OrganizationID, in database: Database) throws {
        let there = try String.fetchOne(database, sql: "SELECT id FROM organization")
        guard there == nil || there == organization.text else {
            throw Problem(
                .organizationDiffers,
                "\(directory.path) belongs to the organization \(there ?? "")."
            )
        }
        try database.execute(
            sql: "INSERT OR IGNORE INTO organization (one, id) VALUES (1, ?)",
            arguments: [organization.text]
        )
    }
}

extension ProblemKind {
    package static let organizationDiffers = ProblemKind(
        "people.organization-differs",
        status: 409,
        meaning: "The data directory belongs to another organization.",
        advice: "Use another data directory for this organization; one holds the people of one organization."
    )
}
