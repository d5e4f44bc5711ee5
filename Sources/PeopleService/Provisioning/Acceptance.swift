// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Logging
import Problems
import Provisioning
import Storage
import Web

/// Accepts a request of Campaign: makes what it asks for in one transaction, and answers.
package struct Acceptance {
    /// How many days a token for the API lasts.
    private static let tokenDays = 365

    private let service: PeopleService
    private let request: ProvisioningRequest
    private let options: AcceptanceOptions

    package init(_ request: ProvisioningRequest, _ options: AcceptanceOptions, _ service: PeopleService) {
        self.service = service
        self.request = request
        self.options = options
    }

    /// Says what would be made, and makes nothing.
    ///
    /// - Throws: ``Problem`` as ``accept()`` does.
    package func preview() throws -> AcceptanceReport {
        try service.read { database in
            let plan = try AcceptancePlan(request, options, service, in: database)
            return AcceptanceReport(
                plan,
                plan.isRepetition ? plan.known : nil,
                api: options.apiURL ?? plan.known?.api
            )
        }
    }

    /// Makes what the request asks for, unless it is there already, and writes an answer.
    ///
    /// - Returns: What was made, with the sealed answer.
    /// - Throws: ``Problem`` of kind `provisioning.conflict`, or those of data sources, destinations and accounts.
    package func accept() throws -> AcceptanceReport {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        let planned = try service.read { try AcceptancePlan(request, options, service, in: $0) }
        if let storage = planned.storage {
            for part in ["inbound", "outbound"] {
                try makeFolder("\(storage)/\(part)")
            }
        }
        let now = service.world.milliseconds
        let expires = now + Int64(options.expiresDays) * 86_400_000
        let report = try service.write { database in
            let plan = try AcceptancePlan(request, options, service, in: database)
            var made = try plan.isRepetition ? require(plan.known, in: database) : make(plan, in: database)
            let api = try renewToken(of: &made, in: database)
            made.answers += 1
            try ProvisioningStore().save(made, at: now, in: database)
            let answer = try answer(made, api, now, expires, in: database)
            return AcceptanceReport(
                plan,
                made,
                api: api?.url,
                expires: Date(timeIntervalSince1970: Double(expires) / 1000).formatted(.iso8601),
                answer: try SealedAnswer(answer, to: request).text
            )
        }
        service.logger.notice("request accepted", metadata: ["request": "\(request.request)"])
        return report
    }

    private func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Problem(.accountRefused, "The folder \(path) can't be made.", field: "storage")
        }
    }

    // What is made

    private func make(_ plan: AcceptancePlan, in database: Database) throws -> Provisioned {
        let time = service.world.milliseconds
        var made = Provisioned(
            request: request,
            state: .accepted,
            sources: plan.sources.map(\.source),
            inboundAccount: plan.inboundAccount,
            outboundAccount: plan.outboundAccount,
            storage: plan.storage,
            mode: plan.mode,
            test: nil,
            answers: plan.known?.answers ?? 0
        )
        for planned in plan.sources where !planned.isThere {
            let source = Self.dataSource(planned.source, request)
            try DataSourceStore().add(source, at: time, in: database)
            _ = try MergeRuleStore().follow(source, in: database)
        }
        if let storage = plan.storage {
            for (id, part) in [(plan.inboundAccount, "inbound"), (plan.outboundAccount, "outbound")] {
                try ExternalAccountStore().save(
                    ExternalAccount(
                        id: id,
                        label: "\(request.organizationName), \(part)",
                        settings: .folder(path: "\(storage)/\(part)")
                    ),
                    isReplacing: true,
                    in: database
                )
            }
        }
        for index in made.sources.indices {
            let source = made.sources[index]
            made.sources[index].destination =
                try Destinations(service).create(in: database) { number in
                    Destination(
                        number: number,
                        name: source.name,
                        description: "Made for \(request.request)",
                        keyDataSource: source.number,
                        account: plan.outboundAccount,
                        mode: plan.mode,
                        schedule: .onChange,
                        template: nil,
                        alias: nil,
                        labels: [],
                        isGzip: true,
                        partByteCount: Destination.defaultPartByteCount,
                        isPaused: false
                    )
                }
                .number
        }
        made.test = try ProvisioningTest(of: made, at: time).make(in: database)
        return made
    }

    private static func dataSource(_ source: Provisioned.Source, _ request: ProvisioningRequest) -> DataSource
    {
        DataSource(
            number: source.number,
            name: source.name,
            description: "Made for \(request.request)",
            integrationCode: source.integrationCode,
            idType: source.kind == .visitor ? .cookie : .crossDevice,
            idSpelling: source.kind == .visitor ? .visitorID : .declared,
            namespace: source.kind == .visitor ? DataSource.visitorIDs : source.number,
            isGlobal: false,
            restrictions: [],
            retentionDays: DataSource.defaultRetentionDays(source.kind == .visitor ? .cookie : .crossDevice)
        )
    }

    /// Makes sure that what was made before is still there.
    private func require(_ known: Provisioned?, in database: Database) throws -> Provisioned {
        do {
            guard let known else {
                throw Problem(.provisioningUnknown, "Nothing was made for \(request.request).")
            }
            for source in known.sources {
                _ = try DataSourceStore().find(source.number, in: database)
                _ = try DestinationStore().find(source.destination ?? 0, in: database)
            }
            for account in [known.inboundAccount, known.outboundAccount] {
                _ = try ExternalAccountStore().find(account, in: database)
            }
            return known
        } catch let problem as Problem {
            throw Problem(
                .provisioningConflict,
                "A part of what was made for \(request.request) is gone: \(problem.summary)",
                advice: "Run `tallystick provision revoke \(request.request)`, then accept the request again."
            )
        }
    }

    // The answer

    /// The token of the API: a fresh one with each answer, since only a digest of the earlier one is kept.
    private func renewToken(of made: inout Provisioned, in database: Database) throws
        -> ProvisioningAnswer.API?
    {
        guard let url = options.apiURL ?? made.api else { return nil }
        if let token = made.token { _ = try? APITokenStore().revoke(token, in: database) }
        let (token, text) = try APITokenStore().create(
            name: "Campaign of \(request.request)",
            access: .write,
            days: Self.tokenDays,
            service.world,
            in: database
        )
        made.token = token.id
        made.api = url
        return ProvisioningAnswer.API(url: url, token: text)
    }

    private func answer(
        _ made: Provisioned,
        _ api: ProvisioningAnswer.API?,
        _ now: Int64,
        _ expires: Int64,
        in database: Database
    ) throws -> ProvisioningAnswer {
        func area(_ id: String) throws -> ProvisioningAnswer.Area {
            let account = try ExternalAccountStore().find(id, in: database)
            guard let area = ProvisioningAnswer.Area.of(account, try account.secrets(service.sealer)) else {
                throw Problem(.accountUnconfigured, "The external account \(id) is not configured.")
            }
            return area
        }
        return ProvisioningAnswer(
            request: request.request,
            code: service.world.randomHex(8),
            issued: now,
            expires: expires,
            organizationID: request.organizationID,
            inbound: try area(made.inboundAccount),
            outbound: try area(made.outboundAccount),
            sources: made.sources.map { source in
                ProvisioningAnswer.Source(
                    kind: source.kind,
                    number: source.number,
                    name: source.name,
                    integrationCode: source.integrationCode,
                    destination: source.destination ?? 0
                )
            },
            test: made.test.map {
                ProvisioningAnswer.Test(kind: $0.kind, trait: $0.trait, segment: String($0.segment))
            },
            api: api
        )
    }
}
