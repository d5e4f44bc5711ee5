// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
import Storage
import Surroundings
import Terminal
import Testing

@testable import Campaign
@testable import ExternalAccounts

/// Accounts that are good for imports only.
@Suite struct ReadOnlyAccountTests {
    private func save(_ test: TestCampaign, _ id: String, path: String, _ rules: AccountRules) throws {
        let account = ExternalAccount(id: id, label: id, settings: .folder(path: path), rules: rules)
        try test.campaign.write { try ExternalAccountStore().save(account, isReplacing: true, in: $0) }
    }

    private func check(_ test: TestCampaign, _ id: String) async throws -> AccountCheckReport {
        let account = try test.campaign.read { try ExternalAccountStore().find(id, in: $0) }
        return try await AccountCheckReport.run(account, test.campaign)
    }

    @Test func `the check says that an account without the right to write is good for imports only`()
        async throws
    {
        let test = try TestCampaign()
        try FileManager.default.createDirectory(
            atPath: test.root + "/partner",
            withIntermediateDirectories: true
        )
        let disk = try test.smallDisk(at: test.root + "/partner")
        #expect(try disk.remount("ro"))
        try save(test, "partner", path: disk.path, AccountRules())
        let report = try await check(test, "partner")
        #expect(!report.ok)
        #expect(report.text.hasPrefix("partner: works for imports only; writing is refused\n"))
        let step = try #require(report.steps.first { !$0.ok })
        #expect(step.step == "write")
        #expect(step.detail == "Writing is refused.")
        #expect(step.advice?.contains("`tallystick accounts edit partner --read-only`") == true)

        try save(test, "partner", path: disk.path, AccountRules(isReadOnly: true))
        let second = try await check(test, "partner")
        #expect(second.ok)
        #expect(second.text.hasPrefix("partner: works, for imports only\n"))
        #expect(second.steps.map(\.step) == ["reach", "list", "space"])
    }

    @Test(.enabled(if: S3Server.isInstalled, "OpenStack Swift is not installed"))
    func `an account that may not even be listed is good for nothing`() async throws {
        let test = try TestCampaign(.running)
        try test.connect("partner", to: try await Partner(.s3, isStranger: true))
        let report = try await check(test, "partner")
        #expect(report.text.hasPrefix("partner: does not work\n"))
        #expect(report.steps.filter { !$0.ok }.map(\.step) == ["list", "write"])
        #expect(report.steps.allSatisfy { $0.advice?.contains("--read-only") != true })
    }

    @Test func `nothing is shared to an account that is only read`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId,email\nP1,one@x.com")
        try test.define("24", "Plain")
        try test.drop("s3_1_14020_full_1486054444000.sync", "P1 24\n")
        try await test.syncOne()
        try save(test, ExternalAccount.exportID, path: test.outbox, AccountRules(isReadOnly: true))
        let problem = await #expect(throws: Problem.self) {
            try await Shares(test.campaign)
                .share("AUD1", into: .number(7), SharedDataSource.ID("Plain"), isReplacing: false)
        }
        #expect(problem?.kind.code == "accounts.read-only")
        #expect(problem?.advice.contains("--no-read-only") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: test.outbox) == [])
    }

    @Test func `the rule is kept with the account, and older rules have it not`() throws {
        let test = try TestCampaign()
        try save(test, "partner", path: test.inbox, AccountRules(pattern: "*.gz", isReadOnly: true))
        let account = try test.campaign.read { try ExternalAccountStore().find("partner", in: $0) }
        #expect(account.rules == AccountRules(pattern: "*.gz", isReadOnly: true))
        let older = try JSONDecoder().decode(
            AccountRules.self,
            from: Data(#"{"afterReading":{"keep":{}}}"#.utf8)
        )
        #expect(!older.isReadOnly)
        #expect(older == AccountRules())
    }

    @Test func `the options refuse what can't be together`() throws {
        let options = try AccountRuleOptions.parse(["--read-only", "--after-reading", "delete"])
        #expect(throws: Problem.self) { try options.applied(to: AccountRules()) }
        let readOnly = try AccountRuleOptions.parse(["--read-only"]).applied(to: AccountRules())
        #expect(readOnly.isReadOnly)
        #expect(try AccountRuleOptions.parse([]).applied(to: readOnly).isReadOnly)
        #expect(try !AccountRuleOptions.parse(["--no-read-only"]).applied(to: readOnly).isReadOnly)
    }
}
