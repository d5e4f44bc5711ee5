// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Campaign
import ExternalAccounts
import Foundation
import PeopleService
import Problems
import Provisioning
import Storage
import Synchronization
import Testing

/// Campaign and a People service of one test, each with a data directory of its own, and a folder that both see.
final class TwoSystems: Sendable {
    static let organization = "5DC5123F5245B1D20A490D46@AdobeOrg"

    let root: String
    let campaign: Campaign
    let people: PeopleService
    private let clock: Days

    init() throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("two-\(UUID().uuidString)").path
        let days = Days()
        let world = World(now: { Date().addingTimeInterval(days.count * 86_400) })
        self.clock = days
        campaign = try Campaign.create(DataDirectory(path: root + "/campaign"), world: world)
        people = try PeopleService.create(
            DataDirectory(path: root + "/people"),
            organization: #require(OrganizationID(Self.organization)),
            world: world
        )
        try FileManager.default.createDirectory(atPath: share, withIntermediateDirectories: true)
    }

    /// How far the clock of both is ahead.
    private final class Days: Sendable {
        private let value = Mutex(0.0)

        var count: Double { value.withLock { $0 } }

        func pass(_ days: Double) { value.withLock { $0 += days } }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    var share: String { root + "/share" }

    /// Lets time pass for both.
    func pass(days: Double) { clock.pass(days) }

    /// Campaign writes a request.
    func request(
        _ ids: [ProvisioningRequest.IDKind] = [.declared, .visitor],
        organization: String = TwoSystems.organization
    ) throws -> ProvisioningRequest {
        try Requests(campaign).write(
            organizationName: "Example Shops",
            organizationID: organization,
            environment: "Production",
            product: .people,
            ids: ids,
            additionalInformation: ""
        )
    }

    /// The People service accepts a request.
    func accept(
        _ request: ProvisioningRequest,
        _ change: (inout AcceptanceOptions) -> Void = { _ in }
    ) throws -> AcceptanceReport {
        var options = AcceptanceOptions()
        options.storage = share
        change(&options)
        return try Acceptance(request, options, people).accept()
    }

    /// The answer of the People service to a request.
    func answer(
        _ request: ProvisioningRequest,
        _ change: (inout AcceptanceOptions) -> Void = { _ in }
    ) throws -> String {
        try #require(try accept(request, change).answer)
    }

    /// Campaign completes.
    @discardableResult
    func complete(_ answer: String, _ options: [String] = ["--key", "email", "--accept-terms"]) async throws
        -> CompletionReport
    {
        try await Completion(campaign).complete(answer, CompletionArguments.parse(options))
    }

    /// The external account of Campaign.
    func account(_ id: String) throws -> ExternalAccount {
        try campaign.read { try ExternalAccountStore().find(id, in: $0) }
    }

    /// The shared data sources of Campaign by ID.
    func sources() throws -> [String: SharedDataSource] {
        let all = try campaign.read { try SharedDataSourceStore(campaign).all(in: $0) }
        return Dictionary(uniqueKeysWithValues: all.map { ($0.id.rawValue, $0) })
    }
}

/// The kind of the problem that some work ends with.
func kind(_ work: () async throws -> Void) async -> ProblemKind? {
    do {
        try await work()
        return nil
    } catch {
        return (error as? Problem)?.kind
    }
}
