// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage
import Testing

@testable import PeopleService

/// A mapping with another alias takes members back under the old one and brings them under the new one.
@Suite("Changes of aliases")
struct AliasChangeTests {
    private func sent(mode: Destination.Mode) async throws -> (
        test: TestPeople, trait: SID, segment: SID, number: Int
    ) {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200, mode: mode)
        _ = try Destinations(test.service).map(segment, to: number, alias: "old")
        try test.deliver("a\td_sid=\(trait)\nb\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        #expect(try lastText(test) == "a old\nb old\n")
        return (test, trait, segment, number)
    }

    private func lastText(_ test: TestPeople) throws -> String {
        try test.sent(#require(test.sentFiles.last { $0.hasSuffix(".sync") }))
    }

    @Test("The next file says both, and the one after it nothing", arguments: Destination.Mode.allCases)
    func renaming(mode: Destination.Mode) async throws {
        let (test, trait, segment, number) = try await sent(mode: mode)
        try test.deliver("a\td_unsid=\(trait)\nc\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        _ = try Destinations(test.service).map(segment, to: number, alias: "new")
        let receipt = try #require(try await test.sync().receipts.last)
        #expect(receipt.outbound?.added == 2)
        #expect(receipt.outbound?.removed == 2)
        #expect(try lastText(test) == "a  old\nb new old\nc new\n")
        #expect(try await test.sync().receipts.isEmpty)
        let mapping = try test.service.read {
            try DestinationStore().mapping(of: segment, to: number, in: $0)
        }
        #expect(mapping.sentAlias == nil)
        #expect(mapping.sentCount == 2)
    }

    @Test(
        "Changed twice before a file, members leave under the alias that the receiver has; changed back, nothing does"
    )
    func renamingTwice() async throws {
        let (test, _, segment, number) = try await sent(mode: .iter)
        for alias in ["new", "newer"] {
            _ = try Destinations(test.service).map(segment, to: number, alias: alias)
        }
        try await test.sync()
        #expect(try lastText(test) == "a newer old\nb newer old\n")
        for alias in ["other", "newer"] {
            _ = try Destinations(test.service).map(segment, to: number, alias: alias)
        }
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test("An alias that changes while a file waits is taken back by the file after it")
    func renamingWhileWaiting() async throws {
        let (test, trait, segment, number) = try await sent(mode: .iter)
        try test.setEnabled(false)
        try test.deliver("c\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        try await test.sync()
        _ = try Destinations(test.service).map(segment, to: number, alias: "new")
        try test.setEnabled(true)
        try await test.sync()
        let texts = try test.sentFiles.filter { $0.hasSuffix(".sync") }.suffix(2).map(test.sent)
        #expect(texts == ["c old\n", "a new old\nb new old\nc new old\n"])
    }

    @Test("Mapping again without an alias keeps the one that it had")
    func keeping() async throws {
        let (test, _, segment, number) = try await sent(mode: .iter)
        _ = try Destinations(test.service).map(segment, to: number, end: test.today + 5)
        let mapping = try test.service.read {
            try DestinationStore().mapping(of: segment, to: number, in: $0)
        }
        #expect(mapping.alias == "old")
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test("Another segment can't have an alias under which the receiver still has members")
    func reuse() async throws {
        let (test, trait, segment, number) = try await sent(mode: .iter)
        let other = try Segments(test.service).create(name: "O", dataSource: 200, rule: "\(trait)T").sid
        _ = try Destinations(test.service).map(segment, to: number, alias: "new")
        let problem = peopleProblem {
            _ = try Destinations(test.service).map(other, to: number, alias: "old")
        }
        #expect(problem?.kind == .destinationRefused)
        #expect(problem?.field == "alias")
        try await test.sync()
        #expect(try Destinations(test.service).map(other, to: number, alias: "old") == nil)
    }
}
