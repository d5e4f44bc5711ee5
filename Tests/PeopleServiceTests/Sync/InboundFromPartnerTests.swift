// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Storage
import Surroundings
import Testing
import Transfer

@testable import PeopleService

/// Files come in from accounts of every kind, with servers that are real.
@Suite struct InboundFromPartnerTests {
    private func makeTest(
        _ kind: AccountKind,
        _ rules: AccountRules = AccountRules()
    ) async throws -> (test: TestPeople, partner: Partner) {
        let test = try TestPeople(isRunning: true)
        let partner = try await Partner(kind)
        try test.connect("in", to: partner, rules)
        return (test, partner)
    }

    @Test(arguments: AccountKind.available)
    func `files of every kind are taken once and in their order, from folders of days too`(
        _ kind: AccountKind
    ) async throws {
        let (test, partner) = try await makeTest(kind)
        let (wanted, unwanted, segment) = try test.definitions()
        let (first, second) = ("date=2023-11-14", "date=2023-11-15")
        let names = [
            "\(first)/ftp_dpm_200_1700000000.sync", "\(first)/ftp_dpm_200_1700000001.overwrite",
            "\(second)/ftp_dpm_200_1700086400.sync.1", "\(second)/ftp_dpm_200_1700086400.sync.2",
            "\(second)/adobe_id_100_200_1700086401.sync.gz", "adobe_id_100_200_1700086402.sync",
        ]
        let lines = "u1\td_sid=\(wanted)\nu2\td_sid=\(wanted),d_sid=\(unwanted)\nu3\td_sid=\(wanted)\n"
        try await partner.put(lines, at: names[0])
        try await partner.put("u2\td_sid=\(wanted)\nbroken\n", at: names[1])
        try await partner.put("u4\td_sid=\(wanted)\nu1\td_sid=\(unwanted)\n", at: names[2])
        try await partner.put("u3\td_unsid=\(wanted)\n", at: names[3])
        let links = [["d1", "u2"], ["d2", "u4"], ["d3", "u1"]]
        try await partner.put(try test.packedLinks(links, of: [100, 200]), at: names[4])
        try await partner.put("d4\tu5\nd5\tu5\t\n", at: names[5])

        let report = try await test.exchange()
        #expect(report.unreachable.isEmpty && report.waiting.isEmpty && report.ignored.isEmpty)
        let receipts = try test.receipts()
        #expect(receipts.map(\.kind) == [.onboarding, .onboarding, .onboarding, .idSync, .idSync])
        #expect(receipts.map(\.received) == [3, 2, 3, 3, 2])
        #expect(receipts.map { $0.counts.rejects } == [0, 1, 0, 0, 1])
        #expect(receipts.flatMap(\.files).map(\.name) == names)
        #expect(try test.members(of: segment) == ["200:u2", "200:u4", "100:d1", "100:d2"])
        #expect(try test.rejected(receipts[1]).map { $0[3] } == ["no-signals"])
        #expect(try test.rejected(receipts[4]).map { $0[3] } == ["trailing-tab-or-blank"])
        for receipt in receipts {
            #expect(receipt.stages.contains { $0.stage == "fetch" } == (kind != .folder))
            // From the file's time, which S3 tells in whole seconds, to the end of the run.
            #expect((0..<60).contains(try #require(receipt.usableAfter)))
        }
        #expect(try await test.exchange().receipts.isEmpty)
        #expect(try await partner.names() == names.sorted())
        #expect(test.spooled.isEmpty)
    }

    @Test(arguments: AccountKind.available)
    func `a split set waits for its parts`(_ kind: AccountKind) async throws {
        let (test, partner) = try await makeTest(kind)
        let (wanted, _, segment) = try test.definitions()
        try await partner.put("a\td_sid=\(wanted)\n", at: "ftp_dpm_200_1700000000.sync.1")
        try await partner.put("c\td_sid=\(wanted)\n", at: "ftp_dpm_200_1700000000.sync.3")
        let early = try await test.exchange()
        #expect(early.receipts.isEmpty)
        #expect(
            early.waiting.map(\.reason) == [
                "part 2 is missing: deliver it, or all parts anew with another time in their names"
            ]
        )
        try await partner.put("b\td_sid=\(wanted)\n", at: "ftp_dpm_200_1700000000.sync.2")
        #expect(try await test.exchange().receipts.map(\.received) == [3])
        #expect(try test.members(of: segment) == ["200:a", "200:b", "200:c"])
    }

    @Test(arguments: AccountKind.available, [AccountRules.AfterReading.delete, .move(folder: "done")])
    func `what the pattern names is taken, then deleted or moved; what was refused stays`(
        _ kind: AccountKind,
        _ after: AccountRules.AfterReading
    ) async throws {
        let rules = AccountRules(pattern: "*.sync*", afterReading: after)
        let (test, partner) = try await makeTest(kind, rules)
        let (wanted, _, segment) = try test.definitions()
        let name = "drop/ftp_dpm_200_1700000000.sync"
        let refused = ["ftp_dpm_200_1700000002.sync.gpg", "ftp_dpm_200_1700000003.sync.gz"]
        let others = ["ftp_dpm_200_1700000001.overwrite", "notes.txt"]
        try await partner.put("a\td_sid=\(wanted)\n", at: name)
        for other in refused + others { try await partner.put("theirs", at: other) }
        let report = try await test.exchange()
        #expect(
            report.receipts.map(\.state).sorted { $0.rawValue < $1.rawValue } == [
                .completed, .failed, .failed,
            ]
        )
        #expect(try test.members(of: segment) == ["200:a"])
        let moved = after == .delete ? [] : ["done/\(name)"]
        #expect(try await partner.names() == (moved + refused + others).sorted())
        #expect(try await test.exchange().receipts.isEmpty)
        #expect(test.spooled.isEmpty)
    }

    /// Takes the right to read a file away from our program or gives it back.
    private func allow(_ isAllowed: Bool, _ partner: Partner, _ file: String) async throws {
        if let bucket = partner.bucket {
            try await bucket.share(reading: isAllowed, writing: true)
        } else {
            #expect(chmod("\(partner.directory ?? "")/\(file)", isAllowed ? 0o644 : 0) == 0)
        }
    }

    @Test(arguments: AccountKind.onServers)
    func `a file whose rights are lost between list and read is taken when they are back`(
        _ kind: AccountKind
    ) async throws {
        let test = try TestPeople(isRunning: true)
        let (wanted, _, segment) = try test.definitions()
        let partner = try await Partner(kind, isStranger: true)
        let name = "ftp_dpm_200_1700000000.sync"
        try await partner.put("a\td_sid=\(wanted)\n", at: name)
        try await allow(true, partner, name)
        try test.connect("in", to: partner)
        let sync = try PeopleSync(test.service)
        let account = try #require(try sync.accounts().first)
        let inbound = sync.inbound(account)
        let listing = try await inbound.files()
        _ = try InboundDiscovery(test.service).note(listing, of: account)
        test.pass(seconds: 3)
        try await allow(false, partner, name)
        let receipt = try #require(try await inbound.run(listing: listing, isPatient: false).receipts.first)
        #expect(receipt.state == .failed)
        #expect(receipt.failure?.code == "accounts.unreachable")
        #expect(receipt.failure?.summary.contains("refuses access to \(name)") == true)
        #expect(try test.members(of: segment).isEmpty)
        try await allow(true, partner, name)
        #expect(
            try await inbound.run(listing: listing, isPatient: false).receipts.map(\.state) == [.completed]
        )
        #expect(try test.members(of: segment) == ["200:a"])
    }
}
