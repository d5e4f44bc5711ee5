// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Problems
import Storage
import Testing

@testable import Campaign

@Suite struct VisitorLinkTests {
    /// An installation whose visitor index follows small files link by link, or is written anew for each.
    private func makeTest(_ way: IndexWay = .copy) throws -> TestCampaign {
        let test = try TestCampaign()
        try test.load("externalId,email\nC1,a@x.com\nC2,b@x.com\nC3,b@x.com\n")
        if way == .journal {
            try test.load("externalId\n" + (1_000..<1_400).map { "C\($0)" }.joined(separator: "\n"))
        }
        return test
    }

    /// The profiles of a visitor, most recent first.
    private func numbers(_ test: TestCampaign, _ visitor: Int) throws -> [ProfileNumber] {
        let index = try ProfileIndexes(test.campaign).open(.visitors)
        let digits = Array(TestFiles.visitor(visitor).utf8)
        return index.numbers(of: IDKey(canonical: digits, secret: try test.campaign.keySecret()))
    }

    private func rebuild(_ test: TestCampaign) throws {
        for name in try test.names(in: test.data.indexes) {
            try FileManager.default.removeItem(atPath: "\(test.data.indexes)/\(name)")
        }
    }

    @Test func `links are counted, and rows that are none are refused with the reason`() throws {
        let test = try makeTest()
        let report = try test.link(
            """
            visitorId,externalId,linked
            \(TestFiles.visitor(1)),C1,
            \(TestFiles.visitor(2)),C2,2026-01-31T08:00:00Z
            123,C1,
            \(TestFiles.visitor(3).dropLast())x,C1,
            \(TestFiles.visitor(4)),C9,
            \(TestFiles.visitor(5)),,
            \(TestFiles.visitor(6)),C1,soon
            """
        )
        #expect(report.account == "7: linked 2, rejected 5")
        #expect(
            report.reasons == ["not-a-visitor-id": 2, "no-profile": 1, "key-empty": 1, "not-a-datetime": 1]
        )
        #expect(report.rejectedSample.map(\.line) == [4, 5, 6, 7, 8])
    }

    @Test func `a key that several profiles have links nobody`() throws {
        let test = try makeTest()
        let report = try test.link("visitorId,email\n\(TestFiles.visitor(1)),b@x.com\n", key: "email")
        #expect(report.reasons == ["key-ambiguous": 1])
    }

    @Test(arguments: IndexWay.allCases)
    func `a browser that several people use has all of them, most recent first`(way: IndexWay) throws {
        let test = try makeTest(way)
        for (day, customer) in ["C1", "C2", "C3"].enumerated() {
            test.pass(seconds: Double(day))
            try test.link("visitorId,externalId\n\(TestFiles.visitor(7)),\(customer)\n")
        }
        #expect(try numbers(test, 7) == [3, 2, 1])
        test.pass(seconds: 1)
        try test.link("visitorId,externalId\n\(TestFiles.visitor(7)),C1\n\(TestFiles.visitor(8)),C1\n")
        #expect(try numbers(test, 7) == [1, 3, 2])
        #expect(try numbers(test, 8) == [1])
        try rebuild(test)
        #expect(try numbers(test, 7) == [1, 3, 2])
    }

    @Test(arguments: IndexWay.allCases)
    func `the time in the file decides who is most recent`(way: IndexWay) throws {
        let test = try makeTest(way)
        try test.link(
            """
            visitorId,externalId,linked
            \(TestFiles.visitor(7)),C2,2017-01-03
            \(TestFiles.visitor(7)),C3,2017-01-02
            \(TestFiles.visitor(7)),C1,2017-01-01
            """
        )
        #expect(try numbers(test, 7) == [2, 3, 1])
        // A link that is known keeps its later time.
        try test.link("visitorId,externalId,linked\n\(TestFiles.visitor(7)),C3,2016-12-31\n")
        #expect(try numbers(test, 7) == [2, 3, 1])
        try test.link("visitorId,externalId,linked\n\(TestFiles.visitor(7)),C1,2017-01-04\n")
        #expect(try numbers(test, 7) == [1, 2, 3])
        try rebuild(test)
        #expect(try numbers(test, 7) == [1, 2, 3])
    }

    @Test func `a file without visitor IDs or keys is refused`() async throws {
        let test = try makeTest()
        let problem = await problem { try test.link("visitor,externalId\n1,C1\n") }
        #expect(problem?.kind.code == "profiles.mapping-refused")
    }
}
