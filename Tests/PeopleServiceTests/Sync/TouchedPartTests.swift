// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import PeopleService

/// Parts of a set that come again, as they were or with other bytes.
@Suite("Parts that come again")
struct TouchedPartTests {
    private static let parts = ["u\tpage=a\nv\tpage=a\n", "u\tpage=a\n", "w\tpage=a\nu\tpage=a\n"]

    private func people() throws -> TestPeople {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        _ = try test.trait(of: 200, rule: "page == \"a\"")
        return test
    }

    /// Who has the trait so often.
    private func users(_ test: TestPeople, times: Int) throws -> Set<String> {
        let rule = "frequency([101T]) == \(times) AND 101T"
        return try test.members(
            of: Segments(test.service).create(name: "\(times)", dataSource: 200, rule: rule).sid
        )
    }

    @Test("A part that was touched is recognised beside one that is new", arguments: ["sync", "overwrite"])
    func touchedBesideNew(_ kind: String) async throws {
        let test = try people()
        let name = "ftp_dpm_200_1700000000.\(kind)"
        try test.deliver(Self.parts[0], "\(name).1")
        try await test.sync()
        test.pass(hours: 1)
        try test.touch("\(name).1")
        try test.deliver(Self.parts[1], "\(name).2")
        let report = try await test.sync()
        let reason = "the same bytes as before under the same name, read by P1"
        #expect(report.recognised == [PeopleSyncReport.Waiting(file: "\(name).1", reason: reason)])
        #expect(report.receipts.map(\.received) == [kind == "sync" ? 1 : 3])
        #expect(report.receipts.first?.notes?.count == 1)
        #expect(try await test.sync().recognised.isEmpty)
        #expect(try users(test, times: 2) == ["200:u"])
        #expect(try users(test, times: 1) == ["200:v"])
    }

    @Test(
        "Whatever the order of parts, touches and passes, each part counts once",
        arguments: [1, 2, 3, 4, 5, 6, 7, 8].flatMap { seed in ["sync", "overwrite"].map { (seed, $0) } }
    )
    func anyOrder(_ seed: UInt64, _ kind: String) async throws {
        var numbers = SeededNumbers(seed: seed)
        let test = try people()
        var waiting = [0, 1, 2]
        var there: [Int] = []
        var received = 0
        var recognised = 0
        func name(_ part: Int) -> String { "ftp_dpm_200_1700000000.\(kind).\(part + 1)" }
        func sync() async throws {
            let report = try await test.sync()
            received += report.receipts.reduce(0) { $0 + $1.received }
            recognised += report.recognised.count
        }
        for _ in 0..<14 {
            test.pass(minutes: 7)
            switch numbers.next() % 3 {
            case 0 where !waiting.isEmpty:
                let part = waiting.remove(at: Int(numbers.next() % UInt64(waiting.count)))
                try test.deliver(Self.parts[part], name(part))
                there.append(part)
            case 1 where !there.isEmpty:
                try test.touch(name(there[Int(numbers.next() % UInt64(there.count))]))
            default:
                try await sync()
            }
        }
        for part in waiting { try test.deliver(Self.parts[part], name(part)) }
        try await sync()
        test.pass(minutes: 7)
        for part in 0..<3 { try test.touch(name(part)) }
        let before = recognised
        try await sync()
        #expect(recognised == before + 3)
        if kind == "sync" { #expect(received == 5) }
        #expect(try users(test, times: 3) == ["200:u"])
        #expect(try users(test, times: 1) == ["200:v", "200:w"])
    }

    @Test("Of a part that comes with other bytes the receipt says so, and nothing is lost")
    func otherBytes() async throws {
        let test = try people()
        let name = "ftp_dpm_200_1700000000.sync"
        try test.deliver(Self.parts[0], "\(name).1")
        try test.deliver(Self.parts[1], "\(name).2")
        try await test.sync()
        test.pass(hours: 1)
        try test.deliver("x\tpage=a\n", "\(name).1")
        let notes = try #require(try await test.sync().receipts.first?.notes)
        #expect(
            notes == [
                "goes on with P1: adds part 1 to what part 2 said",
                "part 1 came before with other bytes, which P1 read: what those said stays, and this is added",
            ]
        )
        #expect(try users(test, times: 2) == ["200:u"])
        #expect(try users(test, times: 1) == ["200:v", "200:x"])
    }

    @Test("A whole .overwrite file with other bytes replaces for its users, and leaves others as they are")
    func otherBytesOfOverwrites() async throws {
        let test = try people()
        let name = "ftp_dpm_200_1700000000.overwrite"
        try test.deliver(Self.parts[0], name)
        try await test.sync()
        test.pass(hours: 1)
        try test.deliver("u\tpage=a\nu\tpage=a\n", name)
        let note =
            "the file came before with other bytes, which P1 read: users whom only those named stay as they are"
        #expect(try await test.sync().receipts.first?.notes == [note])
        #expect(try users(test, times: 2) == ["200:u"])
        #expect(try users(test, times: 1) == ["200:v"])
    }
}
