// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems
import Storage
import Testing

@testable import Campaign

/// Runs that end between two steps, made by calling the steps and leaving it at that.
@Suite struct InterruptionTests {
    private static let name = "s3_1_14020_iter_1486140844000.sync"

    private func makeTest() async throws -> (test: TestCampaign, audience: String) {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\nC\n")
        let audience = try test.define("24", "Plain")
        try test.drop(Self.name, "A 24\nB 24\nX 24\n")
        return (test, audience)
    }

    /// How far a run came before its process ended.
    enum Step: CaseIterable {
        case discovered
        case begun
        case rejectedHalf
        case rejectedWhole
        case listWritten
    }

    @Test(arguments: Step.allCases)
    func `after a run that ended in between, the next sync does the work once`(step: Step) async throws {
        let (test, audience) = try await makeTest()
        let set = try #require(try await ImportDiscovery(test.campaign).find().sets.first)
        #expect(set.name == Self.name)
        let ledger = Ledger(at: test.world.milliseconds)
        if step != .discovered {
            try test.campaign.write { database in
                let receipt = try ReceiptStore()
                    .begin(.import, SharedDataSource.ID("Plain"), at: test.world.milliseconds, in: database)
                for file in set.allFiles {
                    try ledger.move(file.entry.id, to: .spooled, receipt: receipt.id.rawValue, in: database)
                }
            }
        }
        switch step {
        case .discovered, .begun: break
        case .rejectedHalf:
            try Data("#1\thalf".utf8).write(to: URL(filePath: "\(test.data.rejected)/R1.rejected.part"))
            // A copy that nobody asked for since yesterday.
            let copy = "\(test.data.spool)/1-2.spooled"
            try Data("half".utf8).write(to: URL(filePath: copy))
            let yesterday = test.world.now().addingTimeInterval(-90_000)
            try FileManager.default.setAttributes([.modificationDate: yesterday], ofItemAtPath: copy)
        case .rejectedWhole:
            try Data("#1\t\(Self.name)\n1\t9\tunknown\tunknown-id\told\n".utf8)
                .write(to: URL(filePath: "\(test.data.rejected)/R1.rejected"))
        case .listWritten:
            try Data("list".utf8).write(to: URL(filePath: "\(test.data.lists)/addresses-AUD1-R1.list"))
            try Data("half".utf8).write(
                to: URL(filePath: "\(test.data.lists)/addresses-AUD2-R1.list.partial")
            )
        }
        let receipt = try await test.syncOne()
        #expect(receipt.id == Receipt.ID("R1"))
        #expect(receipt.account == "completed with rejects 3: matched 2, unknown 1")
        #expect(try test.members(audience) == ["A", "B"])
        #expect(try test.audience(audience).version == 1)
        #expect(try test.rejected(receipt) == ["3 unknown-id X 24"])
        #expect(try test.ledger == ["\(Self.name) loaded"])
        #expect(try test.names(in: test.data.rejected) == ["R1.rejected"])
        #expect(try test.names(in: test.data.spool).isEmpty)
        #expect(try test.names(in: test.data.lists).isEmpty)
        #expect(try await test.sync().isQuiet)
    }

    @Test func `a committed run whose process ended before it tidied up leaves no old list`() async throws {
        let test = try TestCampaign()
        try await test.makeEncrypted()
        try test.load("externalId\nA\n")
        let audience = try test.define("24", "Encrypted")
        try test.drop("s3_1_14018_full_1486140844000.sync", "\(try TestFiles.encrypted("a@x.com")) 24\n")
        try await test.syncOne()
        let list = try #require(try test.names(in: test.data.lists).first)
        let copy = "\(test.data.lists)/addresses-\(audience)-R0.list"
        try FileManager.default.copyItem(atPath: "\(test.data.lists)/\(list)", toPath: copy)
        _ = try await test.sync()
        #expect(try test.names(in: test.data.lists) == [list])
        #expect(try test.addresses(audience) == ["a@x.com"])
    }

    @Test func `a waiting receipt that began to run is the same receipt in the end`() async throws {
        let (test, audience) = try await makeTest()
        try FileManager.default.removeItem(atPath: "\(test.inbox)/\(Self.name)")
        try test.drop("s3_1_14020_full_1486227244000002.sync", "B 24\n")
        try test.drop("s3_1_14020_full_1486227244000.sync", "A 24\n")
        _ = try await test.sync()
        #expect(try test.receipts.map { "\($0.id) \($0.state)" } == ["R1 waiting"])
        try test.drop("s3_1_14020_full_1486227244000001.sync", "C 24\n")
        let receipt = try await test.syncOne()
        #expect(receipt.id == Receipt.ID("R1"))
        #expect(try test.members(audience) == ["A", "B", "C"])
    }
}
