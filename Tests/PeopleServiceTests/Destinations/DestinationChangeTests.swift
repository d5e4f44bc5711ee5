// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExternalAccounts
import Foundation
import GRDB
import Storage
import Testing

@testable import PeopleService

@Suite struct DestinationChangeTests {
    /// An installation with two cross-device sources, and a destination of the first that got two members.
    private func told() async throws -> (test: TestPeople, segment: SID, destination: Int) {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(200, .crossDevice)
        try test.dataSource(201, .crossDevice)
        let trait = try test.trait(of: 200)
        let segment = try Segments(test.service).create(name: "S", dataSource: 200, rule: "\(trait)T").sid
        let number = try test.destination(key: 200)
        _ = try Destinations(test.service).map(segment, to: number)
        try test.deliver("a\td_sid=\(trait)\nb\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        return (test, segment, number)
    }

    private func find(_ number: Int, _ test: TestPeople) throws -> Destination {
        try test.service.read { try DestinationStore().find(number, in: $0) }
    }

    private func mapping(_ segment: SID, _ number: Int, _ test: TestPeople) throws -> SegmentMapping {
        try test.service.read { try DestinationStore().mapping(of: segment, to: number, in: $0) }
    }

    @Test func `what a command names is changed, and everything else stays`() async throws {
        let (test, _, number) = try await told()
        let template = "\(test.root)/template"
        try Data("<ORDER_ID>_<TIMESTAMP>.sync\n---\n<DP_UUID>\n".utf8).write(to: URL(filePath: template))
        let old = try find(number, test)
        let number_ = "\(number)"
        try await test.run(
            DestinationsCommand.self,
            "edit",
            number_,
            "--name",
            "Other",
            "--description",
            "For tests",
            "--mode",
            "full",
            "--schedule",
            "14:30",
            "--template",
            template,
            "--alias",
            "partner",
            "--label",
            "pii",
            "--split",
            "2000000"
        )
        let new = try find(number, test)
        #expect(new.name == "Other" && new.description == "For tests" && new.mode == .full)
        #expect(new.schedule == .daily(minute: 870) && new.template?.content == "<DP_UUID>")
        #expect(new.alias == "partner" && new.labels == [.personallyIdentifiable])
        #expect(new.partByteCount == 2_000_000)
        #expect(new.isGzip == old.isGzip && new.account == "out" && new.keyDataSource == 200)
        try await test.run(
            DestinationsCommand.self,
            "edit",
            number_,
            "--no-template",
            "--no-alias",
            "--no-labels",
            "--no-plain"
        )
        let last = try find(number, test)
        #expect(last.template == nil && last.alias == nil && last.labels.isEmpty && last.isGzip)
        #expect(last.name == "Other" && last.schedule == .daily(minute: 870))
    }

    @Test(arguments: [
        (["--name", ""], "people.destination-refused name"),
        (["--name", "Taken"], "people.destination-refused name"),
        (["--schedule", "25:00"], "people.destination-refused schedule"),
        (["--split", "10"], "people.destination-refused split"),
        (["--account", "nowhere"], "accounts.unknown account"),
        (["--key-data-source", "99"], "people.data-source-unknown"),
        (["--template", "/nowhere"], "people.template-refused template"),
    ])
    func `what could not be made can't become so`(options: [String], code: String) async throws {
        let (test, _, number) = try await told()
        let other = try test.destination(key: 201)
        try await test.run(DestinationsCommand.self, "edit", "\(other)", "--name", "Taken")
        let before = try find(number, test)
        let found = await fault {
            _ = try Destinations(test.service).update(number) { _ in }
            try await test.run(DestinationsCommand.self, ["edit", "\(number)"] + options)
        }
        #expect(found?.hasPrefix(code.split(separator: " ")[0]) == true)
        #expect(try find(number, test) == before)
    }

    @Test func `another key is refused while the receiver has members, unless it may keep them`() async throws
    {
        let (test, segment, number) = try await told()
        let refused = await fault {
            _ = try Destinations(test.service).update(number) { $0.keyDataSource = 201 }
        }
        #expect(refused == "people.destination-in-use key-data-source")
        #expect(try mapping(segment, number, test).sentCount == 2)
        let (_, consequences) = try Destinations(test.service).update(number, isSilent: true) {
            $0.keyDataSource = 201
        }
        #expect(consequences.count == 1 && consequences[0].contains("keeps 2 members"))
        #expect(try mapping(segment, number, test).sentCount == 0)
        // Nobody has an ID of the other source: nothing is told, and nobody is taken back.
        let files = test.sentFiles
        try await test.sync()
        #expect(test.sentFiles == files)
    }

    @Test func `a key of the same IDs may change, and so may any before something was sent`() async throws {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(200, .crossDevice)
        try test.dataSource(201, .crossDevice)
        let number = try test.destination(key: 200)
        let changed = try Destinations(test.service).update(number) { $0.keyDataSource = 201 }
        #expect(changed.destination.keyDataSource == 201 && changed.consequences.isEmpty)
    }

    @Test func `files that wait go to another account, or keep the destination from going`() async throws {
        let (test, segment, number) = try await told()
        try FileManager.default.removeItem(atPath: test.outbox)
        try test.deliver("c\td_sid=\(101)\n", "ftp_dpm_200_1700000001.sync")
        let waiting = try #require(try await test.sync().receipts.last)
        #expect(waiting.state == .waiting)
        #expect(await fault { try Destinations(test.service).delete(number) } == "people.destination-in-use")
        let other = "\(test.root)/other"
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        try test.service.write { database in
            try ExternalAccountStore().save(
                ExternalAccount(id: "other", label: "other", settings: .folder(path: other)),
                in: database
            )
        }
        let changed = try Destinations(test.service).update(number) { $0.account = "other" }
        #expect(changed.consequences.first?.contains("waited for out") == true)
        try await test.sync()
        #expect(try FileManager.default.contentsOfDirectory(atPath: other).count == 2)
        #expect(try mapping(segment, number, test).sentCount == 3)
        let delivered = try test.service.read { try ReceiptStore().find(waiting.id, in: $0) }
        #expect(delivered.state == .completed && delivered.account == "other" && delivered.notes == nil)
        let column = try test.service.read {
            try String.fetchOne(
                $0,
                sql: "SELECT account FROM receipts WHERE number = ?",
                arguments: [waiting.number]
            )
        }
        #expect(column == "other")
    }

    @Test func `what may have reached the account before is said, and taken away from there`() async throws {
        let (test, segment, number) = try await told()
        try test.setEnabled(false)
        try test.deliver("c\td_sid=\(101)\n", "ftp_dpm_200_1700000001.sync")
        let waiting = try #require(try await test.sync().receipts.last)
        let plan = try #require(
            try test.service.read { try OutboundPlanStore().plan(of: number, in: $0) }
        )
        // The data file was published, and the answer to the control file was lost.
        let spooled = "\(OutboundSpool(test.service, plan.receipt).path)/\(plan.files[0].spoolFile)"
        try FileManager.default.copyItem(atPath: spooled, toPath: "\(test.outbox)/\(plan.files[0].name)")
        try test.service.write { try OutboundPlanStore().setBegun(2, of: plan, in: $0) }
        try test.setEnabled(true)
        let other = "\(test.root)/other"
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        try test.service.write { database in
            try ExternalAccountStore().save(
                ExternalAccount(id: "other", label: "other", settings: .folder(path: other)),
                in: database
            )
        }
        _ = try Destinations(test.service).update(number) { $0.account = "other" }
        func receipt() throws -> Receipt {
            try test.service.read { try ReceiptStore().find(waiting.id, in: $0) }
        }
        let note = try #require(try receipt().notes?.first)
        #expect(note.contains("account out") && note.contains(plan.files[0].name))
        #expect(try receipt().account == "out")
        // Files with somebody who left are taken back: from where they may stand.
        _ = try OptOuts(test.service).optOut("200:c")
        try await test.sync()
        #expect(!test.sentFiles.contains(plan.files[0].name))
        let last = try receipt()
        #expect(last.account == "other" && last.notes == [note])
        let sent = try FileManager.default.contentsOfDirectory(atPath: other).first { $0.hasSuffix(".sync") }
        let text = try String(contentsOfFile: "\(other)/\(#require(sent))", encoding: .utf8)
        #expect(text == "c  \(segment)\n")
    }

    @Test(arguments: [
        ["edit", "1", "--plain", "--no-plain"], ["edit", "1", "--alias", "a", "--no-alias"],
        ["edit", "1", "--template", "t", "--no-template"], ["edit", "1", "--label", "pii", "--no-labels"],
        ["map", "1", "2", "--end", "2027-01-01", "--no-end"],
    ])
    func `options that contradict each other are a wrong usage`(line: [String]) {
        let error = #expect(throws: (any Error).self) { try DestinationsCommand.parseAsRoot(line) }
        #expect(error.map { DestinationsCommand.exitCode(for: $0) } == .validationFailure)
    }

    @Test func `a destination that is deleted by force gives up the files that wait`() async throws {
        let (test, _, number) = try await told()
        try FileManager.default.removeItem(atPath: test.outbox)
        try test.deliver("c\td_sid=\(101)\n", "ftp_dpm_200_1700000001.sync")
        let waiting = try #require(try await test.sync().receipts.last)
        let gone = try Destinations(test.service).delete(number, isForced: true)
        #expect(gone.kept == 2 && gone.cancelled == waiting.id)
        let receipt = try test.service.read { try ReceiptStore().find(waiting.id, in: $0) }
        #expect(receipt.state == .cancelled)
        try await test.sync()
        let spool = try FileManager.default.contentsOfDirectory(atPath: test.service.directory.spool)
        #expect(!spool.contains { $0.hasPrefix(OutboundSpool.prefix) })
        #expect(try test.service.read { try OutboundPlanStore().receipts(in: $0) }.isEmpty)
    }

    @Test func `a label is refused that a restriction forbids for what is sent already`() async throws {
        let (test, segment, number) = try await told()
        _ = try DataSources(test.service).update(200) { $0.restrictions = [.personallyIdentifiable] }
        let refused = await fault {
            _ = try Destinations(test.service).update(number) { $0.labels = [.personallyIdentifiable] }
        }
        #expect(refused == "people.restriction-forbids")
        _ = try Destinations(test.service).update(number) { $0.labels = [.onSiteAdvertising] }
        // The other way round: the restriction comes when the label is there.
        let late = await fault {
            _ = try DataSources(test.service).update(200) { $0.restrictions.insert(.onSiteAdvertising) }
        }
        #expect(late == "people.restriction-forbids")
        try Destinations(test.service).unmap(segment, from: number)
        _ = try DataSources(test.service).update(200) { $0.restrictions.insert(.onSiteAdvertising) }
    }

    @Test func `mapping again changes what is named, and begins anew what was ended`() async throws {
        let (test, segment, number) = try await told()
        let words = ["\(number)", "\(segment)"]
        try await test.run(
            DestinationsCommand.self,
            "map",
            words[0],
            words[1],
            "--alias",
            "gold",
            "--end",
            "2999-12-31"
        )
        try await test.run(DestinationsCommand.self, "map", words[0], words[1], "--start", "2026-11-01")
        let kept = try mapping(segment, number, test)
        #expect(kept.alias == "gold" && kept.end != nil && kept.start != nil)
        try await test.run(DestinationsCommand.self, "map", words[0], words[1], "--no-start")
        #expect(try mapping(segment, number, test).start == nil)
        try await test.run(DestinationsCommand.self, "unmap", words[0], words[1])
        #expect(try mapping(segment, number, test).hasEnded(on: Day(milliseconds: World().milliseconds)))
        try await test.run(DestinationsCommand.self, "map", words[0], words[1])
        let again = try mapping(segment, number, test)
        #expect(again.alias == "gold" && again.end == nil)
    }
}
