// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Testing

@testable import PeopleService

/// Files come in once, whole, and in their order.
@Suite("Files that come in")
struct InboundSyncTests {
    private func people() throws -> (test: TestPeople, trait: SID, segment: SID) {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        let trait = try test.trait(of: 200)
        let segment = try Segments(test.service).create(name: "S", dataSource: 200, rule: "\(trait)T")
        return (test, trait, segment.sid)
    }

    @Test("Each file is read once, however often the exchange runs")
    func filesAreReadOnce() async throws {
        let (test, trait, segment) = try people()
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        #expect(try await test.sync().receipts.count == 1)
        #expect(try await test.sync().receipts.isEmpty)
        #expect(try test.members(of: segment) == ["200:a"])
    }

    @Test("Deliveries are read in the order of their moments, ID-sync files among them")
    func deliveriesAreOrdered() async throws {
        let (test, trait, segment) = try people()
        try test.deliver("a\td_unsid=\(trait)\n", "ftp_dpm_200_1700000002.sync")
        try test.deliver("dev\ta\n", "adobe_id_100_200_1700000001.sync")
        try test.deliver("a\td_sid=\(trait)\nb\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        let report = try await test.sync()
        #expect(report.receipts.map(\.kind) == [.onboarding, .idSync, .onboarding])
        #expect(try test.members(of: segment) == ["200:b"])
    }

    @Test("A split set waits for its parts and for quiet, then counts as one")
    func splitSetsWait() async throws {
        let (test, trait, segment) = try people()
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync.1")
        try test.deliver("c\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync.3")
        let first = try await test.sync()
        #expect(first.receipts.isEmpty)
        #expect(first.waiting.map(\.reason) == ["part 2 is missing"])
        try test.deliver("b\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync.2")
        #expect(try await test.sync().waiting.map(\.reason) == ["more parts may come"])
        test.pass(days: 1)
        let last = try await test.sync()
        #expect(last.receipts.map(\.received) == [3])
        #expect(try test.members(of: segment) == ["200:a", "200:b", "200:c"])
    }

    @Test(
        "Files that can't be used are refused with a reason, and not read again",
        arguments: [
            ("ftp_dpm_999_1700000000.sync", "people.data-source-unknown", true),
            ("ftp_dpm_200_1700000000.sync", "people.file-refused", false),
            ("ftp_dpm_20914_1700000000.sync", "people.file-refused", false),
            ("adobe_id_200_100_1700000000.sync", "people.file-refused", false),
        ]
    )
    func unusableFilesAreRefused(name: String, code: String, comesAgain: Bool) async throws {
        let (test, _, _) = try people()
        try test.deliver(name.hasPrefix("ftp_dpm_200") ? "" : "a\tb\n", name)
        let report = try await test.sync()
        #expect(report.receipts.map(\.state) == [.failed])
        #expect(report.receipts.first?.failure?.code == code)
        #expect(try await test.sync().receipts.isEmpty != comesAgain)
    }

    @Test("A file for a data source that was missing is taken once the source is there")
    func missingSourcesMayCome() async throws {
        let (test, _, _) = try people()
        try test.deliver("a\td_sid=999\n", "ftp_dpm_300_1700000000.sync")
        #expect(try await test.sync().hasFailures)
        try test.dataSource(300, .crossDevice)
        #expect(try await test.sync().receipts.map(\.state) == [.completedWithRejects])
    }

    @Test("Names of PGP files and of no documented form are told, others are none of ours")
    func ignoredFilesAreTold() async throws {
        let (test, _, _) = try people()
        for name in [
            "ftp_dpm_200_1.sync", "ftp_dpm_200_1700000000.sync.gz.gpg", "ftp_dpm_200_1700000000.sync.gpg",
            "readme.txt",
        ] {
            try test.deliver("x", name)
        }
        let report = try await test.sync()
        #expect(
            report.ignored.map(\.file).sorted() == [
                "ftp_dpm_200_1.sync", "ftp_dpm_200_1700000000.sync.gpg", "ftp_dpm_200_1700000000.sync.gz.gpg",
            ]
        )
        #expect(report.receipts.isEmpty)
    }

    @Test("A second exchange on the data directory says so and leaves")
    func oneExchangeAtATime() throws {
        let (test, _, _) = try people()
        let first = try PeopleSync(test.service)
        let problem = #expect(throws: Problem.self) { try PeopleSync(test.service) }
        #expect(problem?.kind.code == "data.busy")
        withExtendedLifetime(first) {}
    }
}
