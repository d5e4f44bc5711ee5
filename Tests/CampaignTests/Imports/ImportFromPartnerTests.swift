// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Storage
import Surroundings
import Testing

@testable import Campaign

/// Imports from accounts of every kind, with servers that are real.
@Suite struct ImportFromPartnerTests {
    private func makeTest(
        _ kind: AccountKind,
        _ rules: AccountRules
    ) async throws -> (test: TestCampaign, partner: Partner, audience: String) {
        let test = try TestCampaign(.running)
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        let partner = try await Partner(kind)
        try test.connect(ExternalAccount.importID, to: partner, rules)
        return (test, partner, try test.define("24", "Plain"))
    }

    @Test(arguments: AccountKind.available, [AccountRules.AfterReading.delete, .move(folder: "done/here")])
    func `what the pattern names is imported once, and deleted or moved afterwards`(
        _ kind: AccountKind,
        _ after: AccountRules.AfterReading
    ) async throws {
        let rules = AccountRules(pattern: "s3_*_full_*.sync", afterReading: after)
        let (test, partner, audience) = try await makeTest(kind, rules)
        let name = "s3_1_14020_full_1486140844000.sync"
        let other = "s3_1_14020_iter_1486140845000.sync"
        try await partner.put("A 24\nX 24\n", at: "drop/\(name)")
        try await partner.put("B 24\n", at: other)
        try await partner.put("theirs", at: "notes.txt")
        let report = try await test.exchange()
        #expect(report.receipts.count == 1)
        let receipt = try #require(try test.receipts.first)
        #expect(receipt.account == "completed with rejects 2: matched 1, unknown 1")
        #expect(receipt.files.map(\.name) == ["drop/\(name)"])
        // A server of S3 may close a connection just as it is used again; the request is sent once more then.
        #expect(kind == .s3 ? receipt.attempts < 5 : receipt.attempts == 1)
        #expect(receipt.stages.contains { $0.stage == "fetch" } == (kind != .folder))
        // From the file's time, which S3 tells in whole seconds, to the end of the import.
        #expect((0..<60).contains(try #require(receipt.usableAfter)))
        #expect(report.text.contains("after the file was complete in its account"))
        #expect(try test.members(audience) == ["A"])
        let moved = after == .delete ? [] : ["done/here/drop/\(name)"]
        #expect(try await partner.names() == (moved + ["notes.txt", other]).sorted())
        #expect(try await test.exchange().isQuiet)
        #expect(try test.receipts.count == 1)
        #expect(try test.names(in: test.data.spool).isEmpty)
    }

    @Test(arguments: AccountKind.available)
    func `a split set waits for its control file, and is read whole`(_ kind: AccountKind) async throws {
        let (test, partner, audience) = try await makeTest(kind, AccountRules())
        let files = [
            (name: "s3_1_14020_full_1486140844000-1.sync.gz", bytes: TestFiles.gzip("A 24\n"), lines: 1),
            (name: "s3_1_14020_full_1486140844000-2.sync.gz", bytes: TestFiles.gzip("B 24\n"), lines: 1),
        ]
        let control = try TestFiles.control(files)
        try await partner.put(files[0].bytes, at: files[0].name)
        try await partner.put(control, at: "s3_1_14020_full_1486140844000.info")
        let early = try await test.exchange()
        #expect(early.receipts.isEmpty)
        #expect(early.waiting.count == 1)
        #expect(try test.members(audience).isEmpty)
        try await partner.put(files[1].bytes, at: files[1].name)
        #expect(try await test.exchange().receipts.map(\.state) == ["completed"])
        #expect(try test.members(audience) == ["A", "B"])
        #expect(try await test.exchange().isQuiet)
        #expect(try await partner.names().count == 3)
    }
}
