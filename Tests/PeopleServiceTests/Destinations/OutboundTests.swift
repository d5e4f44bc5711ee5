// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Matching
import Problems
import Storage
import Terminal
import Testing

@testable import PeopleService

/// Destinations get what changed, once, and nothing that is not allowed.
@Suite("Destinations")
struct OutboundTests {
    @Test("An iter file tells who comes and who goes, and nothing twice")
    func iterFilesTellChanges() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200)
        #expect(try Destinations(test.service).map(segment, to: number, alias: "A1") == nil)
        try test.deliver("a\td_sid=\(trait)\nb\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        let first = try await test.sync()
        #expect(first.receipts.map(\.state) == [.completed, .completed])
        #expect(test.sentFiles.count == 2)
        let data = try #require(test.sentFiles.first { $0.hasSuffix(".sync") })
        #expect(data.hasPrefix("ftp_\(number)_200_iter_"))
        #expect(try test.sent(data) == "a A1\nb A1\n")
        #expect(try await test.sync().receipts.isEmpty)
        try test.deliver("a\td_unsid=\(trait)\nc\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        try await test.sync()
        let second = try #require(test.sentFiles.last { $0.hasSuffix(".sync") })
        #expect(try test.sent(second) == "a  A1\nc A1\n")
        let mappings = try test.service.read { try DestinationStore().mappings(of: number, in: $0) }
        #expect(mappings.map(\.sentCount) == [2])
    }

    @Test("A full file lists all members; the last ones leave by a file of removals")
    func fullFilesListMembers() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200, mode: .full)
        _ = try Destinations(test.service).map(segment, to: number)
        try test.deliver("a\td_sid=\(trait)\nb\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        try test.deliver("b\td_unsid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        try await test.sync()
        try test.deliver("a\td_unsid=\(trait)\n", "ftp_dpm_200_1700000002.sync")
        try await test.sync()
        let texts = try test.sentFiles.filter { $0.hasSuffix(".sync") }.map {
            (name: $0, text: try test.sent($0))
        }
        #expect(texts.map(\.text) == ["a \(segment)\nb \(segment)\n", "a \(segment)\n", "a  \(segment)\n"])
        #expect(texts.map { $0.name.contains("_full_") } == [true, true, false])
    }

    @Test("A mapping outside its days, an ended one and a deleted segment let members go")
    func endedMappingsLetGo() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200)
        _ = try Destinations(test.service)
            .map(segment, to: number, start: test.today + 1, end: test.today + 2)
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        #expect(test.sentFiles.isEmpty)
        test.pass(days: 1)
        try await test.sync()
        #expect(try test.sentFiles.filter { $0.hasSuffix(".sync") }.map(test.sent) == ["a \(segment)\n"])
        test.pass(days: 2)
        try await test.sync()
        let last = try #require(test.sentFiles.last { $0.hasSuffix(".sync") })
        #expect(try test.sent(last) == "a  \(segment)\n")
    }

    @Test("Mappings that ended are dropped once their members have left")
    func endedMappingsGo() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200)
        let other = try Segments(test.service).create(name: "O", dataSource: 200, rule: "\(trait)T").sid
        for sid in [segment, other] { _ = try Destinations(test.service).map(sid, to: number) }
        func mapped() throws -> [SID] {
            try test.service.read { try DestinationStore().mappings(of: number, in: $0).map(\.segment) }
        }
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        try Destinations(test.service).unmap(segment, from: number)
        let preview = try Segments(test.service).previewDeletion(of: other)
        #expect(preview.map { [$0.destination, $0.members] } == [[number, 1]])
        try Segments(test.service).delete(other)
        #expect(try mapped() == [segment, other])
        try test.setEnabled(false)
        try await test.sync()
        #expect(try mapped() == [segment, other])
        try test.setEnabled(true)
        try await test.sync()
        #expect(try mapped().isEmpty)
        // One whose segment never had members goes with the next pass.
        let never = try Segments(test.service).create(name: "N", dataSource: 200, rule: "\(trait)T").sid
        _ = try Destinations(test.service).map(never, to: number, start: test.today + 5)
        try Segments(test.service).delete(never)
        try await test.sync()
        #expect(try mapped().isEmpty)
    }

    @Test("A paused segment sends nobody new, and who opts out leaves all the same")
    func pausedSegmentsStand() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200)
        _ = try Destinations(test.service).map(segment, to: number)
        try test.deliver("a\td_sid=\(trait)\nb\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        _ = try Segments(test.service).setState(.paused, of: segment)
        try test.deliver("c\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        try await test.sync()
        #expect(test.sentFiles.filter { $0.hasSuffix(".sync") }.count == 1)
        _ = try OptOuts(test.service).optOut("200:a")
        try await test.sync()
        let last = try #require(test.sentFiles.last { $0.hasSuffix(".sync") })
        #expect(try test.sent(last) == "a  \(segment)\n")
    }

    @Test("A segment whose merge rule can't reach the IDs is kept, and said to be blocked (scenario 27)")
    func emptyExportsAreSaid() async throws {
        let (test, trait, _) = try TestPeople.exchanging()
        let rule = try test.mergeRule(.all, .device, sources: [200])
        let segment = try Segments(test.service)
            .create(name: "B", dataSource: 200, rule: "\(trait)T", mergeRule: rule)
        let number = try test.destination(key: 200)
        let problem = try Destinations(test.service).map(segment.sid, to: number)
        #expect(problem?.kind == .outboundBlocked)
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        let report = try await test.sync()
        #expect(report.waiting.map(\.file) == ["destination \(number)"])
        #expect(test.sentFiles.isEmpty)
    }

    @Test("check names all segments that are held back, ten at most, and the command that lets them go")
    func allBlockedAreNamed() async throws {
        let (test, trait, _) = try TestPeople.exchanging()
        let rule = try test.mergeRule(.all, .device, sources: [200])
        let number = try test.destination(key: 200)
        let segments = try (1...12).map { place in
            let segment = try Segments(test.service)
                .create(name: "B\(place)", dataSource: 200, rule: "\(trait)T", mergeRule: rule).sid
            _ = try Destinations(test.service).map(segment, to: number)
            return segment
        }
        func finding() async throws -> Finding {
            try #require(
                try await test.service.diagnose().findings.first { $0.check == "destination \(number)" }
            )
        }
        let found = try await finding()
        #expect(found.verdict == .failed)
        #expect(found.finding.hasPrefix("12 segments are held back. "))
        #expect(found.finding.hasSuffix(" And 2 more."))
        let named = segments.filter { found.finding.contains("Segment \($0) ") }
        #expect(named == Array(segments.prefix(10)))
        #expect(found.fix?.contains("people segments edit \(segments[9]) --merge-rule 1`") == true)
        for segment in segments.dropFirst() { try Segments(test.service).delete(segment) }
        #expect(try await finding().finding.hasPrefix("Segment \(segments[0]) "))
        _ = try Segments(test.service).update(segments[0]) { $0.mergeRule = 1 }
        #expect(try await finding().verdict == .ok)
    }

    @Test("Where no merge rule lets members out the advice says how to make one")
    func noRuleLetsOut() throws {
        let (test, trait, _) = try TestPeople.exchanging()
        _ = try MergeRules(test.service).update(1) { $0.across = .all }
        let segment = try Segments(test.service).create(name: "B", dataSource: 200, rule: "\(trait)T").sid
        let problem = try Destinations(test.service).map(segment, to: test.destination(key: 200))
        #expect(problem?.advice.contains("merge-rules create --across last --data-source 200") == true)
        #expect(problem?.advice.contains("segments edit \(segment) --merge-rule M") == true)
    }

    @Test("A restriction forbids a mapping and names the trait and the rule (scenario 26)")
    func restrictionsForbid() throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        try test.service.write { database in
            try database.execute(
                sql: "INSERT INTO data_source_restrictions (data_source, restriction) VALUES (200, 'pii')"
            )
        }
        let number = try test.destination(key: 200, labels: [.personallyIdentifiable])
        let problem = #expect(throws: Problem.self) {
            try Destinations(test.service).map(segment, to: number)
        }
        #expect(problem?.kind == .restrictionForbids)
        #expect(problem?.summary.contains("trait \(trait)") == true)
        #expect(problem?.summary.contains("cannot be tied to personally identifiable information") == true)
        let other = try test.destination(key: 200, labels: [.onSiteAdvertising])
        #expect(try Destinations(test.service).map(segment, to: other) == nil)
    }

    @Test("A destination whose account is down is queued; the same file comes when it is back")
    func downAccountsQueue() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200)
        _ = try Destinations(test.service).map(segment, to: number)
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try FileManager.default.moveItem(atPath: test.outbox, toPath: test.outbox + ".away")
        let down = try await test.sync()
        let queued = try #require(down.receipts.last)
        #expect(queued.state == .waiting)
        #expect(queued.failure?.code == "accounts.unreachable")
        // What comes meanwhile waits for the file that is open.
        try test.deliver("b\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        try await test.sync()
        try FileManager.default.moveItem(atPath: test.outbox + ".away", toPath: test.outbox)
        let back = try await test.sync()
        #expect(back.receipts.map(\.state) == [.completed, .completed])
        #expect(back.receipts.first?.id == queued.id)
        let texts = try test.sentFiles.filter { $0.hasSuffix(".sync") }.map(test.sent)
        #expect(texts == ["a \(segment)\n", "b \(segment)\n"])
    }

    @Test("Parts, control file and a template of one's own")
    func templatesAndParts() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(
            key: 200,
            template: Destination.Template(
                fileName: "<SYNC_TYPE>_<ORDER_ID>_<MASTER_DPID>_<SYNC_MODE>_<TIMESTAMP>.csv",
                header: "id;segments",
                content: "<DP_UUID>;<SEGMENT_LIST; separator=\",\">"
            )
        )
        _ = try Destinations(test.service).map(segment, to: number)
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        let data = try #require(test.sentFiles.first { $0.hasSuffix(".csv") })
        #expect(try test.sent(data) == "id;segments\na;\(segment)\n")
        let control = try #require(test.sentFiles.first { $0.hasSuffix(".info") })
        #expect(try test.sent(control).contains("\"FileLineCount\":2"))
    }

    @Test("A daily destination is written once a day, after its time")
    func dailySchedule() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        // The clock stands at 12:00 UTC.
        let early = try test.destination(key: 200, schedule: .daily(minute: 13 * 60))
        let due = try test.destination(key: 200, schedule: .daily(minute: 11 * 60))
        for number in [early, due] { _ = try Destinations(test.service).map(segment, to: number) }
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        #expect(test.sentFiles.filter { $0.hasSuffix(".sync") }.map { $0.hasPrefix("ftp_\(due)_") } == [true])
        try test.deliver("b\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        try await test.sync()
        #expect(test.sentFiles.filter { $0.hasSuffix(".sync") }.count == 1)
        test.pass(days: 1)
        try await test.sync()
        #expect(test.sentFiles.filter { $0.hasPrefix("ftp_\(due)_") && $0.hasSuffix(".sync") }.count == 2)
    }
}
