// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage
import Surroundings
import Terminal
import Testing

@testable import Campaign
@testable import ExternalAccounts

/// Accounts that are deleted while data sources use them.
@Suite struct DeletedAccountTests {
    private func delete(_ id: String, _ test: TestCampaign, isForced: Bool = false) throws -> String? {
        try AccountRegister.delete(id, isForced: isForced, test.campaign).loss
    }

    private func finding(_ id: String, _ test: TestCampaign) async throws -> Finding {
        let findings = try await Diagnosis(test.campaign).run().findings
        return try #require(findings.first { $0.check == "account \(id)" })
    }

    @Test func `a built-in account that is used is deleted only by force, and the check fails then`()
        async throws
    {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\n")
        try test.define("24", "Plain")
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        try await test.syncOne()

        for (id, verb) in [(ExternalAccount.importID, "imported"), (ExternalAccount.exportID, "shared")] {
            let problem = #expect(throws: Problem.self) { try delete(id, test) }
            #expect(problem?.kind == .accountInUse)
            #expect(problem?.summary == "Without the account \(id) nothing is \(verb) for Plain.")
            #expect(problem?.advice.contains("--force") == true)
            #expect(try await !finding(id, test).finding.hasPrefix("not configured"))
            #expect(try delete(id, test, isForced: true) == "nothing is \(verb) for Plain")
            // Deleting it again takes nothing from anybody.
            #expect(try delete(id, test) == nil)
        }
        let importing = try await finding(ExternalAccount.importID, test)
        #expect(importing.verdict == .failed)
        #expect(importing.finding == "not configured, so nothing is imported for Plain")
        // Nothing was ever shared, so perhaps nobody means to.
        let exporting = try await finding(ExternalAccount.exportID, test)
        #expect(exporting.verdict == .warning)
        #expect(exporting.finding == "not configured, so nothing is shared for Plain")
    }

    @Test func `a built-in account that only data sources without terms use is deleted at once`() async throws
    {
        let test = try TestCampaign()
        try await test.source(SharedDataSourceDraft(id: "Later", number: 14_020, key: "externalId"))
        #expect(try delete(ExternalAccount.importID, test) == nil)
        #expect(try await finding(ExternalAccount.importID, test).finding == "not configured")
    }

    @Test func `another account that a data source uses is not deleted by force either`() async throws {
        let test = try TestCampaign()
        let account = ExternalAccount(id: "third", label: "Third", settings: .folder(path: test.outbox))
        try test.campaign.write { try ExternalAccountStore().save(account, in: $0) }
        var draft = SharedDataSourceDraft(id: "Later", number: 14_020, key: "externalId")
        draft.exportAccount = "third"
        try await test.source(draft)
        for isForced in [false, true] {
            let problem = #expect(throws: Problem.self) { try delete("third", test, isForced: isForced) }
            #expect(problem?.kind == .accountInUse)
        }
    }

    @Test(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
    func `the command tells what stops`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        let command = ["accounts", "delete", ExternalAccount.importID]
        let refused = try ProgramProcess(command, data: test.data.path, isHeard: true).finish()
        #expect(refused.exitCode == 1)
        #expect(refused.errors.contains("(accounts.in-use)"))
        let forced = try ProgramProcess(command + ["--force"], data: test.data.path, isHeard: true).finish()
        #expect(forced.exitCode == 0)
        #expect(forced.output.contains("deleted; nothing is imported for Plain until it is configured again"))
    }
}
