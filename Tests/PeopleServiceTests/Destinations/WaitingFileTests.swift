// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Testing

@testable import PeopleService

/// Files that wait for their account never bring anybody who opted out or was deleted meanwhile.
@Suite("Waiting files")
struct WaitingFileTests {
    /// Two members wait for an account that is disabled.
    private func waiting(mode: Destination.Mode = .iter) async throws -> (
        test: TestPeople, trait: SID, segment: SID, number: Int, receipt: Receipt
    ) {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200, mode: mode)
        _ = try Destinations(test.service).map(segment, to: number)
        try test.setEnabled(false)
        try test.deliver("anna-x\td_sid=\(trait)\nbert-x\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        let receipt = try #require(try await test.sync().receipts.last)
        #expect(receipt.state == .waiting)
        return (test, trait, segment, number, receipt)
    }

    private func texts(_ test: TestPeople) throws -> [String] {
        try test.sentFiles.filter { $0.hasSuffix(".sync") }.map(test.sent)
    }

    private func isSpooled(_ text: String, _ test: TestPeople) -> Bool {
        let files = FileManager.default.enumerator(atPath: test.service.directory.spool)
        while let name = files?.nextObject() as? String {
            let content = FileManager.default.contents(atPath: "\(test.service.directory.spool)/\(name)")
            if content?.range(of: Data(text.utf8)) != nil { return true }
        }
        return false
    }

    @Test("Who opts out while files wait is in none of them", arguments: Destination.Mode.allCases)
    func optOut(mode: Destination.Mode) async throws {
        let (test, _, segment, _, receipt) = try await waiting(mode: mode)
        #expect(isSpooled("anna-x", test))
        _ = try OptOuts(test.service).optOut("200:anna-x")
        #expect(!isSpooled("anna-x", test))
        let taken = try test.service.read { try ReceiptStore().find(receipt.id, in: $0) }
        #expect(taken.failure?.code == "people.files-withdrawn")
        try test.setEnabled(true)
        let report = try await test.sync()
        #expect(report.receipts.map(\.id) == [receipt.id])
        #expect(report.receipts.map(\.state) == [.completed])
        #expect(try texts(test) == ["bert-x \(segment)\n"])
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test("Who is deleted while files wait is in none of them, and no text of theirs stays")
    func deletion() async throws {
        let (test, _, segment, _, _) = try await waiting()
        _ = try PrivacyRequests(test.service).delete("200:anna-x")
        #expect(!isSpooled("anna-x", test))
        try test.setEnabled(true)
        try await test.sync()
        #expect(try texts(test) == ["bert-x \(segment)\n"])
        #expect(try !test.isReadable("anna-x"))
    }

    @Test("A run whose only people are gone is cancelled, with nothing sent")
    func nobodyLeft() async throws {
        let (test, _, _, number, receipt) = try await waiting()
        for id in ["anna-x", "bert-x"] { _ = try OptOuts(test.service).optOut("200:\(id)") }
        try test.setEnabled(true)
        #expect(try await test.sync().receipts.isEmpty)
        #expect(test.sentFiles.isEmpty)
        let (ended, plan) = try test.service.read { database in
            (
                try ReceiptStore().find(receipt.id, in: database),
                try OutboundPlanStore().plan(of: number, in: database)
            )
        }
        #expect(ended.state == .cancelled)
        #expect(plan == nil)
    }

    @Test("Nor is an ID that stands in somebody else's line", arguments: [false, true])
    func otherIDs(isDeleted: Bool) async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        let template = Destination.Template(
            fileName: "<ORDER_ID>_<TIMESTAMP>.sync",
            header: nil,
            content: "<DP_UUID> <SEGMENT_LIST> <UUID>"
        )
        let number = try test.destination(key: 200, template: template)
        _ = try Destinations(test.service).map(segment, to: number)
        let device = String(repeating: "6", count: 38)
        try test.idSync("\(device)\tfay\n", "adobe_id_4_200_1700000000.sync")
        try test.setEnabled(false)
        try test.deliver("fay\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        #expect(isSpooled(device, test))
        test.pass(seconds: 1)
        if isDeleted {
            _ = try PrivacyRequests(test.service).delete("4:\(device)")
        } else {
            _ = try OptOuts(test.service).optOut("4:\(device)")
        }
        #expect(!isSpooled(device, test))
        test.pass(seconds: 1)
        try test.setEnabled(true)
        try await test.sync()
        #expect(try texts(test).allSatisfy { !$0.contains(device) })
        // Who is not gone goes out, and once.
        test.pass(seconds: 1)
        try await test.sync()
        let lines = try texts(test).joined()
        #expect(lines.contains("fay \(segment)") == isDeleted)
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test("A running exchange takes them back itself, before it publishes")
    func whileWatching() async throws {
        let (test, _, segment, _, _) = try await waiting()
        let sync = try PeopleSync(test.service)
        _ = try OptOuts(test.service).optOut("200:anna-x")
        #expect(isSpooled("anna-x", test))
        try test.setEnabled(true)
        _ = try await sync.pass(isPatient: false)
        #expect(try texts(test) == ["bert-x \(segment)\n"])
    }

    @Test("Of a set that was published in part, the part goes, and who may have arrived is taken away")
    func partsPublished() async throws {
        let (test, trait, segment, number, receipt) = try await waiting()
        let plan = try #require(
            try test.service.read { try OutboundPlanStore().plan(of: number, in: $0) }
        )
        // The data file was published, and the answer to the control file was lost.
        let spooled = "\(OutboundSpool(test.service, plan.receipt).path)/\(plan.files[0].spoolFile)"
        try FileManager.default.copyItem(atPath: spooled, toPath: "\(test.outbox)/\(plan.files[0].name)")
        try test.service.write { try OutboundPlanStore().setBegun(2, of: plan, in: $0) }
        _ = try PrivacyRequests(test.service).delete("200:anna-x")
        #expect(!isSpooled("anna-x", test))
        try await test.sync()
        #expect(try test.isReadable("anna-x"))
        try test.deliver("carl-x\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        try test.setEnabled(true)
        let report = try await test.sync()
        #expect(report.receipts.dropFirst().first?.id == receipt.id)
        #expect(
            try texts(test) == ["anna-x  \(segment)\nbert-x \(segment)\n", "carl-x \(segment)\n"]
        )
        #expect(try !test.isReadable("anna-x"))
        let mappings = try test.service.read { try DestinationStore().mappings(of: number, in: $0) }
        #expect(mappings.map(\.sentCount) == [2])
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test("A storage that was not there has got nothing, so nobody needs to be taken away")
    func nothingArrived() async throws {
        let (test, _, segment, number, _) = try await waiting()
        try test.setEnabled(true)
        try FileManager.default.moveItem(atPath: test.outbox, toPath: test.outbox + ".away")
        #expect(try await test.sync().receipts.map(\.state) == [.waiting])
        let plan = try test.service.read { try OutboundPlanStore().plan(of: number, in: $0) }
        #expect(plan?.begun == 0)
        _ = try OptOuts(test.service).optOut("200:anna-x")
        try FileManager.default.moveItem(atPath: test.outbox + ".away", toPath: test.outbox)
        try await test.sync()
        #expect(try texts(test) == ["bert-x \(segment)\n"])
    }

    @Test("Files of a paused destination are taken back, too")
    func pausedDestinations() async throws {
        let (test, _, _, number, _) = try await waiting()
        let sync = try PeopleSync(test.service)
        try test.service.write { database in
            try DestinationStore().setPaused(true, number, at: TestPeople.start, in: database)
        }
        _ = try OptOuts(test.service).optOut("200:anna-x")
        _ = try await sync.pass(isPatient: false)
        #expect(!isSpooled("anna-x", test))
        #expect(test.sentFiles.isEmpty)
    }
}
