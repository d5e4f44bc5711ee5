// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Problems
import Storage
import Testing

@testable import Campaign

@Suite struct AccountRulesTests {
    private static let first = "s3_1_14020_full_1486140844000.sync"
    private static let second = "s3_1_14020_full_1486227244000.sync"

    private func makeTest(_ rules: AccountRules) async throws -> (test: TestCampaign, audience: String) {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        try test.campaign.write { database in
            let account = ExternalAccount(
                id: ExternalAccount.importID,
                label: "In",
                settings: .folder(path: test.inbox),
                rules: rules
            )
            try ExternalAccountStore().save(account, in: database)
        }
        return (test, try test.define("24", "Plain"))
    }

    @Test(arguments: [
        ("*", "anything", true), ("s3_*", "s3_1.sync", true), ("s3_*", "S3_1.sync", false),
        ("*.sync.gz", "a.sync.gz", true), ("*.sync.gz", "a.sync", false), ("a*b*c", "abbc", true),
        ("a*b*c", "abcb", false), ("abc", "abc", true), ("abc", "abcd", false), ("*a*", "bab", true),
        ("**", "", true), ("a*", "", false),
    ])
    func `a pattern is the whole name with stars for anything`(
        _ pattern: String,
        _ name: String,
        _ fits: Bool
    ) {
        #expect(AccountRules(pattern: pattern).takes(Array(name.utf8)) == fits)
    }

    @Test func `files that the pattern leaves out are not looked at`() async throws {
        let (test, audience) = try await makeTest(AccountRules(pattern: "s3_*_148614*"))
        try test.drop(Self.first, "A 24\n")
        try test.drop(Self.second, "B 24\n")
        try await test.syncOne()
        #expect(try test.members(audience) == ["A"])
        #expect(try test.ledger == ["\(Self.first) loaded"])
    }

    @Test func `an imported file is deleted where the account says so, a waiting one stays`() async throws {
        let (test, audience) = try await makeTest(AccountRules(afterReading: .delete))
        try test.drop(Self.first, "A 24\n")
        let waiting = "s3_1_14020_full_1486313644000-2.sync"
        try test.drop(waiting, "B 24\n")
        _ = try await test.sync()
        _ = try await test.sync()
        #expect(try test.names(in: test.inbox) == [waiting])
        #expect(try test.members(audience) == ["A"])
    }

    @Test func `an imported file is moved, and never read again from where it is`() async throws {
        let (test, audience) = try await makeTest(AccountRules(afterReading: .move(folder: "done/old")))
        for text in ["A 24\n", "B 24\n"] {
            test.pass(seconds: 100)
            try test.drop(Self.first, text, age: 1)
            try await test.syncOne()
            #expect(try await test.sync().isQuiet)
        }
        #expect(try test.names(in: test.inbox) == ["done"])
        let moved = try test.names(in: test.inbox + "/done/old")
        #expect(
            moved.count == 2 && moved.first == Self.first && moved.last?.hasPrefix(Self.first + ".") == true
        )
        #expect(try test.members(audience) == ["B"])
        #expect(try test.receipts.count == 2)
    }

    @Test func `files that we wrote are deleted after their days, other files never`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...3)
        let rules = AccountRules(retentionDays: 15)
        try system.campaign.write { [folder = system.folder] database in
            let account = ExternalAccount(
                id: ExternalAccount.exportID,
                label: "Out",
                settings: .folder(path: folder),
                rules: rules
            )
            try ExternalAccountStore().save(account, in: database)
        }
        try Data("theirs".utf8).write(to: URL(filePath: system.folder + "/theirs.txt"))
        let receipt = try await system.share(try system.makeList([1, 2]))
        let written = try #require(receipt.files.first?.name)
        let day = 86_400_000
        for (days, names) in [(14, [written, "theirs.txt"].sorted()), (16, ["theirs.txt"])] {
            let later = World(now: { Date(timeIntervalSince1970: 1_800_000_000 + Double(days * day) / 1000) })
            let campaign = try Campaign(system.campaign.directory, world: later)
            _ = try await SyncRun(campaign).pass()
            #expect(try system.names(in: system.folder) == names)
        }
    }
}
