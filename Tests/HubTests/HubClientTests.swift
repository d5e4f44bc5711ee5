// SPDX-License-Identifier: Apache-2.0

import GRDB
import Storage
import Terminal
import Testing
import Web

@testable import Campaign
@testable import PeopleService

/// Campaign's client against the real server.
@Suite struct HubClientTests {
    @Test func `segments are made, found and listed beyond one page`() async throws {
        try await HubSystem.run { hub in
            let client = try hub.client()
            let made = try #require(try await client.make("Gold é", dataSource: 77))
            #expect(made.traitId != nil)
            #expect(made.traitId != made.id)
            #expect(try await client.make("Gold é", dataSource: 77) == nil)
            for number in 0..<510 {
                _ = try AudienceCatalog(hub.people).create(name: "N\(number)", dataSource: 77)
            }
            let all = try await client.audiences(search: nil, limit: 10_000)
            #expect(all.total == 511)
            #expect(all.audiences.count == 511)
            #expect(try await client.audiences(search: nil, limit: 7).audiences.count == 7)
            #expect(try await client.audiences(search: "GOLD é", limit: 10).audiences == [made])
            #expect(try await client.audiences(search: "50%&", limit: 10).audiences == [])
        }
    }

    @Test func `the hub's receipts are listed newest first, and found by their file`() async throws {
        try await HubSystem.run { hub in
            for number in 1...3 { try hub.onboard("ann\td_sid=1\n", "ftp_dpm_77_179526240\(number).sync") }
            let client = try hub.client()
            let all = try await client.receipts(search: nil, limit: 2)
            #expect(all.total == 3)
            #expect(all.receipts.map(\.id) == ["P3", "P2"])
            let found = try await client.receipts(search: "1795262401.sync", limit: 10).receipts
            #expect(found.map(\.id) == ["P1"])
            #expect(found.first?.kind == "onboarding" && found.first?.received == 1)
            #expect(found.first?.counts["not requested"] == 1)
            #expect(found.first?.files.first?.name == "ftp_dpm_77_1795262401.sync")
            #expect(HubReceiptsReport(receipts: all.receipts, total: 3).text.hasSuffix("… 2 of 3"))
        }
    }

    @Test func `what the hub refuses is told in its words`() async throws {
        try await HubSystem.run { hub in
            let client = try hub.client()
            #expect(await code { _ = try await client.make("A", dataSource: 99) } == "hub.refused")
            let stranger = HubClient(try HubSettings(url: hub.url, token: "tally_other"))
            #expect(
                await code { _ = try await stranger.audiences(search: nil, limit: 1) } == "hub.token-refused"
            )
            let lost = HubClient(try HubSettings(url: hub.url + "/elsewhere", token: hub.token))
            #expect(await code { _ = try await lost.audiences(search: nil, limit: 1) } == "hub.refused")
        }
        let nobody = HubClient(try HubSettings(url: "http://127.0.0.1:1", token: "t"))
        #expect(await code { _ = try await nobody.audiences(search: nil, limit: 1) } == "hub.unreachable")
    }

    @Test(arguments: [
        "hub.example.com", "ftp://hub.example.com", "http://hub.example.com",
        "https://user:word@hub.example.com",
        "https://hub.example.com?a=b", "",
    ])
    func `an address that can't be, or that would show the token to everybody, is refused`(url: String) async
    {
        #expect(await code { _ = try HubSettings(url: url, token: "t") } == "hub.settings-refused")
    }

    @Test func `the settings are kept sealed`() async throws {
        try await HubSystem.run { hub in
            #expect(try HubSettings.stored(hub.campaign) == nil)
            try hub.settings().save(hub.campaign)
            #expect(try HubSettings.stored(hub.campaign) == hub.settings())
            let rows = try hub.campaign.read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM secrets WHERE instr(sealed, 'tally_') > 0")
            }
            #expect(rows == 0)
        }
    }

    @Test func `a segment is meant by number, name or alias`() async throws {
        try await HubSystem.run { hub in
            let segments = HubSegments(hub.campaign)
            #expect(try await segments.pick("123").id == "123")
            #expect(try await segments.pick("gold").id == "gold")
            #expect(await code { _ = try await segments.pick("Gold people") } == "hub.not-set")
            try hub.settings().save(hub.campaign)
            let made = try AudienceCatalog(hub.people).create(name: "Gold people", dataSource: 77)
            #expect(try await segments.pick("Gold people").id == "\(made.segment)")
            let unknown = "is unknown to the hub by number, name and alias, so no file brings it"
            #expect(try await segments.pick("Gold") == ("Gold", unknown))
            #expect(try await segments.pick("999") == ("999", unknown))
            #expect(await code { _ = try await segments.pick("No people") } == "hub.segment-unknown")
            _ = try Segments(hub.people).create(name: "Gold people", dataSource: 77, rule: "\(made.trait)T")
            #expect(await code { _ = try await segments.pick("Gold people") } == "hub.segment-unknown")
        }
    }

    @Test func `a segment that no file brings is told when it is picked, and by the check`() async throws {
        try await HubSystem.run { hub in
            func findings() async throws -> [String] {
                try await HubFindings(hub.campaign).list().map { "\($0.check) \($0.verdict): \($0.finding)" }
            }
            #expect(try await findings() == [])
            try hub.settings().save(hub.campaign)
            let made = try AudienceCatalog(hub.people).create(name: "Gold people", dataSource: 77)
            #expect(try await findings() == ["hub ok: 1 segments at \(hub.url)"])
            let picked = try await HubSegments(hub.campaign).pick("Gold people")
            let unmapped = "is mapped to no destination at the hub, so no file brings it"
            #expect(picked.obstacle == unmapped)
            let audience = try Audiences(hub.campaign).define(
                label: "Gold",
                segment: picked.id,
                SharedDataSource.defaultID,
                isReconciliationForced: false
            )
            #expect(
                try await findings() == [
                    "audience \(audience.id) warning: segment \(made.segment) \(unmapped)"
                ]
            )
            try hub.map(made.segment)
            #expect(try await HubSegments(hub.campaign).pick("Gold people").obstacle == nil)
            #expect(try await findings() == ["hub ok: 1 segments at \(hub.url)"])
            try hub.map(made.segment, alias: "gold")
            let number = "\(made.segment)"
            let renamed = "leaves the hub as gold, so no file brings it as \(number)"
            #expect(try await HubSegments(hub.campaign).pick(number) == (number, renamed))
            #expect(try await HubSegments(hub.campaign).pick("Gold people") == ("gold", nil))
            #expect(try await HubSegments(hub.campaign).pick("gold") == ("gold", nil))
            #expect(
                try await findings() == ["audience \(audience.id) warning: segment \(number) \(renamed)"]
            )
            try Segments(hub.people).delete(made.segment)
            #expect(
                try await findings()
                    == ["audience \(audience.id) warning: the hub has no segment \(made.segment)"]
            )
        }
    }

    @Test func `a segment to share into is made at the hub once, and known by its trait`() async throws {
        try await HubSystem.run { hub in
            let segments = HubSegments(hub.campaign)
            let source = SharedDataSource.ID("declared")
            try hub.addDataSource()
            try await segments.prepare("Gold", for: source)
            #expect(try !hub.knowsSegment("Gold"))
            try hub.settings().save(hub.campaign)
            for _ in 1...2 { try await segments.prepare("Gold", for: source) }
            let listed = try await hub.client().audiences(search: nil, limit: 10).audiences
            let gold = try #require(listed.first)
            #expect(listed.count == 1)
            let number = try hub.segmentNumber("Gold")
            #expect(number == gold.traitId)
            // Somebody else made the next one at the hub already.
            let other = try AudienceCatalog(hub.people).create(name: "Silver", dataSource: 77)
            try await segments.prepare("Silver", for: source)
            let silver = try hub.segmentNumber("Silver")
            #expect(silver == Int64(other.trait))
            // One by a rule of its own can't be shared into.
            _ = try Segments(hub.people)
                .create(name: "Both", dataSource: 77, rule: "\(other.trait)T and \(gold.traitId ?? 0)T")
            #expect(await code { try await segments.prepare("Both", for: source) } == "hub.segment-unknown")
        }
    }

    @Test func `what would be shared into is foretold by the hub, and nothing is made`() async throws {
        try await HubSystem.run { hub in
            let segments = HubSegments(hub.campaign)
            let source = SharedDataSource.ID("declared")
            try hub.addDataSource()
            func foretold(_ name: String) async throws -> String {
                switch try await segments.foretell(name, for: source) {
                case .number(let number): "number \(number)"
                case .name: "here"
                case .newAtHub: "new"
                }
            }
            #expect(try await foretold("Gold") == "here")
            try hub.settings().save(hub.campaign)
            #expect(try await foretold("Gold") == "new")
            #expect(try await hub.client().audiences(search: nil, limit: 10).total == 0)
            #expect(try !hub.knowsSegment("Gold"))
            // Somebody else made one at the hub, and one here.
            let other = try AudienceCatalog(hub.people).create(name: "Silver", dataSource: 77)
            #expect(try await foretold("Silver") == "number \(other.trait)")
            try await segments.prepare("Gold", for: source)
            #expect(try await foretold("Gold") == "here")
            _ = try Segments(hub.people)
                .create(name: "Both", dataSource: 77, rule: "\(other.trait)T and \(other.trait)T")
            #expect(
                await code { _ = try await segments.foretell("Both", for: source) } == "hub.segment-unknown"
            )
        }
    }

    @Test func `a second server on the same address is told that the port is taken`() async throws {
        try await HubSystem.run { hub in
            let address = try ListenAddress(String(hub.url.dropFirst("http://".count)))
            let second = WebServer(
                PeopleRoutes(hub.people, explaining: { _ in nil }).router(),
                on: address,
                logger: hub.people.logger
            ) { _ in }
            #expect(await code { try await second.run() } == "web.port-taken")
        }
    }
}
