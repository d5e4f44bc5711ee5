// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
import Storage
import Testing

@testable import Campaign

@Suite struct ImportRetryTests {
    /// An import of two known people, one unknown, one malformed and one whose segment nobody asked for.
    private func makeTest(_ mode: String = "full") async throws -> (TestCampaign, audience: String, Receipt) {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\nC\n")
        let audience = try test.define("24", "Plain")
        try test.drop("s3_1_14020_\(mode)_1486140844000.sync", "A 24\nLate 24\nnonsense\nB 24\nC 99\n")
        let receipt = try await test.syncOne()
        #expect(
            receipt.account == "completed with rejects 5: matched 2, unknown 1, malformed 1, not requested 1"
        )
        return (test, audience, receipt)
    }

    @Test(arguments: ["full", "iter"])
    func `after the missing profile was loaded, only the rejected lines are imported again`(
        mode: String
    ) async throws {
        let (test, audience, receipt) = try await makeTest(mode)
        try test.load("externalId\nLate\n")
        let retry = try await ImportRetry(test.campaign).run(receipt.id)
        #expect(retry.counts[.matched] == 1)
        #expect(retry.counts[.malformed] == 1)
        #expect(retry.retryOf == receipt.id)
        #expect(retry.counts.sum == retry.received)
        #expect(try test.members(audience) == ["A", "B", "Late"])
        #expect(try test.rejected(retry).contains { $0.contains("no-segments nonsense") })
        #expect(
            !FileManager.default.fileExists(
                atPath: "\(test.data.rejected)/\(receipt.rejectedFile ?? "?")"
            )
        )
        // The originals of both receipts still add up.
        for receipt in try test.receipts { #expect(receipt.counts.sum == receipt.received) }
    }

    @Test func `after a retry the receipt says which one took its lines over`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.define("24", "Plain")
        try test.drop("s3_1_14020_iter_1486140844000.sync", "A 24\n")
        let receipt = try await test.syncOne()
        try test.load("externalId\nA\n")
        let again = try await ImportRetry(test.campaign).run(receipt.id)
        let command = try ReceiptsCommand.Rejected.parse([receipt.id.rawValue, "--data", test.data.path])
        let gone = await problem { try await command.run() }
        #expect(gone?.kind.code == "receipts.rejected-gone")
        #expect(gone?.summary.contains("taken over by receipt \(again.id)") == true)
    }

    @Test func `lines that nobody asked for are no rejects, and are kept for a retry all the same`()
        async throws
    {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        try test.define("24", "Plain")
        try test.drop("s3_1_14020_iter_1486140844000.sync", "A 24\nB 25\n")
        let receipt = try await test.syncOne()
        #expect(receipt.account == "completed 2: matched 1, not requested 1")
        #expect(try test.rejected(receipt) == ["2 not-requested B 25"])
        let audience = try test.define("25", "Plain")
        let again = try await ImportRetry(test.campaign).run(receipt.id)
        #expect(again.account == "completed 1: matched 1")
        #expect(try test.members(audience) == ["B"])
    }

    @Test func `rejected lines are imported again once; the rest is retried under the newer receipt`()
        async throws
    {
        let (test, _, receipt) = try await makeTest()
        let first = try await ImportRetry(test.campaign).run(receipt.id)
        #expect(first.counts[.unknown] == 1)
        let refusal = await problem { _ = try await ImportRetry(test.campaign).run(receipt.id) }
        #expect(refusal?.kind.code == "receipts.retry-refused")
        #expect(refusal?.advice.contains("\(first.id)") == true)
        try test.load("externalId\nLate\n")
        let second = try await ImportRetry(test.campaign).run(first.id)
        #expect(second.counts[.matched] == 1)
        #expect(second.retryOf == first.id)
    }

    @Test func `a newer full file ends the chance to retry`() async throws {
        let (test, audience, receipt) = try await makeTest()
        try test.drop("s3_1_14020_full_1486227244000.sync", "A 24\n")
        try await test.syncOne()
        try test.load("externalId\nLate\n")
        let refusal = await problem { _ = try await ImportRetry(test.campaign).run(receipt.id) }
        #expect(refusal?.kind.code == "receipts.retry-refused")
        #expect(try test.members(audience) == ["A"])
    }

    @Test func `lines of a segment that nobody asked for come in once an audience asks`() async throws {
        let (test, _, receipt) = try await makeTest()
        let late = try test.define("99", "Plain")
        let retry = try await ImportRetry(test.campaign).run(receipt.id)
        #expect(retry.counts[.matched] == 1)
        #expect(try test.members(late) == ["C"])
    }

    @Test func `a receipt without rejected lines is refused`() async throws {
        let (test, _, _) = try await makeTest()
        try test.drop("s3_1_14020_full_1486227244000.sync", "A 24\n")
        let receipt = try await test.syncOne()
        let refusal = await problem { _ = try await ImportRetry(test.campaign).run(receipt.id) }
        #expect(refusal?.kind.code == "receipts.retry-refused")
        let unknown = await problem { _ = try await ImportRetry(test.campaign).run(Receipt.ID("R99")) }
        #expect(unknown?.kind.code == "receipts.unknown")
    }

    @Test func `rejected lines go with their retention, and the retry says so`() async throws {
        let (test, _, receipt) = try await makeTest()
        let path = "\(test.data.rejected)/\(receipt.rejectedFile ?? "")"
        try FileManager.default.setAttributes([.modificationDate: test.world.now()], ofItemAtPath: path)
        test.pass(seconds: 29 * 86_400)
        _ = try await test.sync()
        #expect(FileManager.default.fileExists(atPath: path))
        test.pass(seconds: 2 * 86_400)
        _ = try await test.sync()
        #expect(!FileManager.default.fileExists(atPath: path))
        let refusal = await problem { _ = try await ImportRetry(test.campaign).run(receipt.id) }
        #expect(refusal?.kind.code == "receipts.rejected-gone")
    }

    @Test func `the retention is a setting`() async throws {
        let (test, _, receipt) = try await makeTest()
        let path = "\(test.data.rejected)/\(receipt.rejectedFile ?? "")"
        try FileManager.default.setAttributes([.modificationDate: test.world.now()], ofItemAtPath: path)
        try test.campaign.write { try Leftovers.setRetentionDays(1, in: $0) }
        test.pass(seconds: 86_401)
        _ = try await test.sync()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a retry that was killed is forgotten, and can be done again`() async throws {
        let (test, audience, receipt) = try await makeTest()
        try test.load("externalId\nLate\n")
        // The process ends after it began a receipt for the retry.
        _ = try test.campaign.write { database in
            try ReceiptStore()
                .begin(.import, receipt.dataSource, retryOf: receipt.id, at: 0, in: database)
        }
        _ = try await test.sync()
        #expect(try test.receipts.count == 1)
        let retry = try await ImportRetry(test.campaign).run(receipt.id)
        #expect(retry.counts[.matched] == 1)
        #expect(try test.members(audience) == ["A", "B", "Late"])
    }
}
