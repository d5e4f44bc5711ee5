// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Testing

@testable import Campaign

/// Files that go, grow or can't be published while they are read: nothing half-done is seen.
@Suite struct ImportChangeTests {
    private static let name = "s3_1_14020_full_1486140844000.sync"

    @Test func `a folder that is gone is said, and the next sync goes on`() async throws {
        let (test, audience) = try await TestCampaign.withMember()
        try test.drop(Self.name, "A 24\n")
        try FileManager.default.moveItem(atPath: test.inbox, toPath: test.inbox + ".away")
        let report = try await test.sync()
        #expect(report.hasFailures)
        #expect(report.unreachable.map(\.account) == ["importSharedAudience"])
        #expect(report.unreachable.first?.advice.isEmpty == false)
        try FileManager.default.moveItem(atPath: test.inbox + ".away", toPath: test.inbox)
        #expect(try await test.syncOne().account == "completed 1: matched 1")
        #expect(try test.members(audience) == ["A"])
    }

    @Test func `a file that vanished after it was listed is a failure that the next sync mends`() async throws
    {
        let (test, audience) = try await TestCampaign.withMember()
        try test.drop(Self.name, "A 24\n")
        let set = try #require(try await ImportDiscovery(test.campaign).find().sets.first)
        let files = try ImportFiles(set, test.campaign)
        let decision = try await ImportDecision(set, files, test.campaign, quiet: true)
        guard case .run(let source, let audiences) = decision else {
            Issue.record("the file is not read")
            return
        }
        try FileManager.default.removeItem(atPath: "\(test.inbox)/\(Self.name)")
        let receipt = try await ImportRun(set, files, source, audiences, test.campaign).run()
        #expect(receipt.state == .failed)
        #expect(receipt.code?.hasPrefix("accounts.") == true)
        #expect(try test.members(audience) == ["C"])
        #expect(try test.names(in: test.data.rejected).isEmpty)
        try test.drop(Self.name, "A 24\n")
        #expect(try await test.syncOne().account == "completed 1: matched 1")
    }

    @Test func `a file that grew after it was listed is read again, whole`() async throws {
        let (test, audience) = try await TestCampaign.withMember()
        try test.drop(Self.name, "A 24\n")
        let set = try #require(try await ImportDiscovery(test.campaign).find().sets.first)
        let files = try ImportFiles(set, test.campaign)
        let decision = try await ImportDecision(set, files, test.campaign, quiet: true)
        guard case .run(let source, let audiences) = decision else {
            Issue.record("the file is not read")
            return
        }
        try test.drop(Self.name, "A 24\nB 24\n", age: 3)
        let run = try await ImportRun(set, files, source, audiences, test.campaign).run()
        let later = try await test.sync()
        // Either the run noticed, or it read what is there now; the end is the same and whole.
        #expect(run.state == .failed || later.receipts.allSatisfy { $0.state == "completed" })
        #expect(try test.members(audience) == ["A", "B"])
    }

    @Test func `a run whose audiences can't be published leaves the old members and no file`() async throws {
        let (test, audience) = try await TestCampaign.withMember()
        try await test.makeEncrypted()
        let addresses = try test.define("24", "Encrypted")
        try test.drop("s3_1_14018_full_1486140844000.sync", "\(try TestFiles.encrypted("a@x.com")) 24\n")
        try await test.syncOne()
        let lists = try test.names(in: test.data.lists)
        try test.campaign.write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER break_off BEFORE UPDATE OF version ON audiences
                    BEGIN SELECT raise(ABORT, 'broken'); END
                    """
            )
        }
        try test.drop(Self.name, "A 24\nX 24\n")
        try test.drop("s3_1_14018_full_1486227244000.sync", "\(try TestFiles.encrypted("b@x.com")) 24\n")
        let report = try await test.sync()
        #expect(report.receipts.map(\.state) == ["failed", "failed"])
        #expect(try test.members(audience) == ["C"])
        #expect(try test.addresses(addresses) == ["a@x.com"])
        #expect(try test.names(in: test.data.lists) == lists)
        try test.campaign.write { try $0.execute(sql: "DROP TRIGGER break_off") }
        #expect(try await test.sync().receipts.count == 2)
        #expect(try test.members(audience) == ["A"])
        #expect(try test.addresses(addresses) == ["b@x.com"])
        #expect(try test.names(in: test.data.lists).count == 1)
        #expect(try test.names(in: test.data.rejected).count == 1)
    }
}
