// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage
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

    @Test("The same bytes under the same name count once, other bytes are a new version")
    func sameBytesCountOnce() async throws {
        let (test, _, _) = try people()
        let ruled = try test.trait(of: 200, rule: "page == \"a\"")
        let often = try Segments(test.service)
            .create(name: "Often", dataSource: 200, rule: "frequency([\(ruled)T]) >= 2").sid
        let name = "ftp_dpm_200_1700000000.sync"
        try test.deliver("a\tpage=a\n", name)
        try await test.sync()
        try FileManager.default.removeItem(atPath: "\(test.inbox)/\(name)")
        test.pass(hours: 1)
        try test.deliver("a\tpage=a\n", name)
        let again = try await test.sync()
        #expect(again.receipts.isEmpty)
        #expect(
            again.recognised == [
                PeopleSyncReport.Waiting(
                    file: name,
                    reason: "the same bytes as before under the same name, read by P1"
                )
            ]
        )
        #expect(again.text.contains("recognised \(name)"))
        #expect(try test.members(of: often).isEmpty)
        #expect(try await test.sync().recognised.isEmpty)
        // Other bytes, then the first ones again: each is another version than the last one.
        for text in ["b\tpage=a\n", "a\tpage=a\n"] {
            test.pass(hours: 1)
            try test.deliver(text, name)
            #expect(try await test.sync().receipts.count == 1)
        }
        #expect(try test.members(of: often) == ["200:a"])
        let receipts = try test.service.read { try ReceiptStore().list(limit: 10, in: $0) }
        #expect(receipts.map(\.state) == [.completed, .completed, .completed])
    }

    @Test("An ID-sync file that comes again as it was is recognised")
    func sameRowsCountOnce() async throws {
        let (test, _, _) = try people()
        for isNew in [true, false] {
            test.pass(hours: 1)
            try test.deliver("dev\ta\nbad\t\n", "adobe_id_100_200_1700000001.sync")
            let report = try await test.sync()
            #expect(report.receipts.isEmpty != isNew)
            #expect(report.recognised.isEmpty == isNew)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: test.service.directory.rejected).count == 1
        )
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
        #expect(
            first.waiting.map(\.reason) == [
                "part 2 is missing: deliver it, or all parts anew with another time in their names"
            ]
        )
        try test.deliver("b\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync.2")
        #expect(try await test.sync(Settling()).waiting.map(\.reason) == ["more parts may come"])
        test.pass(seconds: 2)
        let last = try await test.sync(Settling())
        #expect(last.receipts.map(\.received) == [3])
        #expect(try test.members(of: segment) == ["200:a", "200:b", "200:c"])
    }

    @Test(
        "Files that can't be used are refused with a reason, and not read again",
        arguments: [
            ("ftp_dpm_999_1700000000.sync", "people.data-source-unknown", true),
            ("ftp_dpm_200_999_1700000000.sync", "people.data-source-unknown", true),
            ("adobe_id_100_999_1700000000.sync", "people.data-source-unknown", true),
            ("ftp_dpm_200_1700000000.sync", "people.file-refused", false),
            ("ftp_dpm_20914_1700000000.sync", "people.file-refused", false),
            ("adobe_id_200_100_1700000000.sync", "people.file-refused", false),
        ]
    )
    func unusableFilesAreRefused(name: String, code: String, waits: Bool) async throws {
        let (test, _, _) = try people()
        try test.deliver(name.hasPrefix("ftp_dpm_200_1") ? "" : "a\tb\n", name)
        let report = try await test.sync()
        #expect(report.receipts.map(\.state) == [.failed])
        #expect(report.receipts.first?.failure?.code == code)
        for _ in 1...2 {
            let again = try await test.sync()
            #expect(again.receipts.isEmpty)
            #expect(again.waiting.map(\.file) == (waits ? [name] : []))
        }
    }

    @Test("While a delivery may still be written later ones wait, but not for a part that is missing")
    func laterDeliveriesWait() async throws {
        let (test, trait, segment) = try people()
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync.2")
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync.1")
        try test.deliver("a\td_unsid=\(trait)\n", "ftp_dpm_200_1700000002.sync")
        test.pass(seconds: 1)
        let first = try await test.sync(Settling())
        #expect(first.receipts.isEmpty)
        #expect(
            first.waiting.map(\.reason) == [
                "part 1 is missing: deliver it, or all parts anew with another time in their names",
                "more parts may come",
                "an earlier delivery may still be written",
            ]
        )
        test.pass(hours: 1)
        let second = try await test.sync(Settling())
        #expect(
            second.receipts.flatMap(\.files).map(\.name) == [
                "ftp_dpm_200_1700000001.sync.1", "ftp_dpm_200_1700000002.sync",
            ]
        )
        #expect(second.waiting.map(\.reason) == [first.waiting[0].reason])
        #expect(try test.members(of: segment).isEmpty)
    }

    @Test("A file for a data source that was missing is taken once the source is there")
    func missingSourcesMayCome() async throws {
        let (test, _, _) = try people()
        try test.deliver("a\td_sid=999\n", "ftp_dpm_300_1700000000.sync")
        #expect(try await test.sync().hasFailures)
        try test.dataSource(300, .crossDevice)
        #expect(try await test.sync().receipts.map(\.state) == [.completedWithRejects])
    }

    @Test("Names of no documented form are told, others are none of ours")
    func ignoredFilesAreTold() async throws {
        let (test, _, _) = try people()
        let unread = [
            "FTP_DPM_200_1700000000.sync", "adobe_id_100_1700000000.sync", "ftp_dpm_200_1.sync",
            "ftp_dpm_200_1.sync.gpg",
        ]
        for name in unread + ["readme.txt", "readme.sync.gpg"] { try test.deliver("x", name) }
        let report = try await test.sync()
        #expect(report.ignored.map(\.file).sorted() == unread)
        #expect(report.receipts.isEmpty)
    }

    @Test("What is named like a file and is none is told with the reason, and never followed")
    func oddEntriesAreTold() async throws {
        let (test, trait, segment) = try people()
        let secret = "\(test.root)/secret"
        try Data("a\td_sid=\(trait)\n".utf8).write(to: URL(filePath: secret))
        func name(_ second: Int) -> String { "ftp_dpm_200_170000000\(second).sync" }
        #expect(symlink(secret, "\(test.inbox)/\(name(1))") == 0)
        #expect(symlink("nowhere", "\(test.inbox)/\(name(2))") == 0)
        #expect(mkfifo("\(test.inbox)/\(name(3))", 0o600) == 0)
        #expect(mkdir("\(test.inbox)/\(name(4))", 0o700) == 0)
        #expect(mknod("\(test.inbox)/adobe_id_100_200_1700000005.sync", S_IFSOCK | 0o600, 0) == 0)
        #expect(symlink(secret, "\(test.inbox)/latest") == 0)
        #expect(mkdir("\(test.inbox)/date=2026-11-21", 0o700) == 0)
        try test.deliver("b\td_sid=\(trait)\n", "\(name(4))/\(name(6))")
        let report = try await test.sync()
        let names = ["adobe_id_100_200_1700000005.sync"] + (1...4).map(name)
        #expect(report.ignored.map(\.file) == names)
        let reason = "is no regular file; folders, symbolic links and pipes are not read as files."
        #expect(report.ignored.map(\.reason) == names.map { "\($0) \(reason)" })
        #expect(report.receipts.map(\.state) == [.completed])
        #expect(try test.members(of: segment) == ["200:b"])
    }

    @Test(
        "A file that is encrypted is refused once, whatever tells of it, with what to do, and stays",
        arguments: [
            ("ftp_dpm_200_1700000000.sync.gpg", "x"), ("ftp_dpm_200_1700000000.overwrite.2.pgp", "x"),
            ("adobe_id_100_200_1700000000.sync.pgp", "x"), ("ftp_dpm_200_1700000000.sync.gz.gpg", "x"),
            ("ftp_dpm_200_1700000000.sync", "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n"),
            ("adobe_id_100_200_1700000000.sync", "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n"),
        ]
    )
    func encryptedFilesAreRefused(_ name: String, _ text: String) async throws {
        let (test, trait, segment) = try people()
        try test.deliver(text, name)
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        let report = try await test.sync()
        #expect(report.hasFailures)
        #expect(report.ignored.isEmpty)
        let receipt = try #require(report.receipts.first)
        #expect(receipt.state == .failed)
        #expect(receipt.kind == (name.hasPrefix("adobe") ? .idSync : .onboarding))
        #expect(receipt.files.map(\.name) == [name])
        #expect(receipt.failure?.code == "people.file-refused")
        let isPacked = name.contains(".gz.")
        let words = isPacked ? "compressed with gzip and then encrypted" : "is encrypted with PGP"
        #expect(receipt.failure?.summary.contains(words) == true)
        #expect(receipt.failure?.advice.contains("send it plain or compressed with gzip") == true)
        #expect(report.receipts.map(\.state) == [.failed, .completed])
        #expect(try test.members(of: segment) == ["200:a"])
        #expect(FileManager.default.fileExists(atPath: "\(test.inbox)/\(name)"))
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test("A compressed file of which only the first byte arrived, or that is none, is damaged")
    func damagedGzipFiles() async throws {
        let (test, trait, segment) = try people()
        let name = "ftp_dpm_200_1700000000.sync.gz"
        for bytes in [[0x1F], Array("a\td_sid=\(trait)\n".utf8)] as [[UInt8]] {
            try Data(bytes).write(to: URL(filePath: "\(test.inbox)/\(name)"))
            let receipt = try #require(try await test.sync().receipts.first)
            #expect(receipt.state == .failed)
            #expect(receipt.failure?.code == "people.file-refused")
            #expect(receipt.failure?.summary.contains(name) == true)
            #expect(try await test.sync().receipts.isEmpty)
        }
        #expect(try test.members(of: segment).isEmpty)
    }

    @Test("Rejected lines of a run that was killed are removed by the next one")
    func leftoversOfRejectedLines() async throws {
        let (test, _, _) = try people()
        let left = "\(test.service.directory.rejected)/.P7.rejected.a1b2c3.part"
        try Data("1\t1\tmalformed\tempty-id\tsomebody\n".utf8).write(to: URL(filePath: left))
        try await test.sync()
        #expect(!FileManager.default.fileExists(atPath: left))
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
