// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Matching
import Storage
import Surroundings
import Testing

@testable import Campaign

/// Exports to accounts of every kind, with servers that are real.
@Suite struct ShareToPartnerTests {
    private func makeTest(
        _ kind: AccountKind,
        _ rules: AccountRules = AccountRules()
    ) async throws -> (test: TestCampaign, partner: Partner) {
        let test = try TestCampaign(.running)
        try await test.makePlain()
        try test.load((["externalId"] + (1...40).map { "C\($0)" }).joined(separator: "\n"))
        _ = try test.campaign.write { database in
            try AudienceStore().insert(label: "List", .list, members: MemberSet([1, 2]), at: 0, in: database)
        }
        let partner = try await Partner(kind)
        try test.connect(ExternalAccount.exportID, to: partner, rules)
        return (test, partner)
    }

    private func share(_ test: TestCampaign, _ options: ShareOptions) async throws -> Receipt {
        try await Shares(test.campaign)
            .share(
                "List",
                into: .number(77),
                SharedDataSource.ID("Plain"),
                isReplacing: true,
                options: options
            ).receipt
    }

    private func setMembers(_ numbers: [ProfileNumber], _ test: TestCampaign) throws {
        try test.campaign.write { database in
            try AudienceStore().publish(MemberSet(numbers), to: Audience.ID("AUD1"), at: 0, in: database)
        }
    }

    /// The name of a file without the folder of the day that inbound drops in S3 are in.
    private func file(_ name: String, _ kind: AccountKind) throws -> String {
        guard kind == .s3 else { return name }
        #expect(name.wholeMatch(of: /date=\d{4}-\d\d-\d\d\/[^\/]+/) != nil)
        return String(name.drop { $0 != "/" }.dropFirst())
    }

    @Test(arguments: AccountKind.available)
    func `an audience is shared, and by the next sync what has changed`(_ kind: AccountKind) async throws {
        let (test, partner) = try await makeTest(kind)
        try await partner.put("theirs", at: "notes.txt")
        var options = ShareOptions()
        options.isGzip = false
        let first = try await share(test, options)
        #expect(first.state == .completed)
        // A server of S3 may close a connection just as it is used again; the request is sent once more then.
        #expect(kind == .s3 ? first.attempts < 5 : first.attempts == 1)
        #expect(first.stages.contains { $0.stage == "publishing" })
        #expect(try await partner.names().sorted() == ["notes.txt", first.files[0].name].sorted())
        #expect(InboundFileName(parsing: try file(first.files[0].name, kind)) != nil)
        #expect(try await partner.text(first.files[0].name) == "C1\td_sid=77\nC2\td_sid=77\n")
        #expect(try await test.exchange().isQuiet)

        try setMembers([2, 3], test)
        #expect(try await test.exchange().receipts.map(\.state) == ["completed"])
        let second = try #require(try test.receipts.last)
        #expect(second.change == ShareChange(added: 1, removed: 1, kept: 1))
        #expect(try await partner.text(second.files[0].name) == "C1\td_unsid=77\nC3\td_sid=77\n")
        #expect(try await partner.names().count == 3)
        #expect(try await test.exchange().isQuiet)
    }

    @Test(arguments: AccountKind.available)
    func `a large audience is shared in several files, all whole`(_ kind: AccountKind) async throws {
        let (test, partner) = try await makeTest(kind)
        let zeros = String(repeating: "0", count: 90)
        try test.load((["externalId"] + (1...3_000).map { "D\($0)\(zeros)" }).joined(separator: "\n"))
        try setMembers((41...3_040).map { ProfileNumber($0) }, test)
        var options = ShareOptions()
        options.splitByteCount = 110_000
        let receipt = try await share(test, options)
        #expect(receipt.files.count > 2)
        #expect(try await partner.names() == receipt.files.map(\.name).sorted())
        for stated in receipt.files {
            let bytes = try await partner.contents(stated.name)
            #expect(HexText.string(try Digester(.sha256).digest(bytes)) == stated.sha256)
        }
    }

    @Test(arguments: AccountKind.available)
    func `files that we wrote are deleted after their time, and no others`(_ kind: AccountKind) async throws {
        let (test, partner) = try await makeTest(kind, AccountRules(retentionDays: 15))
        let old = try await share(test, ShareOptions()).files[0].name
        try await partner.put("theirs", at: "ftp_dpm_14020_1486140844.sync")
        test.pass(seconds: 14 * 86_400)
        try setMembers([1, 2, 3], test)
        #expect(try await test.exchange().receipts.map(\.state) == ["completed"])
        let new = try #require(try test.receipts.last).files[0].name
        let theirs = "ftp_dpm_14020_1486140844.sync"
        #expect(try await partner.names() == [old, new, theirs].sorted())
        test.pass(seconds: 2 * 86_400)
        #expect(try await test.exchange().isQuiet)
        #expect(try await partner.names() == [new, theirs].sorted())
        #expect(try await test.exchange().isQuiet)
    }

    @Test func `an account that was disabled keeps no other from being worked on`() async throws {
        let (test, partner) = try await makeTest(.folder, AccountRules(retentionDays: 15))
        let name = try await share(test, ShareOptions()).files[0].name
        let account = try partner.account(ExternalAccount.exportID, sealer: test.campaign.sealer)
        let disabled = ExternalAccount(
            id: account.id,
            label: account.label,
            settings: account.settings,
            rules: AccountRules(retentionDays: 15),
            isEnabled: false
        )
        try test.campaign.write { try ExternalAccountStore().save(disabled, isReplacing: true, in: $0) }
        test.pass(seconds: 16 * 86_400)
        let audience = try test.define("24", "Plain")
        try test.drop("s3_1_14020_full_1486140844000.sync", "C1 24\n")
        #expect(try await test.exchange().receipts.map(\.state) == ["completed"])
        #expect(try test.members(audience) == ["C1"])
        #expect(try await partner.names() == [name])
    }
}
