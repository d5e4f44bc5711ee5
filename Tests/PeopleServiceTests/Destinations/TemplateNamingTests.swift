// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems
import Storage
import Terminal
import Testing

@testable import PeopleService

/// Templates name each line's ID of the key, so that whom a file brought another one can take back.
@Suite("Names in templates")
struct TemplateNamingTests {
    private static let device = String(repeating: "7", count: 38)

    private static func template(_ content: String) -> Destination.Template {
        Destination.Template(fileName: "<ORDER_ID>_<TIMESTAMP>.sync", header: nil, content: content)
    }

    /// A member of a segment, on a browser.
    private func people() throws -> (test: TestPeople, trait: SID, segment: SID) {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        try test.dataSource(500, .cookie, form: .visitorID)
        let trait = try test.trait(of: 200)
        let segment = try Segments(test.service).create(name: "S", dataSource: 200, rule: "\(trait)T").sid
        try test.idSync("\(Self.device)\tann\n", "adobe_id_4_200_1795260000.sync")
        try test.onboard("ann\td_sid=\(trait)\n", "ftp_dpm_200_1795260001.sync")
        return (test, trait, segment)
    }

    /// A destination with a template as older versions took it.
    private func oldDestination(_ content: String, _ test: TestPeople, _ segment: SID) throws -> Int {
        let number = try test.destination(key: 200)
        _ = try Destinations(test.service).map(segment, to: number)
        try test.service.write { database in
            var destination = try DestinationStore().find(number, in: database)
            destination.template = Self.template(content)
            try DestinationStore().update(destination, at: TestPeople.start, in: database)
        }
        return number
    }

    private func texts(_ test: TestPeople) throws -> [String] {
        try test.sentFiles.filter { $0.hasSuffix(".sync") }.map(test.sent)
    }

    private func finding(_ number: Int, _ test: TestPeople) async throws -> Finding? {
        try await PeopleDiagnosis(test.service).run().findings.first { $0.check == "destination \(number)" }
    }

    @Test(
        "A template that names people by other IDs than the key's, or nobody, is refused",
        arguments: [
            (200, "<MCID> <SEGMENT_LIST>"), (200, "<UUID><TAB><SEGMENT_LIST>"),
            (100, "<MCID> <SEGMENT_LIST>"),
            (200, "<TRAIT_LIST>"), (200, " "), (200, "<DP_UUID><SEGMENT_LIST>"),
            (200, #"<DPUUIDS; format="dpids=4"> <SEGMENT_LIST>"#), (100, "<DP_UUID_LIST> <SEGMENT_LIST>"),
            (4, "<DP_UUID_LIST> <SEGMENT_LIST>"), (4, #"<DPUUIDS; format="dpids=4"> <SEGMENT_LIST>"#),
            (200, "<if(SEGMENT_LIST)><DP_UUID><endif> <SEGMENT_LIST> <REMOVED_SEGMENT_LIST>"),
        ]
    )
    func refusing(key: DataSourceNumber, content: String) throws {
        let (test, _, _) = try people()
        let template = Self.template(content)
        let created = peopleProblem { _ = try test.destination(key: key, template: template) }
        #expect(created?.kind == .outboundTemplateRefused)
        #expect(created?.field == "template")
        let isSeparated = content != "<DP_UUID><SEGMENT_LIST>"
        #expect(created?.advice.contains(isSeparated ? "Put <DP_UUID>" : "<TAB>") == true)
        let number = try test.destination(key: key)
        let edited = peopleProblem {
            _ = try Destinations(test.service).update(number) { $0.template = template }
        }
        #expect(edited?.summary == created?.summary)
        #expect(try test.service.read { try DestinationStore().find(number, in: $0).template } == nil)
    }

    @Test(
        "What names each line is taken",
        arguments: [
            (200, "<DP_UUID> <MCID> <SEGMENT_LIST>"), (200, "<DP_UUID_LIST> <SEGMENT_LIST>"),
            (200, #"<DPUUIDS; format="dpids=4,200"> <SEGMENT_LIST>"#), (4, "<MCID> <SEGMENT_LIST>"),
            (0, "<UUID> <SEGMENT_LIST>"), (500, "<MCID>;<SEGMENT_LIST>"), (4, "<DP_UUID> <DP_UUID_LIST>"),
            (100, "<UUID> <DP_UUID> <SEGMENT_LIST>"),
        ]
    )
    func taking(key: DataSourceNumber, content: String) throws {
        let (test, _, _) = try people()
        _ = try test.destination(key: key, template: Self.template(content))
    }

    @Test("A key under whose IDs the template names nobody is refused")
    func keys() throws {
        let (test, _, _) = try people()
        let number = try test.destination(key: 4, template: Self.template("<MCID> <SEGMENT_LIST>"))
        let problem = peopleProblem {
            _ = try Destinations(test.service).update(number) { $0.keyDataSource = 200 }
        }
        #expect(problem?.kind == .outboundTemplateRefused)
    }

    @Test("Who is deleted leaves with the key and empty places, and the request ends")
    func deletions() async throws {
        let (test, _, segment) = try people()
        let template = Self.template("<DP_UUID>;<MCID>;<SEGMENT_LIST>;<REMOVED_SEGMENT_LIST>")
        let number = try test.destination(key: 200, template: template)
        _ = try Destinations(test.service).map(segment, to: number)
        try await test.sync()
        #expect(try texts(test) == ["ann;\(Self.device);\(segment);\n"])
        _ = try PrivacyRequests(test.service).delete("200:ann")
        try await test.sync()
        #expect(try texts(test).last == "ann;;;\(segment)\n")
        #expect(try !test.isReadable("ann"))
        let state = try test.service.read {
            try String.fetchOne($0, sql: "SELECT state FROM privacy_requests")
        }
        #expect(state == PrivacyRequest.State.completed.rawValue)
    }

    @Test("A device that is deleted takes nobody away, and one that comes later takes no removal")
    func deletedDevices() async throws {
        let (test, trait, segment) = try people()
        let template = Self.template("<DP_UUID>;<MCID>;<SEGMENT_LIST>;<REMOVED_SEGMENT_LIST>")
        let number = try test.destination(key: 200, template: template)
        _ = try Destinations(test.service).map(segment, to: number)
        try await test.sync()
        _ = try PrivacyRequests(test.service).delete("4:\(Self.device)")
        let other = String(repeating: "8", count: 38)
        try test.idSync("\(other)\tann\n", "adobe_id_4_200_1795260002.sync")
        try test.onboard("ann\td_unsid=\(trait)\n", "ftp_dpm_200_1795260003.sync")
        try await test.sync()
        #expect(try texts(test).last == "ann;\(other);;\(segment)\n")
    }

    @Test("A template of an older version is named by the check, goes on, and gives way to a better one")
    func olderTemplates() async throws {
        let (test, _, segment) = try people()
        let number = try oldDestination("<MCID> <SEGMENT_LIST> <REMOVED_SEGMENT_LIST>", test, segment)
        try await test.sync()
        #expect(try texts(test) == ["\(Self.device) \(segment) \n"])
        let found = try #require(try await finding(number, test))
        #expect(found.verdict == .failed && found.finding.contains("which ID"))
        #expect(found.fix?.contains("edit \(number) --template") == true)
        // What has nothing to do with it can be changed.
        _ = try Destinations(test.service).update(number) { $0.name = "Old" }
        let better = Self.template("<DP_UUID> <SEGMENT_LIST> <REMOVED_SEGMENT_LIST>")
        let problem = peopleProblem {
            _ = try Destinations(test.service).update(number) { $0.template = better }
        }
        #expect(problem?.kind == .destinationInUse && problem?.field == "template")
        let changed = try Destinations(test.service).update(number, isSilent: true) { $0.template = better }
        #expect(changed.consequences.first?.contains("keeps 1 members") == true)
        try await test.sync()
        #expect(try texts(test).last == "ann \(segment) \n")
        #expect(try await finding(number, test)?.verdict == .ok)
    }

    @Test("A template that only lacked a separator gives way without a word")
    func olderSeparators() async throws {
        let (test, trait, segment) = try people()
        let number = try oldDestination("<DP_UUID><SEGMENT_LIST> <REMOVED_SEGMENT_LIST>", test, segment)
        try await test.sync()
        #expect(try await finding(number, test)?.finding.contains("nothing separates") == true)
        let changed = try Destinations(test.service).update(number) { $0.template = nil }
        #expect(changed.consequences.isEmpty)
        try test.onboard("ann\td_unsid=\(trait)\n", "ftp_dpm_200_1795260003.sync")
        try await test.sync()
        #expect(try texts(test).last == "ann  \(segment)\n")
    }

    @Test("A line that lacked an ID is written by the next sync after the link arrives")
    func laterLinks() async throws {
        let (test, trait, segment) = try people()
        let number = try oldDestination("<MCID> <SEGMENT_LIST> <REMOVED_SEGMENT_LIST>", test, segment)
        try test.onboard("eve\td_sid=\(trait)\n", "ftp_dpm_200_1795260002.sync")
        let receipt = try #require(try await test.sync().receipts.last)
        #expect(receipt.reasons.map(\.reason) == ["no-visitor-id"])
        #expect(try await test.sync().receipts.isEmpty)
        let other = String(repeating: "8", count: 38)
        // Links of others try nothing again.
        try test.idSync("\(String(repeating: "9", count: 38))\tbob\n", "adobe_id_4_200_1795260003.sync")
        #expect(try await test.sync().receipts.isEmpty)
        try test.deliver("\(other)\teve\n", "adobe_id_4_200_1795260004.sync")
        try await test.sync()
        #expect(try texts(test).last == "\(other) \(segment) \n")
        #expect(try DestinationReport.load(number, test.service).unwritten == 0)
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test(
        "A removal that is too long for what else it would say says the rest",
        arguments: [
            "<DP_UUID>", #"<DPUUIDS; format="dpids=200">"#,
        ]
    )
    func longRemovals(name: String) async throws {
        let (test, trait, segment) = try people()
        let text = String(repeating: "x", count: 60_000)
        let content = "\(name) <TRAIT_LIST:{t|\(text)}> <SEGMENT_LIST> <REMOVED_SEGMENT_LIST>"
        let number = try test.destination(key: 200, template: Self.template(content))
        _ = try Destinations(test.service).map(segment, to: number)
        try await test.sync()
        #expect(try texts(test).first?.utf8.count ?? 0 > 60_000)
        let others = [try test.trait(of: 200), try test.trait(of: 200)]
        let lines = others.map { "ann\td_sid=\($0)\n" }.joined() + "ann\td_unsid=\(trait)\n"
        try test.onboard(lines, "ftp_dpm_200_1795260002.sync")
        let receipt = try #require(try await test.sync().receipts.last)
        #expect(receipt.state == .completed)
        let key = name == "<DP_UUID>" ? "ann" : #"[["200","ann"]]"#
        #expect(try texts(test).last == "\(key)   \(segment)\n")
    }

    @Test("A template that can't write an ID that the receiver has is refused")
    func separators() async throws {
        let (test, trait, segment) = try people()
        let number = try test.destination(key: 200, template: Self.template("<DP_UUID><TAB><SEGMENT_LIST>"))
        _ = try Destinations(test.service).map(segment, to: number)
        try test.onboard("a b\td_sid=\(trait)\n", "ftp_dpm_200_1795260002.sync")
        try await test.sync()
        let problem = peopleProblem {
            _ = try Destinations(test.service).update(number) { $0.template = nil }
        }
        #expect(problem?.kind == .destinationInUse && problem?.summary.contains("1 IDs") == true)
        _ = try Destinations(test.service)
            .update(number) { $0.template = Self.template("<DP_UUID>;<SEGMENT_LIST>") }
    }

    @Test("IDs that have to leave and can't be written are named by the check and by what waits for them")
    func heldRemovals() async throws {
        let (test, _, segment) = try people()
        try test.onboard("a b\td_sid=101\n", "ftp_dpm_200_1795260002.sync")
        let number = try test.destination(key: 200, template: Self.template("<DP_UUID><TAB><SEGMENT_LIST>"))
        _ = try Destinations(test.service).map(segment, to: number)
        try await test.sync()
        try test.service.write { database in
            var destination = try DestinationStore().find(number, in: database)
            destination.template = nil
            try DestinationStore().update(destination, at: TestPeople.start, in: database)
        }
        _ = try PrivacyRequests(test.service).delete("200:a b")
        try await test.sync()
        let found = try #require(try await finding(number, test))
        #expect(found.verdict == .failed && found.finding.contains("1 IDs have to leave"))
        let reasons = try test.service.read { database in
            try DeletionObstacles(in: database).reasons(for: IDStore().members(of: .deleted, in: database))
        }
        #expect(reasons.first?.contains("can't name 1 of them") == true)
    }
}
