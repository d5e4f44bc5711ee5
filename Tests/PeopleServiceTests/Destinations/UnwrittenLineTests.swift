// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Testing

@testable import PeopleService

/// Members whose ID can't be written are counted, kept with the reason, and not taken for sent.
@Suite("Lines that are not written")
struct UnwrittenLineTests {
    private func people(mode: Destination.Mode = .iter, _ content: String? = nil) throws -> (
        test: TestPeople, trait: SID, segment: SID, number: Int
    ) {
        let (test, trait, segment) = try TestPeople.exchanging()
        let template = content.map {
            Destination.Template(fileName: "<TIMESTAMP>.sync", header: nil, content: $0)
        }
        let number = try test.destination(key: 200, mode: mode, template: template)
        _ = try Destinations(test.service).map(segment, to: number)
        return (test, trait, segment, number)
    }

    private func lastText(_ test: TestPeople) throws -> String {
        try test.sent(#require(test.sentFiles.last { $0.hasSuffix(".sync") }))
    }

    @Test("An ID with a blank is a rejected line of the receipt, once", arguments: Destination.Mode.allCases)
    func blanks(mode: Destination.Mode) async throws {
        let (test, trait, segment, number) = try people(mode: mode)
        try test.deliver("a b\td_sid=\(trait)\nc\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        let receipt = try #require(try await test.sync().receipts.last)
        #expect(receipt.state == .completedWithRejects)
        #expect(receipt.outbound?.lines == 1)
        #expect(receipt.outbound?.unwritten == 1)
        #expect(receipt.outbound?.added == 1)
        #expect(receipt.received == 2)
        #expect(receipt.reasons.map(\.reason) == ["forbidden-character"])
        #expect(
            try test.rejected(receipt).map { $0.suffix(3) } == [["malformed", "forbidden-character", "a b"]]
        )
        #expect(try lastText(test) == "c \(segment)\n")
        let shown = try DestinationReport.load(number, test.service)
        #expect(shown.unwritten == 1)
        #expect(shown.mappings.map(\.sent) == [1])
        #expect(shown.mappings.map(\.coming) == [0])
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test("A template that can name them brings them in the next file")
    func templateChanges() async throws {
        let (test, trait, segment, number) = try people()
        try test.deliver("a b\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        let first = try #require(try await test.sync().receipts.last)
        #expect(first.state == .completedWithRejects)
        #expect(first.files.isEmpty)
        #expect(test.sentFiles.isEmpty)
        _ = try Destinations(test.service).update(number) { destination in
            destination.template = Destination.Template(
                fileName: "<TIMESTAMP>.sync",
                header: nil,
                content: "<DP_UUID><TAB><SEGMENT_LIST>"
            )
        }
        try await test.sync()
        #expect(try lastText(test) == "a b\t\(segment)\n")
    }

    @Test("A template without a place for removals is said, and tells nothing twice")
    func removals() async throws {
        let (test, trait, segment, _) = try people("<DP_UUID> <SEGMENT_LIST>")
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        #expect(try lastText(test) == "a \(segment)\n")
        try test.deliver("a\td_unsid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        let receipt = try #require(try await test.sync().receipts.last)
        #expect(receipt.state == .completed)
        #expect(receipt.outbound?.unsaid == 1)
        #expect(receipt.reasons.map(\.reason) == ["no-place"])
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test("Segments of the receipt are what the file says", arguments: Destination.Mode.allCases)
    func segments(mode: Destination.Mode) async throws {
        let (test, trait, segment, number) = try people(mode: mode)
        let names = ["jose g", "x y", "ok"]
        try test.deliver(
            names.map { "\($0)\td_sid=\(trait)\n" }.joined(),
            "ftp_dpm_200_1700000000.sync"
        )
        let first = try #require(try await test.sync().receipts.last)
        #expect(first.outbound?.unwritten == 2)
        #expect(first.segments == [.init(segment: segment, before: 0, after: 1, added: 1, removed: 0)])
        try test.deliver("also\td_sid=\(trait)\nok\td_unsid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        let second = try #require(try await test.sync().receipts.last)
        #expect(second.outbound?.unwritten == 2)
        #expect(second.segments == [.init(segment: segment, before: 1, after: 1, added: 1, removed: 1)])
        #expect(try DestinationReport.load(number, test.service).mappings.map(\.sent) == [1])
    }

    @Test("A receipt without a file changes no segment")
    func nobodyToWrite() async throws {
        let (test, trait, _, number) = try people()
        try test.deliver("a b\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        let receipt = try #require(try await test.sync().receipts.last)
        #expect(receipt.outbound?.unwritten == 1)
        #expect(receipt.files.isEmpty)
        #expect(receipt.segments.isEmpty)
        #expect(try DestinationReport.load(number, test.service).mappings.map(\.sent) == [0])
    }

    @Test("Under another alias those who can't be written neither come nor go")
    func anotherAlias() async throws {
        let (test, trait, segment, number) = try people()
        try test.deliver("a b\td_sid=\(trait)\nc\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        _ = try Destinations(test.service).map(segment, to: number, alias: "x")
        let receipt = try #require(try await test.sync().receipts.last)
        #expect(receipt.outbound?.added == 1)
        #expect(receipt.outbound?.removed == 1)
        #expect(receipt.segments == [.init(segment: segment, before: 1, after: 1, added: 1, removed: 1)])
    }

    @Test("Lines that can't say that somebody left remove nobody")
    func unsaidBesideSaid() async throws {
        let (test, trait, _, number) = try people("<DP_UUID> <SEGMENT_LIST>")
        let second = try test.trait(of: 200)
        let other = try Segments(test.service).create(name: "T", dataSource: 200, rule: "\(second)T")
        _ = try Destinations(test.service).map(other.sid, to: number)
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        try test.deliver("a\td_sid=\(second),d_unsid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        let receipt = try #require(try await test.sync().receipts.last)
        #expect(receipt.outbound?.added == 1)
        #expect(receipt.outbound?.removed == 0)
        #expect(receipt.segments == [.init(segment: other.sid, before: 0, after: 1, added: 1, removed: 0)])
    }

    @Test("The rejected line of a deleted ID loses its text")
    func deletion() async throws {
        let (test, trait, _, _) = try people()
        try test.deliver("an na-x\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        #expect(try test.isReadable("an na-x"))
        _ = try PrivacyRequests(test.service).delete("200:an na-x")
        try await test.sync()
        #expect(try !test.isReadable("an na-x"))
    }

    @Test("Receipts of older versions are read")
    func olderReceipts() throws {
        let tally = try JSONDecoder()
            .decode(OutboundTally.self, from: Data(#"{"lines":3,"added":2,"removed":1}"#.utf8))
        #expect(tally.counts.sum == 3)
    }
}
