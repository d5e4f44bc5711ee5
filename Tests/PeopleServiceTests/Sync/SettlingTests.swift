// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Storage
import Surroundings
import Testing

@testable import PeopleService

/// Files that a partner is still writing are left alone until they are whole.
@Suite("Files that are still written")
struct SettlingTests {
    private static let name = "ftp_dpm_200_1700000000.sync"

    @Test("A file that just changed waits for quiet, one that is quiet is read at once")
    func filesWaitForQuiet() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        try test.deliver("a\td_sid=\(trait)\n", Self.name)
        let first = try await test.sync(Settling())
        #expect(first.waiting.map(\.reason) == ["it arrived a moment ago and may still be written"])
        #expect(first.lookAgainAfter == .seconds(1))
        test.pass(seconds: 1)
        #expect(try await test.sync(Settling()).receipts.count == 1)
        try test.deliver("b\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        test.pass(seconds: 1)
        #expect(try await test.sync(Settling()).receipts.count == 1)
        #expect(try test.members(of: segment) == ["200:a", "200:b"])
    }

    @Test("A cut last line is not read: the file waits longer, and is read once, when it is whole")
    func cutLinesWait() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        try test.deliver("a\td_sid=\(trait)\nb\td_sid=1", Self.name)
        test.pass(seconds: 5)
        let first = try await test.sync(Settling())
        let reason = "\(Self.name) ends in the middle, so it may still be written"
        #expect(first.waiting.map(\.reason) == [reason])
        #expect(first.lookAgainAfter == .seconds(5))
        test.pass(seconds: 4)
        #expect(try await test.sync(Settling()).waiting.count == 1)
        try test.deliver("a\td_sid=\(trait)\nb\td_sid=\(trait)\n", Self.name)
        #expect(try await test.sync(Settling()).receipts.isEmpty)
        test.pass(seconds: 1)
        #expect(try await test.sync(Settling()).receipts.map(\.received) == [2])
        #expect(try test.members(of: segment) == ["200:a", "200:b"])
        let receipts = try test.service.read { try ReceiptStore().list(limit: 10, in: $0) }
        #expect(receipts.map(\.state) == [.completed])
    }

    @Test("A file without an end of its last line, or without a line, is taken as it is once patience ends")
    func patienceEnds() async throws {
        let (test, trait, _) = try TestPeople.exchanging()
        try test.deliver("a\td_sid=\(trait)", Self.name)
        try test.deliver("", "ftp_dpm_200_1700000001.sync")
        for _ in 0..<3 {
            test.pass(seconds: 3)
            #expect(try await test.sync(Settling()).waiting.count == 2)
        }
        test.pass(seconds: 1)
        #expect(try await test.sync(Settling()).receipts.map(\.state) == [.completed, .failed])
    }

    @Test("Gzip data that breaks off may still be written, and is refused once patience ends")
    func cutGzipWaits() async throws {
        let (test, _, segment) = try TestPeople.exchanging()
        let name = "\(Self.name).gz"
        // `u1` and `u2` with trait 101.
        let gzip = "H4sIAAAAAAAAAys15EyJL85MsTU0MOQqNULiAAD88iamGgAAAA=="
        let whole = Array(try #require(Data(base64Encoded: gzip)))
        try test.deliver(Array(whole.dropLast(5)), name)
        test.pass(seconds: 2)
        let first = try await test.sync(Settling())
        #expect(first.receipts.isEmpty)
        #expect(first.waiting.map(\.reason) == ["\(name) ends in the middle, so it may still be written"])
        #expect(try test.service.read { try ReceiptStore().list(limit: 10, in: $0) }.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: test.service.directory.rejected).isEmpty)
        test.pass(seconds: 8)
        #expect(try await test.sync(Settling()).receipts.map(\.failure?.code) == ["people.file-refused"])
        try test.deliver(whole, name)
        test.pass(seconds: 1)
        #expect(try await test.sync(Settling()).receipts.map(\.received) == [2])
        #expect(try test.members(of: segment) == ["200:u1", "200:u2"])
    }

    @Test("A file that a process has open for writing waits, however long it is quiet")
    func openFilesWait() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        try test.deliver("a\td_sid=\(trait)\n", Self.name)
        let writer = try #require(FileHandle(forWritingAtPath: "\(test.inbox)/\(Self.name)"))
        test.pass(days: 1)
        let waiting = try await test.sync().waiting
        #expect(waiting.map(\.reason) == ["\(Self.name) is still being written"])
        try writer.seekToEnd()
        try writer.write(contentsOf: Data("b\td_sid=\(trait)\n".utf8))
        try writer.close()
        #expect(try await test.sync().receipts.map(\.received) == [2])
        #expect(try test.members(of: segment) == ["200:a", "200:b"])
    }

    @Test("One run of the program waits for a file that is written", .enabled(if: ProgramProcess.path != nil))
    func oneRunWaits() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        let path = "\(test.inbox)/\(Self.name)"
        try Data("a\td_sid=".utf8).write(to: URL(filePath: path))
        let writer = try #require(FileHandle(forWritingAtPath: path))
        try writer.seekToEnd()
        let data = test.service.directory.path
        let program = try ProgramProcess(["people", "sync", "--quiet", "0.5"], data: data)
        while try test.service.read({ try Int.fetchOne($0, sql: "SELECT count(*) FROM ledger_files") }) == 0 {
            try await Task.sleep(for: .milliseconds(10))
        }
        try writer.write(contentsOf: Data("\(trait)\n".utf8))
        try writer.close()
        #expect(try program.finish().exitCode == 0)
        #expect(try test.members(of: segment) == ["200:a"])
    }
}
