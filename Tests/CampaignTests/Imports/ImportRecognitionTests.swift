// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Problems
import Storage
import Terminal
import Testing
import Transfer

@testable import Campaign

/// Files that were read before, or come too late.
@Suite struct ImportRecognitionTests {
    private func makeTest(destination: Int? = nil) async throws -> (test: TestCampaign, audience: String) {
        let test = try TestCampaign()
        try await test.makePlain(destination: destination)
        try test.load("externalId\n" + ["A", "B", "C", "D", "E"].joined(separator: "\n"))
        return (test, try test.define("24", "Plain"))
    }

    @Test func `a file is loaded once, however often it is looked at`() async throws {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_iter_1486140844000.sync", "A 24\n")
        try await test.syncOne()
        for _ in 0..<3 { #expect(try await test.sync().isQuiet) }
        #expect(try test.receipts.count == 1)
        #expect(try test.members(audience) == ["A"])
        #expect(try test.ledger == ["s3_1_14020_iter_1486140844000.sync loaded"])
    }

    @Test(arguments: ["touched", "alias", "folder"])
    func `the same bytes under the same moment are recognised and change nothing`(way: String) async throws {
        let (test, audience) = try await makeTest()
        let name = "s3_1_14020_iter_1486140844000.sync"
        try test.drop(name, "A 24\n")
        try await test.syncOne()
        try test.drop("s3_1_14020_iter_1486227244000.sync", "A  24\nB 24\n")
        try await test.syncOne()
        switch way {
        case "touched": try test.drop(name, "A 24\n", age: 5)
        case "alias": try test.drop("s3_1_14020_Partner_iter_1486140844000.sync", "A 24\n")
        default: try test.drop("copies/\(name)", "A 24\n")
        }
        let report = try await test.sync()
        #expect(report.receipts.isEmpty)
        #expect(report.recognised.count == 1)
        #expect(try test.members(audience) == ["B"])
        #expect(try await test.sync().recognised.isEmpty)
    }

    @Test func `the same bytes at a later moment are read, and the receipt says so`() async throws {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        let first = try await test.syncOne()
        try test.drop("s3_1_14020_full_1486227244000.sync", "B 24\n")
        try await test.syncOne()
        try test.drop("s3_1_14020_full_1486300000000.sync", "A 24\n")
        let third = try await test.syncOne()
        #expect(third.sameAs == first.id)
        #expect(try test.members(audience) == ["A"])
    }

    @Test(arguments: ["full", "iter"])
    func `a file older than the last full one is left alone, and that is said once`(mode: String) async throws
    {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_full_1486227244000.sync", "A 24\n")
        try await test.syncOne()
        try test.drop("s3_1_14020_\(mode)_1486140844000.sync", "B 24\n")
        let receipt = try await test.syncOne()
        #expect(receipt.state == .cancelled)
        #expect(receipt.code == "imports.file-superseded")
        #expect(try receipt.files.map(\.sha256) == [TestFiles.hex(.sha256, "B 24\n")])
        #expect(receipt.files.map(\.bytes) == [5])
        #expect(try test.members(audience) == ["A"])
        #expect(try await test.sync().isQuiet)
    }

    @Test func `a file that comes too late is no failure of the sync`() async throws {
        let (test, _) = try await makeTest()
        try test.drop("s3_1_14020_full_1486227244000.sync", "A 24\n")
        try await test.syncOne()
        try test.drop("s3_1_14020_full_1486140844000.sync", "B 24\n")
        let report = try await test.sync()
        #expect(!report.hasFailures)
        #expect(!report.hasRejects)
        #expect(report.text.contains("older than the full file"))
    }

    @Test func `a checksum that is not known is null`() async throws {
        let (test, _) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844000.sync", [0x1F, 0x8B, 8, 0])
        let receipt = try await test.syncOne()
        #expect(receipt.state == .failed)
        #expect(receipt.files.map(\.sha256) == [nil])
        #expect(try JSONText.encode(ReceiptReport(receipt)).contains("\"sha256\" : null"))
    }
}
