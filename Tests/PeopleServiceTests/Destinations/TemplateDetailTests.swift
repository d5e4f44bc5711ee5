// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import GRDB
import Matching
import Problems
import Storage
import Testing

@testable import PeopleService

/// Templates that ask for more than an ID and its segments get it from links and realizations.
@Suite("Details of templates")
struct TemplateDetailTests {
    private static let visitors = ["11", "22", "33", "44"].map { String(repeating: "0", count: 36) + $0 }

    /// Ann with two browsers, the second of which Bob has used since, and a phone; a trait of both, a segment of it.
    private func people() throws -> (test: TestPeople, trait: SID, segment: SID) {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        try test.dataSource(300, .crossDevice)
        let trait = try test.trait(of: 200)
        let segment = try Segments(test.service).create(name: "S", dataSource: 200, rule: "\(trait)T")
        let (first, second) = (Self.visitors[0], Self.visitors[1])
        try test.idSync("\(second)\tann\tmail-a\n", "adobe_id_4_200_300_1795260000.sync")
        test.pass(hours: 1)
        try test.idSync("\(second)\tbob\tmail-b\n", "adobe_id_4_200_300_1795260001.sync")
        try test.idSync("phone\tann\n", "adobe_id_100_200_1795260002.sync")
        test.pass(hours: 1)
        try test.idSync("\(first)\tann\tmail-a\n", "adobe_id_4_200_300_1795260003.sync")
        try test.onboard("ann\td_sid=\(trait)\nbob\td_sid=\(trait)\n", "ftp_dpm_200_1795260004.sync")
        return (test, trait, segment.sid)
    }

    /// What a destination with this content writes of the segment.
    private func lines(
        _ content: String,
        key: DataSourceNumber = 200,
        mode: Destination.Mode = .iter,
        _ test: TestPeople,
        _ segment: SID
    ) async throws -> [String] {
        let number = try test.destination(
            key: key,
            mode: mode,
            template: Destination.Template(
                fileName: "<ORDER_ID>_<TIMESTAMP>.sync",
                header: nil,
                content: content
            )
        )
        _ = try Destinations(test.service).map(segment, to: number)
        try await test.sync()
        let file = try #require(test.sentFiles.last { $0.hasPrefix("\(number)_") && $0.hasSuffix(".sync") })
        return try test.sent(file).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test("The visitor ID is that of the device that was linked last", arguments: ["<UUID>", "<MCID>"])
    func visitorIDs(macro: String) async throws {
        let (test, _, segment) = try people()
        let found = try await lines("<DP_UUID> \(macro) <SEGMENT_LIST>", test, segment)
        #expect(found == ["ann \(Self.visitors[0]) \(segment)", "bob \(Self.visitors[1]) \(segment)", ""])
    }

    @Test("Whoever has no visitor ID has an empty place in the line, which the key names")
    func missingVisitorIDs() async throws {
        let (test, trait, segment) = try people()
        try test.onboard("eve\td_sid=\(trait)\n", "ftp_dpm_200_1795260005.sync")
        let found = try await lines("<DP_UUID>;<MCID> <SEGMENT_LIST>", test, segment)
        let (first, second) = (Self.visitors[0], Self.visitors[1])
        #expect(
            found == ["ann;\(first) \(segment)", "bob;\(second) \(segment)", "eve; \(segment)", ""]
        )
    }

    @Test("Lists of IDs name the key itself, its devices the latest first, and other IDs of the person")
    func listsOfIDs() async throws {
        let (test, _, segment) = try people()
        let (first, second) = (Self.visitors[0], Self.visitors[1])
        #expect(try await lines("<DP_UUID_LIST> <SEGMENT_LIST>", test, segment).first == "ann \(segment)")
        func pairs(_ format: String) async throws -> [String] {
            try await lines("<DP_UUID> <DPUUIDS; format=\"\(format)\"> <SEGMENT_LIST>", test, segment)
        }
        let own = try await pairs("dpids=200|maxMappings=0|format=json")
        #expect(own.first == #"ann [["200","ann"]] \#(segment)"#)
        let devices = try await pairs("dpids=4,100|maxMappings=0|format=json")
        #expect(
            devices.prefix(2) == [
                #"ann [["4","\#(first)"],["4","\#(second)"],["100","phone"]] \#(segment)"#,
                #"bob [["4","\#(second)"]] \#(segment)"#,
            ]
        )
        let latest = try await pairs("dpids=4|maxMappings=1")
        #expect(latest.first == #"ann [["4","\#(first)"]] \#(segment)"#)
        // The second browser is Bob's by now: what was said of Ann there is nothing of his.
        let mails = try await pairs("dpids=300")
        #expect(mails.first == #"ann [["300","mail-a"]] \#(segment)"#)
    }

    @Test("Traits and times are those of the person, in milliseconds of whole days")
    func traitsAndTimes() async throws {
        let (test, trait, segment) = try people()
        let own = try test.trait(of: 200, rule: "page == \"home\"")
        let realized = test.today.milliseconds
        test.pass(days: 1)
        try test.onboard("phone\t\"page\"=\"home\"\n", "ftp_dpm_100_200_1795260006.sync")
        let found = try await lines(
            "<DP_UUID> <TRAIT_LIST:{t|<t.type>/<t.traitId>/<t.lastRealized>}; separator=\",\"> "
                + "<SEGMENT_LIST:{seg|<seg.sid>/<seg.lastRealizationTime>/<seg.lastUpdateTime>}> <PID>",
            test,
            segment
        )
        let changed = try test.service.read { try SegmentStore().find(segment, in: $0).evaluated }
        let times = "\(segment)/\(realized)/\(changed) 1"
        #expect(
            found.prefix(2) == [
                "ann 10/\(trait)/\(realized),3/\(own)/\(test.today.milliseconds) \(times)",
                "bob 10/\(trait)/\(realized) \(times)",
            ]
        )
    }

    @Test("Traits that a restriction keeps from the destination are not named")
    func restrictedTraits() async throws {
        let (test, trait, segment) = try people()
        try test.dataSource(400, .crossDevice)
        try test.service.write { database in
            try database.execute(
                sql: "INSERT INTO data_source_restrictions (data_source, restriction) VALUES (400, 'pii')"
            )
        }
        let secret = try test.trait(of: 400)
        try test.onboard("ann\td_sid=\(secret)\n", "ftp_dpm_200_400_1795260005.sync")
        let number = try test.destination(
            key: 100,
            labels: [.personallyIdentifiable],
            template: Destination.Template(
                fileName: "<TIMESTAMP>.sync",
                header: nil,
                content: "<DP_UUID> <TRAIT_LIST> <SEGMENT_LIST>"
            )
        )
        let rule = try test.mergeRule(.last, .device, sources: [200])
        let other = try Segments(test.service)
            .create(name: "O", dataSource: 200, rule: "\(trait)T", mergeRule: rule)
        _ = segment
        _ = try Destinations(test.service).map(other.sid, to: number)
        try await test.sync()
        let file = try #require(test.sentFiles.first { $0.hasSuffix(".sync") })
        #expect(try test.sent(file) == "phone \(trait) \(other.sid)\n")
    }

    @Test("Who opted out is named by nobody's line but their own")
    func optedOutKin() async throws {
        let (test, _, segment) = try people()
        let number = try test.destination(
            key: 200,
            template: Destination.Template(
                fileName: "<TIMESTAMP>.sync",
                header: nil,
                content: "<DP_UUID> <MCID> <SEGMENT_LIST> <REMOVED_SEGMENT_LIST>"
            )
        )
        _ = try Destinations(test.service).map(segment, to: number)
        try await test.sync()
        _ = try OptOuts(test.service).optOut("200:ann")
        try await test.sync()
        let file = try #require(test.sentFiles.last { $0.hasSuffix(".sync") })
        #expect(try test.sent(file) == "ann \(Self.visitors[0])  \(segment)\n")
    }

    @Test(
        "Lines about devices list who signed in there, and are themselves the first of their own data source"
    )
    func deviceLines() async throws {
        let (test, _, segment) = try people()
        let found = try await lines(
            "<DP_UUID> <DPUUIDS; format=\"dpids=200,4\"> <SEGMENT_LIST>",
            key: 4,
            test,
            segment
        )
        let (first, second) = (Self.visitors[0], Self.visitors[1])
        #expect(
            found.sorted() == [
                "",
                #"\#(first) [["200","ann"],["4","\#(first)"],["4","\#(second)"]] \#(segment)"#,
                #"\#(second) [["200","bob"],["200","ann"],["4","\#(second)"]] \#(segment)"#,
            ]
        )
    }

    @Test("A device is known by its own other IDs and by those of its person, the latest first")
    func idsOfOneDevice() async throws {
        let (test, _, segment) = try people()
        let own = Self.visitors[2]
        test.pass(hours: 1)
        try test.idSync("\(own)\tphone\n", "adobe_id_4_100_1795260004.sync")
        let found = try await lines(
            "<DP_UUID> <UUID> <DPUUIDS; format=\"dpids=4\"> <SEGMENT_LIST>",
            key: 100,
            test,
            segment
        )
        let pairs = [own, Self.visitors[0], Self.visitors[1]].map { #"["4","\#($0)"]"# }
        #expect(found == ["phone \(own) [\(pairs.joined(separator: ","))] \(segment)", ""])
    }

    @Test("A template that lists IDs of a data source that isn't there is refused")
    func unknownDataSources() throws {
        let (test, _, _) = try people()
        let problem = peopleProblem {
            _ = try test.destination(
                key: 200,
                template: Destination.Template(
                    fileName: "<TIMESTAMP>.sync",
                    header: nil,
                    content: #"<DP_UUID> <DPUUIDS; format="dpids=999"> <SEGMENT_LIST>"#
                )
            )
        }
        #expect(problem?.kind == .outboundTemplateRefused)
        #expect(problem?.summary.contains("data source 999") == true)
    }
}
