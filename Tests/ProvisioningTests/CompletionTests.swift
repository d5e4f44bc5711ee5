// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExternalAccounts
import Foundation
import PeopleService
import Problems
import Provisioning
import Storage
import Testing

@testable import Campaign

@Suite struct CompletionTests {
    @Test func `an answer sets up both accounts and both data sources`() async throws {
        let two = try TwoSystems()
        let request = try two.request()
        let report = try await two.complete(
            two.answer(request),
            ["--key", "email", "--normalize", "trim,lower", "--hash", "sha256", "--accept-terms"]
        )
        #expect(report.termsAccepted)
        let folder = "\(two.share)/\(request.request)"
        #expect(try two.account("importSharedAudience").settings == .folder(path: "\(folder)/outbound"))
        #expect(try two.account("exportSharedAudience").settings == .folder(path: "\(folder)/inbound"))
        let sources = try two.sources()
        #expect(sources["defaultDataSource"]?.number == 14_016)
        #expect(sources["defaultDataSource"]?.destination != nil)
        #expect(sources["declaredId"]?.number == 14_017)
        #expect(sources["declaredId"]?.integrationCode == "AdobeCampaignID")
        #expect(sources["declaredId"]?.keyField?.name == "email")
    }

    @Test func `a preview makes nothing`() async throws {
        let two = try TwoSystems()
        let answer = try two.answer(two.request())
        let preview = try Completion(two.campaign).preview(
            answer,
            CompletionArguments.parse(["--key", "email"])
        )
        #expect(preview.preview)
        #expect(try two.account("importSharedAudience").settings == .unconfigured)
        #expect(try two.sources().count == 1)
    }

    @Test func `the same answer again changes nothing, and so does a fresh one`() async throws {
        let two = try TwoSystems()
        let request = try two.request()
        let answer = try two.answer(request)
        try await two.complete(answer)
        let sources = try two.sources().mapValues(\.termsAccepted)
        two.pass(days: 30)
        for answer in [answer, try two.answer(request)] {
            let report = try await two.complete(answer)
            #expect(report.parts.allSatisfy { $0.action == "keep" })
        }
        #expect(try two.sources().mapValues(\.termsAccepted) == sources)
    }

    @Test func `an answer is refused when it expired, is foreign, or its request was withdrawn`() async throws
    {
        let two = try TwoSystems()
        let request = try two.request()
        let answer = try two.answer(request) { $0.expiresDays = 2 }
        two.pass(days: 2.1)
        #expect(await kind { try await two.complete(answer) } == .answerExpired)
        let other = try TwoSystems()
        #expect(await kind { try await other.complete(answer) } == .answerForeign)
        let fresh = try two.answer(request)
        try Requests(two.campaign).withdraw(request.request)
        #expect(await kind { try await two.complete(fresh) } == .answerForeign)
        #expect(try two.account("importSharedAudience").settings == .unconfigured)
    }

    @Test func `an answer to another request does not open under this one's name`() async throws {
        let two = try TwoSystems()
        let (one, other) = (try two.request(), try two.request())
        let answer = try two.answer(other).replacing(other.request, with: one.request)
        #expect(await kind { try await two.complete(answer) } == .answerUnreadable)
    }

    @Test func `the code of an answer is good once: not after undoing, and not after a later answer`()
        async throws
    {
        let two = try TwoSystems()
        let request = try two.request()
        let first = try two.answer(request)
        two.pass(days: 0.1)
        let second = try two.answer(request)
        try await two.complete(second)
        #expect(await kind { try await two.complete(first) } == .answerSpent)
        _ = try Undoing(two.campaign).undo(request.request)
        #expect(await kind { try await two.complete(second) } == .answerSpent)
        try await two.complete(two.answer(request))
    }

    @Test func `undoing leaves everything as it was, and twice does no harm`() async throws {
        let two = try TwoSystems()
        let before = try two.sources().mapValues { [$0.number, $0.destination] }
        let request = try two.request()
        try await two.complete(two.answer(request))
        let report = try Undoing(two.campaign).undo(request.request)
        #expect(report.kept.isEmpty)
        #expect(try two.sources().mapValues { [$0.number, $0.destination] } == before)
        #expect(try two.sources()["defaultDataSource"]?.termsAccepted == nil)
        #expect(try two.account("importSharedAudience").settings == .unconfigured)
        #expect(try two.account("exportSharedAudience").settings == .unconfigured)
        #expect(try Undoing(two.campaign).undo(request.request).removed.isEmpty)
    }

    @Test func `undoing keeps what an audience uses, and says so`() async throws {
        let two = try TwoSystems()
        let request = try two.request()
        try await two.complete(two.answer(request))
        _ = try Audiences(two.campaign).define(
            label: "Back",
            segment: "102",
            SharedDataSource.ID("declaredId"),
            isReconciliationForced: false,
            expires: nil
        )
        let report = try Undoing(two.campaign).undo(request.request)
        #expect(report.kept.map(\.what).contains("shared data source declaredId"))
        #expect(report.kept.map(\.what).contains("external account importSharedAudience"))
        #expect(try two.sources()["declaredId"] != nil)
        // Once nothing uses it, undoing again removes the rest.
        try two.campaign.write { database in
            let audience = try AudienceStore().find("Back", in: database)
            try AudienceStore().delete(audience, isForced: false, in: database)
        }
        let rest = try Undoing(two.campaign).undo(request.request)
        #expect(rest.kept.isEmpty)
        #expect(rest.removed.contains("shared data source declaredId"))
        #expect(try two.sources()["declaredId"] == nil)
        #expect(try two.account("importSharedAudience").settings == .unconfigured)
        #expect(try Undoing(two.campaign).undo(request.request).removed.isEmpty)
    }

    @Test func `accounts that are set up otherwise are never overwritten`() async throws {
        let two = try TwoSystems()
        let other = ExternalAccount(
            id: "importSharedAudience",
            label: "In",
            settings: .folder(path: two.root)
        )
        try two.campaign.write { try ExternalAccountStore().save(other, in: $0) }
        let answer = try two.answer(two.request())
        #expect(await kind { try await two.complete(answer) } == .provisioningConflict)
        #expect(try two.account("importSharedAudience").settings == .folder(path: two.root))
        #expect(try two.account("exportSharedAudience").settings == .unconfigured)
        let options = ["--key", "email", "--import-account", "peopleIn", "--export-account", "peopleOut"]
        try await two.complete(answer, options)
        #expect(try two.sources()["declaredId"]?.importAccount == "peopleIn")
        #expect(try two.account("importSharedAudience").settings == .folder(path: two.root))
    }

    @Test func `a data source that is defined otherwise is never overwritten`() async throws {
        let two = try TwoSystems()
        let draft = SharedDataSourceDraft(id: "declaredId", number: 77, key: "email")
        _ = try await SharedDataSources(two.campaign).create(draft)
        let answer = try two.answer(two.request())
        #expect(await kind { try await two.complete(answer) } == .provisioningConflict)
        #expect(try two.account("importSharedAudience").settings == .unconfigured)
        try await two.complete(answer, ["--key", "email", "--id", "people"])
        #expect(try two.sources()["people"]?.number == 14_017)
    }

    @Test func `wrong options are refused before anything is made`() async throws {
        let two = try TwoSystems()
        let answer = try two.answer(two.request())
        #expect(await kind { try await two.complete(answer, []) } == .dataSourceRefused)
        #expect(await kind { try await two.complete(answer, ["--key", "nothing"]) } == .fieldUnknown)
        let absent = ["--key", "email", "--import-folder", "\(two.root)/absent"]
        #expect(await kind { try await two.complete(answer, absent) } == .storageAbsent)
        #expect(try two.account("importSharedAudience").settings == .unconfigured)
        #expect(try Requests(two.campaign).list().map(\.state) == ["open"])
    }

    @Test func `what was made follows a request that was revoked and accepted anew`() async throws {
        let two = try TwoSystems()
        let request = try two.request()
        try await two.complete(two.answer(request))
        let before = try two.sources()["declaredId"]?.destination
        _ = try Revocation(two.people).revoke(request.request)
        let report = try await two.complete(two.answer(request), ["--key", "email"])
        let change = report.parts.filter { $0.action == "change" }.map(\.what)
        #expect(change == ["shared data source defaultDataSource", "shared data source declaredId"])
        #expect(try two.sources()["declaredId"]?.destination != before)
    }

    @Test func `the hub of the answer is set unless another one is, and forgotten when undone`() async throws
    {
        let two = try TwoSystems()
        let request = try two.request()
        try await two.complete(two.answer(request) { $0.apiURL = "https://hub.example.com" })
        #expect(try HubSettings.stored(two.campaign)?.url == "https://hub.example.com")
        _ = try Undoing(two.campaign).undo(request.request)
        #expect(try HubSettings.stored(two.campaign) == nil)
        try HubSettings(url: "https://other.example.com", token: "t").save(two.campaign)
        try await two.complete(two.answer(request))
        #expect(try HubSettings.stored(two.campaign)?.url == "https://other.example.com")
        _ = try Undoing(two.campaign).undo(request.request)
        #expect(try HubSettings.stored(two.campaign)?.url == "https://other.example.com")
    }

    @Test func `a request for visitor IDs alone makes no data source of declared IDs`() async throws {
        let two = try TwoSystems()
        try await two.complete(two.answer(two.request([.visitor])), ["--accept-terms"])
        #expect(try two.sources().count == 1)
        #expect(try two.sources()["defaultDataSource"]?.termsAccepted != nil)
        let test = try #require(try Requests(two.campaign).list()[0].test)
        #expect(test.dataSource == "defaultDataSource" && test.visitors?.number == 14_016)
    }

    @Test func `the keys of requests follow the change of the sealing key`() async throws {
        let two = try TwoSystems()
        let request = try two.request()
        let answer = try two.answer(request)
        _ = try SecretRotation(two.campaign.directory).run([two.campaign])
        let reopened = try Campaign(two.campaign.directory)
        let preview = try Completion(reopened).preview(answer, CompletionArguments.parse(["--key", "email"]))
        #expect(preview.request == request.request)
    }
}
