// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Problems
import Storage
import Terminal
import Testing
import Transfer

@testable import Campaign

/// Which files are read together, and which wait for others.
@Suite struct ImportSetTests {
    private func makeTest(destination: Int? = nil) async throws -> (test: TestCampaign, audience: String) {
        let test = try TestCampaign()
        try await test.makePlain(destination: destination)
        try test.load("externalId\n" + ["A", "B", "C", "D", "E"].joined(separator: "\n"))
        return (test, try test.define("24", "Plain"))
    }

    @Test func `glued parts wait for the one in front that has no number`() async throws {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844000001.sync", "B 24\n")
        try test.drop("s3_1_14020_full_1486140844000002.sync", "C 24\n")
        _ = try await test.sync()
        #expect(try test.members(audience).isEmpty)
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        _ = try await test.sync()
        #expect(try test.members(audience) == ["A", "B", "C"])
    }

    @Test(arguments: [
        ["_1486140844000.sync", "_1486140844000001.sync", "_1486140844000002.sync"],
        ["_1486140844000.sync.gz", "_1486140844000001.sync.gz", "_1486140844000002.sync.gz"],
        ["_1486140844000-1.csv", "_1486140844000-2.csv", "_1486140844000-3.csv"],
        ["_1486140844-1.sync", "_1486140844-2.sync", "_1486140844-3.sync"],
        ["_1486140844.sync", "_1486140844001.sync", "_1486140844002.sync"],
        ["_My_Alias_1486140844000.txt", "_My_Alias_1486140844000001.txt", "_My_Alias_1486140844000002.txt"],
    ])
    func `split sets in every spelling are read whole, and wait for a missing part`(names: [String])
        async throws
    {
        let (test, audience) = try await makeTest()
        let parts = ["A 24\n", "B 24\nX 24\n", "C 24\n"]
        func drop(_ part: Int) throws {
            let name = (part == 1 ? "S3_1_14020" : "s3_1_14020") + "_full" + names[part]
            let full = name.replacing("_full_My_Alias", with: "_My_Alias_full")
            try test.drop(full, full.hasSuffix(".gz") ? TestFiles.gzip(parts[part]) : Array(parts[part].utf8))
        }
        try drop(0)
        try drop(2)
        let waiting = try await test.sync()
        #expect(waiting.receipts.isEmpty)
        #expect(waiting.waiting.map(\.reason).first?.contains("is missing") == true)
        #expect(try test.members(audience).isEmpty)
        #expect(try test.receipts.map(\.state) == [.waiting])
        try drop(1)
        let receipt = try await test.syncOne()
        #expect(receipt.account == "completed with rejects 4: matched 3, unknown 1")
        #expect(receipt.files.count == 3)
        #expect(try test.members(audience) == ["A", "B", "C"])
        #expect(try test.rejected(receipt) == ["2 unknown-id X 24"])
        #expect(try test.receipts.count == 1)
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test func `parts that arrived a moment ago wait for more`() async throws {
        let (test, _) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n", age: 60)
        try test.drop("s3_1_14020_full_1486140844000001.sync", "B 24\n", age: 1)
        #expect(try await test.sync().waiting.count == 1)
        test.pass(seconds: 1)
        #expect(try await test.syncOne().account == "completed 2: matched 2")
    }

    @Test func `a set that waited and has left is cancelled, and comes back as a new one`() async throws {
        let (test, audience) = try await makeTest()
        let names = ["s3_1_14020_full_1486140844-1.sync", "s3_1_14020_full_1486140844-3.sync"]
        for name in names { try test.drop(name, "A 24\n") }
        _ = try await test.sync()
        #expect(try test.receipts.map(\.state) == [.waiting])
        // While a file of it is there the set waits on.
        try FileManager.default.removeItem(atPath: "\(test.inbox)/\(names[0])")
        #expect(try await test.sync().receipts.isEmpty)
        #expect(try test.receipts.map(\.state) == [.waiting])
        try FileManager.default.removeItem(atPath: "\(test.inbox)/\(names[1])")
        let report = try await test.sync()
        #expect(report.receipts.map(\.state) == ["cancelled"])
        #expect(!report.hasFailures)
        #expect(try test.receipts.map(\.code) == ["imports.set-left"])
        #expect(try test.ledger.allSatisfy { $0.hasSuffix(" discovered") })
        #expect(try await test.sync().isQuiet)
        let parts = ["1", "2", "3"]
        for part in parts { try test.drop("s3_1_14020_full_1486140844-\(part).sync", "A 24\n") }
        #expect(try await test.syncOne().account == "completed 3: matched 1, duplicate 2")
        #expect(try test.members(audience) == ["A"])
    }

    @Test func `a set of an account that can't be listed waits on`() async throws {
        let (test, _) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844-2.sync", "A 24\n")
        _ = try await test.sync()
        try FileManager.default.moveItem(atPath: test.inbox, toPath: test.inbox + ".away")
        _ = try await test.sync()
        #expect(try test.receipts.map(\.state) == [.waiting])
    }

    @Test func `a late part brings the whole set again`() async throws {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        try await test.syncOne()
        try test.drop("s3_1_14020_full_1486140844000001.sync", "B 24\n")
        #expect(try await test.syncOne().account == "completed 2: matched 2")
        #expect(try test.members(audience) == ["A", "B"])
    }

    // Control files

    @Test func `files that arrive together are read in the order of their moments`() async throws {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_iter_1486300000000.sync", "A  24\n")
        try test.drop("s3_1_14020_iter_1486227244000.sync", "A 24\nB 24\n")
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\nC 24\n")
        let report = try await test.sync()
        #expect(report.receipts.count == 3)
        #expect(try test.members(audience) == ["B", "C"])
    }

    @Test func `files of a data source that nobody defined wait`() async throws {
        let (test, _) = try await makeTest()
        try test.drop("s3_1_555_full_1486140844000.sync", "A 24\n")
        let report = try await test.sync()
        #expect(report.waiting.map(\.reason) == ["No shared data source has the number 555."])
        try await test.source(
            SharedDataSourceDraft(id: "Late", number: 555, key: "externalId", acceptsTerms: true)
        )
        #expect(try await test.sync().waiting.first?.reason.hasPrefix("No audience asks") == true)
        let audience = try test.define("24", "Late")
        #expect(try await test.syncOne().account == "completed 1: matched 1")
        #expect(try test.members(audience) == ["A"])
    }
}
