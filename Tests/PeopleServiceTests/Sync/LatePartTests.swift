// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import PeopleService

/// Parts of a split set that come after the others were read.
@Suite("Parts that come late")
struct LatePartTests {
    private func people() throws -> TestPeople {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        for _ in 101...104 { _ = try test.trait(of: 200) }
        return test
    }

    private func remove(_ name: String, _ test: TestPeople) throws {
        try FileManager.default.removeItem(atPath: "\(test.inbox)/\(name)")
    }

    @Test(
        "A later part of a .sync set is added, whether the earlier ones are still there",
        arguments: [false, true]
    )
    func laterParts(isGone: Bool) async throws {
        let test = try people()
        try test.deliver("a\td_sid=101\nb\td_sid=101\n", "ftp_dpm_200_1700000000.sync.1")
        #expect(try await test.sync().receipts.map(\.id) == ["P1"])
        if isGone { try remove("ftp_dpm_200_1700000000.sync.1", test) }
        try test.deliver("a\td_sid=102\n", "ftp_dpm_200_1700000000.sync.2")
        let receipt = try #require(try await test.sync().receipts.first)
        #expect(receipt.received == 1)
        #expect(receipt.notes == ["goes on with P1: adds part 2 to what part 1 said"])
        #expect(try test.traits(of: "200:a") == [101, 102])
        #expect(try await test.sync().receipts.isEmpty)
        try test.deliver("b\td_sid=104\n", "ftp_dpm_200_1700000000.sync.3")
        let notes = try await test.sync().receipts.first?.notes
        #expect(notes == ["goes on with P1, P2: adds part 3 to what parts 1, 2 said"])
    }

    @Test(
        "A part that lies there under another ending is named",
        arguments: [
            ("ftp_dpm_200_1700000000.sync.1", "ftp_dpm_200_1700000000.sync.2.gz"),
            ("ftp_dpm_200_1700000000.sync.1.gz", "ftp_dpm_200_1700000000.sync.2"),
            ("adobe_id_100_200_1700000000.sync.1", "adobe_id_100_200_1700000000.sync.2.gz"),
        ]
    )
    func anotherEnding(_ first: String, _ second: String) async throws {
        let test = try people()
        try test.deliver("a\td_sid=101\n", first)
        try test.deliver("b\td_sid=101\n", second)
        let waiting = try await test.sync().waiting
        #expect(waiting.map(\.file) == [second])
        #expect(waiting.first?.reason.hasPrefix("part 1 is there as \(first), whose ending") == true)
        // Another delivery, or another folder, is none of this set.
        try FileManager.default.removeItem(atPath: "\(test.inbox)/\(first)")
        try test.deliver("a\td_sid=101\n", first.replacing("1700000000", with: "1700000001"))
        let later = try await test.sync().waiting
        #expect(later.first { $0.file == second }?.reason.hasPrefix("part 1 is missing") == true)
    }

    @Test("A later part of an ID-sync set is added")
    func laterRows() async throws {
        let test = try people()
        try test.deliver("d1\ta\n", "adobe_id_100_200_1700000000.sync.1")
        try await test.sync()
        try test.deliver("d2\ta\n", "adobe_id_100_200_1700000000.sync.2")
        #expect(try await test.sync().receipts.map(\.notes?.count) == [1])
        #expect(try test.partners(of: "200:a") == ["100:d1", "100:d2"])
    }

    @Test("A later part of an .overwrite set replaces what all parts don't say, for its users only")
    func laterOverwrites() async throws {
        let test = try people()
        let before = ["a", "b", "c", "d"].map { "\($0)\td_sid=103\n" }
        try test.deliver(before.joined(), "ftp_dpm_200_1699999999.sync")
        try test.deliver("a\td_sid=101\nb\td_sid=101\n", "ftp_dpm_200_1700000000.overwrite.1")
        try await test.sync()
        try test.deliver("b\td_sid=104\n", "ftp_dpm_200_1700000001.sync")
        try await test.sync()
        try test.deliver("a\td_sid=102\nc\td_sid=102\n", "ftp_dpm_200_1700000000.overwrite.2")
        let receipt = try #require(try await test.sync().receipts.first)
        #expect(receipt.received == 4)
        let note = "goes on with P2: reads part 1 again beside part 2, for the users of part 2"
        #expect(receipt.notes == [note])
        #expect(try test.traits(of: "200:a") == [101, 102])
        #expect(try test.traits(of: "200:b") == [101, 104])
        #expect(try test.traits(of: "200:c") == [102])
        #expect(try test.traits(of: "200:d") == [103])
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test("Where the earlier parts of an .overwrite set are gone nothing is taken away")
    func laterOverwritesWithoutTheFirst() async throws {
        let test = try people()
        try test.deliver("c\td_sid=103\n", "ftp_dpm_200_1699999999.sync")
        try test.deliver("a\td_sid=101\n", "ftp_dpm_200_1700000000.overwrite.1")
        try await test.sync()
        try remove("ftp_dpm_200_1700000000.overwrite.1", test)
        try test.deliver("a\td_sid=102\nc\td_sid=102\n", "ftp_dpm_200_1700000000.overwrite.2")
        let receipt = try #require(try await test.sync().receipts.first)
        let note = "goes on with P2: can't read part 1 again, so users of part 2 also keep what they had"
        #expect(receipt.notes == [note])
        #expect(try test.traits(of: "200:a") == [101, 102])
        #expect(try test.traits(of: "200:c") == [102, 103])
    }

    @Test("Parts that count from 0 belong together as others do", arguments: [".0", ""])
    func partsFromZero(_ first: String) async throws {
        let test = try people()
        let name = "ftp_dpm_200_1700000000.overwrite"
        try test.deliver("a\td_sid=101\n", "\(name)\(first)")
        try test.deliver("a\td_sid=103\n", "\(name).2")
        let way = "deliver it, or all parts anew with another time in their names"
        #expect(try await test.sync().waiting.map(\.reason) == ["part 1 is missing: \(way)"])
        try test.deliver("a\td_sid=102\n", "\(name).1")
        #expect(try await test.sync().receipts.map(\.received) == [3])
        test.pass(hours: 1)
        try test.deliver("a\td_sid=104\n", "\(name)\(first)")
        let receipt = try #require(try await test.sync().receipts.first)
        #expect(
            receipt.notes == [
                "goes on with P1: reads parts 1, 2 again beside part 0, for the users of part 0",
                "part 0 came before with other bytes, which P1 read: users whom only those named stay as they are",
            ]
        )
        #expect(try test.traits(of: "200:a") == [102, 103, 104])
        for part in [first, ".1", ".2"] { try remove("\(name)\(part)", test) }
        try test.deliver("a\td_sid=101\n", "\(name).3")
        let notes = try await test.sync().receipts.first?.notes
        let start = "goes on with P1, P2: can't read parts 0, 1, 2 again, "
        #expect(notes == [start + "so users of part 3 also keep what they had"])
    }

    @Test("Files of the same second are different deliveries if their times have milliseconds")
    func milliseconds() async throws {
        let test = try people()
        try test.deliver("a\td_sid=101\n", "ftp_dpm_200_1700000000250.overwrite")
        try test.deliver("a\td_sid=102\n", "ftp_dpm_200_1700000000750.overwrite")
        #expect(try await test.sync().receipts.map(\.received) == [1, 1])
        #expect(try test.traits(of: "200:a") == [102])
    }

    @Test("A damaged part refuses its set, whose others wait for a right one", arguments: [1, 2, 3])
    func damagedParts(_ damaged: Int) async throws {
        let test = try people()
        let name = "ftp_dpm_200_1700000000.overwrite"
        for part in 1...3 {
            try test.deliver(part == damaged ? "" : "a\td_sid=10\(part)\n", "\(name).\(part)")
        }
        #expect(try await test.sync().receipts.map(\.state) == [.failed])
        for _ in 1...2 {
            let report = try await test.sync()
            #expect(report.receipts.isEmpty)
            #expect(report.waiting.map(\.reason).first?.hasPrefix("part \(damaged) was refused") == true)
        }
        test.pass(seconds: 1)
        try test.deliver("a\td_sid=10\(damaged)\n", "\(name).\(damaged)")
        #expect(try await test.sync().receipts.map(\.received) == [3])
        #expect(try test.traits(of: "200:a") == [101, 102, 103])
    }

    @Test("A part that is truly missing is named with the way out, also one that was refused")
    func missingParts() async throws {
        let test = try people()
        try test.deliver("", "ftp_dpm_200_1700000000.sync.1")
        #expect(try await test.sync().hasFailures)
        try test.deliver("a\td_sid=101\n", "ftp_dpm_200_1700000000.sync.2")
        try test.deliver("a\td_sid=101\n", "ftp_dpm_200_1700000001.sync.2")
        let way = "or all parts anew with another time in their names"
        #expect(
            try await test.sync().waiting.map(\.reason) == [
                "part 1 was refused: deliver a right one in its place, \(way)",
                "part 1 is missing: deliver it, \(way)",
            ]
        )
        try test.deliver("b\td_sid=101\n", "ftp_dpm_200_1700000000.sync.1")
        #expect(try await test.sync().receipts.map(\.received) == [2])
    }
}
