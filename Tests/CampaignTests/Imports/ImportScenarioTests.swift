// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Problems
import Storage
import Testing

@testable import Campaign

/// The acceptance scenarios of imports, as people tell them.
@Suite struct ImportScenarioTests {
    private static let day1 = 1_486_140_844_000
    private static let day2 = 1_486_227_244_000
    private static let day3 = 1_486_300_000_000

    private func outbound(_ source: Int, _ mode: String = "full", at moment: Int = day1) -> String {
        "s3_46390_\(source)_\(mode)_\(moment).sync"
    }

    @Test func `five visitor IDs, two of one person, one unknown, one too short`() async throws {
        let test = try TestCampaign()
        try test.acceptVisitors()
        try test.load("externalId\nC1\nC2\n")
        let visitors = (1...5).map(TestFiles.visitor)
        try test.link("visitorId,externalId\n\(visitors[0]),C1\n\(visitors[1]),C1\n\(visitors[2]),C2\n")
        let audience = try test.define("24", "defaultDataSource")
        let short = String(visitors[4].dropFirst())
        try test.drop(
            outbound(14_016),
            (visitors[0...3] + [short]).map { "\($0) 24\n" }.joined()
        )
        let receipt = try await test.syncOne()
        #expect(receipt.account == "completed with rejects 5: matched 3, unknown 1, malformed 1")
        #expect(receipt.reasons.map { "\($0.lines) \($0.reason)" } == ["1 wrong-length", "1 unknown-id"])
        #expect(try test.members(audience) == ["C1", "C2"])
        #expect(receipt.segments == [Receipt.Segment(segment: "24", audience: audience, before: 0, after: 2)])
    }

    @Test func `a visitor ID of two people makes both members`() async throws {
        let test = try TestCampaign()
        try test.acceptVisitors()
        try test.load("externalId\nC1\nC2\nC3\n")
        try test.link("visitorId,externalId\n\(TestFiles.visitor(1)),C1\n\(TestFiles.visitor(1)),C3\n")
        let audience = try test.define("24", "defaultDataSource")
        try test.drop(outbound(14_016), "\(TestFiles.visitor(1)) 24\n")
        #expect(try await test.syncOne().account == "completed 1: matched 1")
        #expect(try test.members(audience) == ["C1", "C3"])
    }

    @Test(arguments: [(nil, "unknown 1"), ("lower", "matched 1")])
    func `plain IDs are compared with their case unless the source normalizes`(
        normalize: String?,
        outcome: String
    ) async throws {
        let test = try TestCampaign()
        try await test.source(
            SharedDataSourceDraft(
                id: "Plain",
                number: 7,
                key: "email",
                normalize: normalize,
                acceptsTerms: true
            )
        )
        try test.load("externalId,email\nC1,joe@x.com\n")
        try test.define("24", "Plain")
        try test.drop(outbound(7), "Joe@x.com 24\n")
        #expect(try await test.syncOne().account.hasSuffix(outcome))
    }

    @Test func `a profile's email is trimmed and lowered before it is hashed`() async throws {
        let test = try TestCampaign()
        try await test.makeHashed()
        try test.load("externalId,email\nC1,\" ECID@Adobe.com \"\n")
        let audience = try test.define("24", "Hashed")
        try test.drop(
            outbound(14_017),
            "a6ea4cde5da5ae7cc68baae894d1d6544fca26254433b0fff7c2cb4843b4a097 24\n"
        )
        #expect(try await test.syncOne().account == "completed 1: matched 1")
        #expect(try test.members(audience) == ["C1"])
    }

    @Test(arguments: [true, false])
    func `three decryptable addresses, one without a profile, one under wrong padding`(
        isForced: Bool
    ) async throws {
        let test = try TestCampaign()
        try await test.makeEncrypted()
        try test.load("externalId,email\nC1,johndoe@example.com\nC2,b@x.com\n")
        let audience = try test.define("10603117", "Encrypted", isForced: isForced)
        let known = "a4e70c52b4ca4a338d6d0ea25986355284f6ea47bb275506e61fa25b4ec4d365"
        let ids = [known, try TestFiles.encrypted("b@x.com"), try TestFiles.encrypted("zoe@x.com")]
        let damaged = known.dropLast(2) + "66"
        try test.drop(outbound(14_018), (ids + [String(damaged)]).map { "\($0) 10603117\n" }.joined())
        let receipt = try await test.syncOne()
        let reasons = receipt.reasons.map { "\($0.lines) \($0.reason)" }
        #expect(try test.audience(audience).kind.name == (isForced ? "shared" : "file"))
        if isForced {
            #expect(receipt.account == "completed with rejects 4: matched 2, unknown 1, undecryptable 1")
            #expect(Set(reasons) == ["1 bad-padding", "1 unknown-id"])
            #expect(try test.members(audience) == ["C1", "C2"])
        } else {
            #expect(receipt.account == "completed with rejects 4: matched 3, undecryptable 1")
            #expect(try test.addresses(audience) == ["b@x.com", "johndoe@example.com", "zoe@x.com"])
            let problem = await problem {
                _ = try Audiences(test.campaign).combine(.union, [audience, audience], label: "Both")
            }
            #expect(problem?.kind.code == "audiences.of-addresses")
        }
    }

    @Test func `a full file replaces, an iterative one adds and removes`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\nC\nD\nE\n")
        let audience = try test.define("24", "Plain")
        try test.drop(outbound(14_020, at: Self.day1), "A 24\nB 24\nC 24\n")
        try await test.syncOne()
        #expect(try test.members(audience) == ["A", "B", "C"])
        try test.drop(outbound(14_020, at: Self.day2), "C 24\nD 24\n")
        let receipt = try await test.syncOne()
        #expect(receipt.segments.map { [$0.before, $0.after] } == [[3, 2]])
        #expect(try test.members(audience) == ["C", "D"])
        try test.drop(outbound(14_020, "iter", at: Self.day3), "E 24,26\nC 26 24\nD  99\n")
        let change = try await test.syncOne()
        #expect(change.account == "completed 3: matched 2, not requested 1")
        #expect(try test.members(audience) == ["D", "E"])
    }

    @Test func `the removed list of a full file is ignored`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        let audience = try test.define("24", "Plain")
        try test.drop(outbound(14_020), "A 24\nB 26 24\nA 26 24\n")
        #expect(try await test.syncOne().account == "completed 3: matched 2, duplicate 1")
        #expect(try test.members(audience) == ["A"])
    }

    @Test func `in one file the last line about a person and a segment counts`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        let audience = try test.define("24", "Plain")
        try test.drop(outbound(14_020, "iter"), "A 24\nA  24\nB  24\nB 24\n")
        #expect(try await test.syncOne().account == "completed 4: matched 2, duplicate 2")
        #expect(try test.members(audience) == ["B"])
    }

    @Test func `several segments and audiences are filled in one pass`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\nC\n")
        let first = try test.define("24", "Plain")
        let second = try test.define("25", "Plain")
        let alias = try test.define("gold-members", "Plain")
        let again = try test.define("24", "Plain")
        let empty = try test.define("99", "Plain")
        try test.drop(outbound(14_020), "A 24,25\nB\t25, gold-members\nC 26,27\nA 24\nX 25\n")
        let receipt = try await test.syncOne()
        #expect(
            receipt.account
                == "completed with rejects 5: matched 2, duplicate 1, unknown 1, not requested 1"
        )
        #expect(try test.members(first) == ["A"])
        #expect(try test.members(second) == ["A", "B"])
        #expect(try test.members(alias) == ["B"])
        #expect(try test.members(again) == ["A"])
        #expect(try test.members(empty).isEmpty)
        #expect(
            receipt.segments.map { "\($0.segment) \($0.after)" } == [
                "24 1", "25 2", "gold-members 1", "24 1", "99 0",
            ]
        )
    }

    @Test func `people who opted out of sharing stay out and are counted`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try await test.makeEncrypted()
        try test.load("externalId,email,ccpaOptOut\nA,a@x.com,false\nB,b@x.com,true\n")
        let audience = try test.define("24", "Plain")
        let file = try test.define("24", "Encrypted")
        try test.drop(outbound(14_020), "A 24\nB 24\nB 24\n")
        #expect(try await test.syncOne().account == "completed with rejects 3: matched 1, suppressed 2")
        #expect(try test.members(audience) == ["A"])
        let ids = try ["a@x.com", "b@x.com", "c@x.com"].map { "\(try TestFiles.encrypted($0)) 24\n" }
        try test.drop(outbound(14_018), ids.joined())
        #expect(try await test.syncOne().account == "completed with rejects 3: matched 2, suppressed 1")
        #expect(try test.addresses(file) == ["a@x.com", "c@x.com"])
    }

    @Test func `an audience whose day has come is gone with the next sync`() async throws {
        let test = try TestCampaign()
        try await test.makeEncrypted()
        try test.load("externalId\nA\n")
        let audiences = Audiences(test.campaign)
        let source = SharedDataSource.ID("Encrypted")
        let gone = try audiences.define(
            label: "Gone",
            segment: "24",
            source,
            isReconciliationForced: false,
            expires: "2017-02-05"
        )
        let kept = try audiences.define(
            label: "Kept",
            segment: "24",
            source,
            isReconciliationForced: false,
            expires: "2017-02-06"
        )
        try test.drop(outbound(14_018), "\(try TestFiles.encrypted("a@x.com")) 24\n")
        _ = try await test.sync()
        let problem = await problem { _ = try test.audience(gone.id.rawValue) }
        #expect(problem?.kind.code == "audiences.unknown")
        #expect(try test.addresses(kept.id.rawValue) == ["a@x.com"])
        #expect(try test.names(in: test.data.lists).count == 1)
        test.pass(seconds: 86_400)
        _ = try await test.sync()
        #expect(try test.names(in: test.data.lists).isEmpty)
    }

    @Test func `two audiences of the same label are two audiences`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        let first = try test.define("24", "Plain")
        let second = try test.define("24", "Plain")
        #expect(first != second)
        let problem = await problem { _ = try test.audience("Plain 24") }
        #expect(problem?.summary.contains("\(first), \(second)") == true)
    }
}
