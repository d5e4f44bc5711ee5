// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import GRDB
import Logging
import Problems
import Provisioning
import ServiceLifecycle
import Storage
import Testing
import Web

@testable import Campaign
@testable import PeopleService

/// A People service that listens on a free port of this machine, and a Campaign that has a token for it.
struct HubSystem {
    let people: PeopleService
    let campaign: Campaign
    let url: String
    let token: String

    /// Runs a test with both.
    static func run(_ body: (HubSystem) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "hub-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let people = try PeopleService.create(
            DataDirectory(path: root + "/people"),
            organization: #require(OrganizationID("5DC5123F5245B1D20A490D46@AdobeOrg"))
        )
        let campaign = try Campaign.create(DataDirectory(path: root + "/campaign"))
        _ = try DataSources(people).create(number: 77) { number, _ in
            DataSource(
                number: number,
                name: "Declared",
                description: "",
                integrationCode: "declared",
                idType: .crossDevice,
                idSpelling: .declared,
                namespace: number,
                isGlobal: false,
                restrictions: []
            )
        }
        let token = try people.write { database in
            try APITokenStore().create(name: "campaign", people.world, in: database).text
        }
        let (addresses, started) = AsyncStream.makeStream(of: ListenAddress.self)
        let server = WebServer(
            PeopleRoutes(people, explaining: { $0 as? Problem }).router(),
            on: ListenAddress(host: "127.0.0.1", port: 0),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { started.yield($0) }
        let group = ServiceGroup(
            services: [server],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = addresses.makeAsyncIterator()
            let address = try #require(await iterator.next())
            try await body(
                HubSystem(people: people, campaign: campaign, url: "http://\(address)", token: token)
            )
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// The People service onboards a file.
    func onboard(_ text: String, _ file: String) throws {
        let name = try #require(InboundFileName(parsing: file))
        var receipt = try people.write { database in
            try ReceiptStore().begin(.onboarding, account: "in", at: people.world.milliseconds, in: database)
        }
        let source = OnboardingRun.Source(name: file, bytes: MemorySource(Array(text.utf8)))
        try OnboardingRun(name, IDDirectory(people), people).run([source], &receipt)
    }

    /// The People service maps a segment to its only destination, made if there is none.
    func map(_ segment: SID, alias: String? = nil) throws {
        if let destination = try people.read({ try DestinationStore().list(limit: 1, in: $0) }).first {
            _ = try Destinations(people).map(segment, to: destination.number, alias: alias)
            return
        }
        let account = ExternalAccount(id: "out", label: "Out", settings: .folder(path: people.directory.path))
        try people.write { try ExternalAccountStore().save(account, in: $0) }
        let destination = try Destinations(people).create { number in
            Destination(
                number: number,
                name: "Campaign",
                description: "",
                keyDataSource: 77,
                account: account.id,
                mode: .iter,
                schedule: .onChange,
                template: nil,
                alias: nil,
                labels: [],
                isGzip: false,
                partByteCount: 1_000_000_000,
                isPaused: false
            )
        }
        _ = try Destinations(people).map(segment, to: destination.number, alias: alias)
    }

    /// Campaign gets a shared data source of the number 77, `declared`.
    func addDataSource() throws {
        try campaign.write { database in
            try database.execute(
                sql: """
                    INSERT INTO shared_data_sources (id, label, number, integration_code, mode, key_field,
                        normalization_version, channel, import_account, export_account)
                    VALUES ('declared', 'Declared', 77, 'declared', 'declared', 'email', 1, 'email',
                        'importSharedAudience', 'exportSharedAudience')
                    """
            )
        }
    }

    /// Campaign's settings.
    func settings() throws -> HubSettings { try HubSettings(url: url, token: token) }

    /// A client with Campaign's settings.
    func client() throws -> HubClient { HubClient(try settings()) }
}

/// The code of the problem that something throws.
func code(of work: () async throws -> Void) async -> String? {
    do {
        try await work()
        return nil
    } catch {
        return (error as? Problem)?.kind.code
    }
}
