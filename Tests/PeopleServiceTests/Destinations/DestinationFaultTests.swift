// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Problems
import Storage
import Terminal
import Testing

@testable import PeopleService

/// What is wrong with one destination stays with it, and is said in words.
@Suite("Faults of destinations")
struct DestinationFaultTests {
    private func template(
        _ fileName: String,
        _ content: String = "<DP_UUID> <SEGMENT_LIST>",
        header: String? = nil
    )
        -> Destination.Template
    {
        Destination.Template(fileName: fileName, header: header, content: content)
    }

    @Test("A destination that can't be told fails alone, once, and `check` names it")
    func containment() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        let broken = try test.destination(key: 200)
        let sound = try test.destination(key: 200)
        for number in [broken, sound] { _ = try Destinations(test.service).map(segment, to: number) }
        // As an older version let it pass.
        try test.service.write { database in
            try database.execute(
                sql: "UPDATE destinations SET alias = '../x' WHERE number = ?",
                arguments: [broken]
            )
        }
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        let report = try await test.sync()
        #expect(report.hasFailures)
        let failed = try #require(report.receipts.first { $0.destination == broken })
        #expect(failed.state == .failed)
        #expect(failed.failure?.code == "people.destination-refused")
        #expect(failed.failure?.summary.contains("no slash") == true)
        #expect(report.receipts.first { $0.destination == sound }?.state == .completed)
        #expect(test.sentFiles.contains { $0.hasPrefix("ftp_\(sound)_") })
        let again = try await test.sync()
        #expect(again.receipts.map(\.id) == [failed.id])
        #expect(again.receipts.first?.attempts == 2)
        let check = try await PeopleDiagnosis(test.service).run()
        let finding = try #require(check.findings.first { $0.check == "destination \(broken)" })
        #expect(finding.verdict == .failed)
        #expect(finding.finding.contains(failed.id))
        try test.service.write { database in
            try database.execute(
                sql: "UPDATE destinations SET alias = 'x' WHERE number = ?",
                arguments: [broken]
            )
        }
        let mended = try await test.sync()
        #expect(mended.receipts.map(\.id) == [failed.id])
        #expect(mended.receipts.map(\.state) == [.completed])
    }

    @Test(
        "A word for file names that could leave the account is refused",
        arguments: ["../x", "a/b", "..", "a\nb", "", String(repeating: "x", count: 101)]
    )
    func aliases(alias: String) throws {
        let (test, _, _) = try TestPeople.exchanging()
        let problem = peopleProblem { _ = try test.destination(key: 200, alias: alias) }
        #expect(problem?.kind == .destinationRefused)
        #expect(problem?.field == "alias")
    }

    @Test("A file name that another word makes unusable is refused, too")
    func longNames() throws {
        let (test, _, _) = try TestPeople.exchanging()
        let long = template("\(String(repeating: "<PID_ALIAS>", count: 3))<TIMESTAMP>")
        let problem = peopleProblem {
            _ = try test.destination(
                key: 200,
                template: long,
                alias: String(repeating: "x", count: 90)
            )
        }
        #expect(problem?.kind == .outboundTemplateRefused)
        #expect(problem?.summary.contains("1 to 230 bytes") == true)
    }

    @Test(
        "A mistake in a template is told with its place and the nearest macro",
        arguments: [
            (
                "<SEGMENTLIST>", "content, column 2 (byte 1): there is no macro <SEGMENTLIST>",
                "<SEGMENT_LIST>"
            ),
            ("<dp_uuid>", "column 2 (byte 1): there is no macro <dp_uuid>", "<DP_UUID>"),
            ("é<DP_UID> x", "column 3 (byte 3)", "<DP_UUID>"),
            ("<DP_UUID> <SEGMENT_LIST; seperator=\",\">", "takes no option “seperator”", ""),
            ("<DP_UUID", "has no >", ""),
        ]
    )
    func templateWords(content: String, words: String, nearest: String) throws {
        let (test, _, _) = try TestPeople.exchanging()
        let problem = peopleProblem {
            _ = try test.destination(key: 200, template: template("<TIMESTAMP>.csv", content))
        }
        #expect(problem?.kind == .outboundTemplateRefused)
        #expect(problem?.summary.contains(words) == true)
        if !nearest.isEmpty { #expect(problem?.summary.hasSuffix("the nearest is \(nearest).") == true) }
        #expect(problem?.summary.contains("TemplateError") == false)
    }

    @Test("The place in a header has its line, and the advice lists what may stand there")
    func headerWords() throws {
        let (test, _, _) = try TestPeople.exchanging()
        let problem = peopleProblem {
            _ = try test.destination(
                key: 200,
                template: template("<TIMESTAMP>.csv", header: "id\nab<SEGMENT_LIST>")
            )
        }
        #expect(
            problem?.summary.contains("header, line 2, column 4 (byte 6): <SEGMENT_LIST> can't stand") == true
        )
        #expect(problem?.advice.contains("MASTER_DPID") == true)
    }

    @Test(
        "A file name that the second export would need again is refused",
        arguments: [
            ("fixed.sync", Destination.Schedule.onChange, false),
            ("fixed.sync", .daily(minute: 60), false),
            ("<ORDER_ID>_<SYNC_MODE>.sync", .onDemand, false),
            ("x_<TIMESTAMP; format=\"YYYYMMDD\">.sync", .onChange, false),
            ("x_<TIMESTAMP; format=\"YYYYMMDD\">.sync", .daily(minute: 60), true),
            ("x_<TIMESTAMP; format=\"DD\">.sync", .daily(minute: 60), false),
            ("x_<TIMESTAMP; format=\"YYYYMMDDhhmmss\">.sync", .onChange, true),
            ("<TIMESTAMP>", .onChange, true),
        ]
    )
    func fixedNames(name: String, schedule: Destination.Schedule, isGood: Bool) throws {
        let (test, _, _) = try TestPeople.exchanging()
        var problem: Problem?
        do {
            _ = try test.destination(key: 200, schedule: schedule, template: template(name))
        } catch let found as Problem {
            problem = found
        }
        #expect((problem == nil) == isGood)
        if !isGood {
            #expect(problem?.kind == .outboundTemplateRefused)
            #expect(problem?.advice.contains("<TIMESTAMP>") == true)
        }
    }

    @Test("A name that another file has is said as such, not as an account that can't be reached")
    func takenNames() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200)
        _ = try Destinations(test.service).map(segment, to: number)
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        let name = "ftp_\(number)_200_iter_\(TestPeople.start).sync"
        try "other\n".write(toFile: "\(test.outbox)/\(name)", atomically: true, encoding: .utf8)
        let report = try await test.sync()
        #expect(report.receipts.last?.state == .waiting)
        #expect(report.receipts.last?.failure?.code == "accounts.file-taken")
        try FileManager.default.removeItem(atPath: "\(test.outbox)/\(name)")
        #expect(try await test.sync().receipts.map(\.state) == [.completed])
        #expect(try test.sent(name) == "a \(segment)\n")
    }
}
