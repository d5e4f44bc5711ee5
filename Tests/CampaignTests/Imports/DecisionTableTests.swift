// SPDX-License-Identifier: Apache-2.0

import Matching
import Problems
import Storage
import Testing

@testable import Campaign

/// Which audience a segment becomes, row by row of the decision table of shared audiences.
@Suite struct DecisionTableTests {
    /// A row of the table, and what importing a known and an unknown ID through it comes to.
    struct Row: CustomTestStringConvertible, Sendable {
        let source: String
        let channel: String
        let isForced: Bool
        let kind: String
        let members: [String]

        var testDescription: String { "\(source), channel \(channel)\(isForced ? ", forced" : "")" }
    }

    static let rows = [
        Row(source: "visitor", channel: "other", isForced: false, kind: "shared", members: ["C1"]),
        Row(source: "plain", channel: "other", isForced: false, kind: "shared", members: ["C1"]),
        Row(source: "plain", channel: "email", isForced: false, kind: "shared", members: ["C1"]),
        Row(source: "hashed", channel: "other", isForced: false, kind: "shared", members: ["C1"]),
        Row(source: "hashed", channel: "sms", isForced: false, kind: "shared", members: ["C1"]),
        Row(source: "encrypted", channel: "other", isForced: false, kind: "shared", members: ["C1"]),
        Row(source: "encrypted", channel: "email", isForced: true, kind: "shared", members: ["C1"]),
        Row(source: "encrypted", channel: "sms", isForced: true, kind: "shared", members: ["C1"]),
        Row(
            source: "encrypted",
            channel: "email",
            isForced: false,
            kind: "file",
            members: ["a@x.com", "z@x.com"]
        ),
        Row(
            source: "encrypted",
            channel: "sms",
            isForced: false,
            kind: "file",
            members: ["+33612345678", "+33699999999"]
        ),
    ]

    private func make(_ row: Row, _ test: TestCampaign) async throws -> IDRule {
        let isPhone = row.channel == "sms"
        var draft = SharedDataSourceDraft(
            id: "Source",
            number: 7,
            key: isPhone ? "mobilePhone" : "email",
            channel: row.channel,
            acceptsTerms: true
        )
        switch row.source {
        case "visitor":
            draft.isVisitor = true
            draft.key = nil
        case "hashed": draft.hash = "sha512"
        case "encrypted":
            draft.cipher = "aes-256-cbc"
            draft.keyText = KeyDoctorSamples.key256
            draft.ivText = KeyDoctorSamples.vector
        default: break
        }
        return try await test.source(draft).rule
    }

    @Test(arguments: rows)
    func `a segment becomes the audience that the table says`(row: Row) async throws {
        let test = try TestCampaign()
        let rule = try await make(row, test)
        try test.load("externalId,email,mobilePhone\nC1,a@x.com,+33612345678\nC2,b@x.com,+33611111111\n")
        let audience = try test.define("24", "Source", isForced: row.isForced)
        #expect(try test.audience(audience).kind.name == row.kind)
        var values = row.channel == "sms" ? ["+33612345678", "+33699999999"] : ["a@x.com", "z@x.com"]
        if row.source == "visitor" {
            values = [TestFiles.visitor(1), TestFiles.visitor(2)]
            try test.link("visitorId,externalId\n\(values[0]),C1\n")
        }
        try test.drop(
            "s3_1_7_full_1486140844000.sync",
            try values.map { "\(try TestFiles.id($0, rule)) 24\n" }.joined()
        )
        let receipt = try await test.syncOne()
        if row.kind == "file" {
            #expect(receipt.account == "completed 2: matched 2")
            #expect(try test.addresses(audience) == row.members)
        } else {
            #expect(receipt.account == "completed with rejects 2: matched 1, unknown 1")
            #expect(try test.members(audience) == row.members)
        }
        #expect(try test.audience(audience).count == row.members.count)
    }

    @Test(arguments: rows.filter { $0.kind == "shared" && !$0.isForced })
    func `forcing has no meaning where everything reconciles anyway`(row: Row) async throws {
        let test = try TestCampaign()
        _ = try await make(row, test)
        let problem = await problem { try test.define("24", "Source", isForced: true) }
        #expect(problem?.kind.code == "audiences.refused")
        #expect(problem?.field == "force-reconciliation")
    }

    @Test(arguments: ["", "24 25", "24,25", "a:b", "é"])
    func `a segment's ID that no line could hold is refused`(segment: String) async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        let problem = await problem { try test.define(segment, "Plain") }
        #expect(problem?.field == "segment")
    }

    @Test func `one file fills an audience of profiles and one of addresses`() async throws {
        let test = try TestCampaign()
        try await test.makeEncrypted()
        try test.load("externalId,email\nC1,a@x.com\n")
        let profiles = try test.define("24", "Encrypted", isForced: true)
        let addresses = try test.define("24", "Encrypted")
        let other = try test.define("25", "Encrypted", isForced: true)
        let ids = try ["a@x.com", "z@x.com", "z@x.com"].map { try TestFiles.encrypted($0) }
        try test.drop(
            "s3_1_14018_full_1486140844000.sync",
            "\(ids[0]) 24\n\(ids[1]) 24,25\n\(ids[2]) 24\n\(ids[1]) 25\n"
        )
        let receipt = try await test.syncOne()
        #expect(receipt.account == "completed with rejects 4: matched 2, duplicate 1, unknown 1")
        #expect(try test.members(profiles) == ["C1"])
        #expect(try test.addresses(addresses) == ["a@x.com", "z@x.com"])
        #expect(try test.members(other).isEmpty)
    }

    @Test func `a File audience follows iterative and full files`() async throws {
        let test = try TestCampaign()
        try await test.makeEncrypted()
        try test.load("externalId\nC1\n")
        let audience = try test.define("24", "Encrypted")
        func line(_ address: String, _ lists: String) throws -> String {
            "\(try TestFiles.encrypted(address)) \(lists)\n"
        }
        try test.drop("s3_1_14018_iter_1486140844000.sync", line("a@x.com", "24") + line("b@x.com", "24"))
        try await test.syncOne()
        try test.drop(
            "s3_1_14018_iter_1486227244000.sync",
            line("a@x.com", " 24") + line("c@x.com", "24") + line("c@x.com", "24")
        )
        let receipt = try await test.syncOne()
        #expect(receipt.account == "completed 3: matched 2, duplicate 1")
        #expect(receipt.segments.map { [$0.before, $0.after] } == [[2, 2]])
        #expect(try test.addresses(audience) == ["b@x.com", "c@x.com"])
        try test.drop("s3_1_14018_full_1486300000000.sync", line("d@x.com", "24"))
        try await test.syncOne()
        #expect(try test.addresses(audience) == ["d@x.com"])
        #expect(try test.names(in: test.data.lists).count == 1)
    }

    @Test(arguments: [("not an address", "email"), ("0612345678", "sms")])
    func `a decrypted text that is no address is unreadable`(text: String, channel: String) async throws {
        let test = try TestCampaign()
        try await test.makeEncrypted(channel: channel, key: channel == "sms" ? "mobilePhone" : "email")
        try test.load("externalId,email,mobilePhone\nC1,a@x.com,+33612345678\n")
        try test.define("24", "Encrypted")
        let good = channel == "sms" ? "+33612345678" : "a@x.com"
        try test.drop(
            "s3_1_14018_full_1486140844000.sync",
            "\(try TestFiles.encrypted(text)) 24\n\(try TestFiles.encrypted(good)) 24\n"
        )
        let receipt = try await test.syncOne()
        #expect(receipt.account == "completed with rejects 2: matched 1, undecryptable 1")
        #expect(receipt.reasons.map(\.reason) == ["not-an-address"])
    }
}
