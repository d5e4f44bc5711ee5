// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Problems
import Provisioning
import Storage
import Testing

@testable import PeopleService

@Suite struct AcceptanceTests {
    private func rows(_ table: String, _ people: PeopleService) throws -> Int {
        try people.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") } ?? 0
    }

    private func counts(_ people: PeopleService) throws -> [Int] {
        try ["data_sources", "destinations", "traits", "segments", "mappings", "external_accounts"]
            .map { try rows($0, people) }
    }

    @Test func `accepting makes two data sources, their destinations, two folders and a test`() throws {
        let two = try TwoSystems()
        let before = try counts(two.people)
        let request = try two.request()
        _ = try two.accept(request)
        #expect(zip(try counts(two.people), before).map { $0 - $1 } == [2, 2, 1, 1, 1, 2])
        let (mid, declared) = try two.people.read {
            (try DataSourceStore().find(14_016, in: $0), try DataSourceStore().find(14_017, in: $0))
        }
        #expect(mid.name == "Adobe Campaign (MID)" && mid.idType == .cookie && mid.namespace == 4)
        #expect(declared.name == "Adobe Campaign (DeclaredId)" && declared.idType == .crossDevice)
        #expect(declared.integrationCode == "AdobeCampaignID")
        for part in ["inbound", "outbound"] {
            #expect(FileManager.default.fileExists(atPath: "\(two.share)/\(request.request)/\(part)"))
        }
    }

    @Test func `a preview makes nothing`() throws {
        let two = try TwoSystems()
        let before = try counts(two.people)
        var options = AcceptanceOptions()
        options.storage = two.share
        let preview = try Acceptance(two.request(), options, two.people).preview()
        #expect(preview.answer == nil)
        #expect(preview.text.contains("14017: Adobe Campaign (DeclaredId), code AdobeCampaignID"))
        #expect(try counts(two.people) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: two.share).isEmpty)
    }

    @Test func `accepting again makes nothing twice and gives a fresh answer`() throws {
        let two = try TwoSystems()
        let request = try two.request()
        let first = try two.accept(request)
        let made = try counts(two.people)
        let second = try two.accept(request) { $0.storage = nil }
        #expect(try counts(two.people) == made)
        #expect(first.dataSources.map(\.number) == second.dataSources.map(\.number))
        #expect(first.answer != second.answer)
        let problem = #expect(throws: Problem.self) {
            _ = try two.accept(request) { $0.storage = "/elsewhere" }
        }
        #expect(problem?.kind == .provisioningConflict)
    }

    @Test func `a second request gets numbers, names and codes of its own`() throws {
        let two = try TwoSystems()
        _ = try two.accept(two.request())
        let second = try two.accept(two.request())
        #expect(second.dataSources.map(\.number) == [14_018, 14_019])
        #expect(
            second.dataSources.map(\.integrationCode) == ["AdobeCampaignMID-14018", "AdobeCampaignID-14019"]
        )
    }

    @Test func `numbers can be chosen, and taken ones are refused`() throws {
        let two = try TwoSystems()
        let first = try two.accept(two.request()) { ($0.visitorNumber, $0.declaredNumber) = (900, 901) }
        #expect(first.dataSources.map(\.number) == [900, 901])
        let problem = #expect(throws: Problem.self) {
            _ = try two.accept(two.request()) { $0.declaredNumber = 900 }
        }
        #expect(problem?.kind == .provisioningConflict)
        #expect(problem?.field == "declared-number")
    }

    @Test func `the segment of the test can leave although the default merge rule is full`() throws {
        let two = try TwoSystems()
        for _ in 0..<4 { _ = try two.accept(two.request([.declared])) }
        let obstacles = try two.people.read { database in
            try DestinationStore().list(limit: 10, in: database).flatMap { destination in
                try DestinationStore().mappings(of: destination.number, in: database).compactMap { mapping in
                    try Destinations.obstacle(
                        SegmentStore().find(mapping.segment, in: database),
                        destination,
                        in: database
                    )
                }
            }
        }
        #expect(obstacles.isEmpty)
    }

    @Test func `a request of another organization, or altered after it was accepted, is refused`() throws {
        let two = try TwoSystems()
        let foreign = try two.request(organization: "000000000000000000000000@Other")
        #expect(throws: Problem.self) { _ = try two.accept(foreign) }
        let request = try two.request()
        _ = try two.accept(request)
        let altered = try ProvisioningRequest(parsing: request.text.replacing("Production", with: "Staging"))
        let problem = #expect(throws: Problem.self) { _ = try two.accept(altered) }
        #expect(problem?.kind == .provisioningConflict)
    }

    @Test func `revoking leaves nothing, twice does no harm, and accepting again makes the same`() throws {
        let two = try TwoSystems()
        let before = try counts(two.people)
        let request = try two.request()
        let first = try two.accept(request)
        let report = try Revocation(two.people).revoke(request.request)
        #expect(report.kept.isEmpty)
        #expect(try counts(two.people) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: two.share).isEmpty)
        #expect(try Revocation(two.people).revoke(request.request).removed.isEmpty)
        let again = try two.accept(request)
        #expect(again.dataSources.map(\.number) == first.dataSources.map(\.number))
    }

    @Test func `revoking keeps data sources and folders that hold something, and says so`() async throws {
        let two = try TwoSystems()
        let request = try two.request()
        _ = try two.accept(request)
        let inbox = "\(two.share)/\(request.request)/inbound"
        let trait = try two.people.read { try TraitStore().list(limit: 10, in: $0) }[0].sid
        try Data("person-1\td_sid=\(trait)\n".utf8)
            .write(to: URL(filePath: "\(inbox)/ftp_dpm_14017_1700000000.sync"))
        _ = try await PeopleSync(two.people, Settling(quietPeriod: .zero)).pass(isPatient: false)
        let report = try Revocation(two.people).revoke(request.request)
        #expect(
            report.kept.contains { $0.what.hasPrefix("data source 14017") && $0.reason.contains("1 IDs") }
        )
        #expect(report.kept.contains { $0.what.hasSuffix("inbound") })
        let again = try two.accept(request)
        #expect(again.dataSources.map(\.number).contains(14_017))
    }

    @Test func `with the address of the API a token is made, renewed with each answer, and revoked`() throws {
        let two = try TwoSystems()
        let request = try two.request()
        let exposed = #expect(throws: Problem.self) {
            _ = try two.accept(request) { $0.apiURL = "http://hub.example.com" }
        }
        #expect(exposed?.field == "api-url")
        _ = try two.accept(request) { $0.apiURL = "https://hub.example.com" }
        #expect(try rows("api_tokens", two.people) == 1)
        let again = try two.accept(request)
        #expect(again.api == "https://hub.example.com")
        #expect(try rows("api_tokens", two.people) == 1)
        _ = try Revocation(two.people).revoke(request.request)
        #expect(try rows("api_tokens", two.people) == 0)
    }

    @Test func `accounts that are there are handed over with their secrets, and stay when revoked`() throws {
        let two = try TwoSystems()
        try two.people.write { database in
            for id in ["theirs", "ours"] {
                let secrets = AccountSecrets(password: "secret of \(id)")
                try ExternalAccountStore().save(
                    ExternalAccount(
                        id: id,
                        label: id,
                        settings: .sftp(
                            SFTPAccount(
                                host: "sftp.example.org",
                                user: id,
                                path: "/\(id)",
                                hostKeys: ["SHA256:x"]
                            )
                        ),
                        sealedSecrets: secrets.sealed(for: id, two.people.sealer)
                    ),
                    in: database
                )
            }
        }
        let request = try two.request()
        let report = try two.accept(request) {
            ($0.storage, $0.inboundAccount, $0.outboundAccount) = (nil, "theirs", "ours")
        }
        #expect(report.storage == nil)
        #expect(report.answer?.contains("secret of") == false)
        _ = try Revocation(two.people).revoke(request.request)
        #expect(try rows("external_accounts", two.people) == 2)
    }
}
