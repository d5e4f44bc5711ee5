// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Problems
import Storage
import Testing

@testable import Campaign

@Suite struct ImportPreviewTests {
    private func preview(
        _ test: TestCampaign,
        _ text: String,
        _ source: String,
        isForced: Bool = false,
        name: String = "sample.txt"
    ) throws -> PreviewReport {
        let path = "\(test.root)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: path))
        return try ImportPreview(test.campaign)
            .run(path, segment: "24", SharedDataSource.ID(source), isReconciliationForced: isForced)
    }

    @Test func `a control file is not previewed as if its lines were IDs`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        let refusal = await problem {
            _ = try preview(test, "{}", "Plain", name: "s3_1_14020_full_1486140844000.info")
        }
        #expect(refusal?.kind.code == "files.unreadable")
    }

    @Test func `a preview counts like an import and stores nothing`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId,ccpaOptOut\nA,0\nB,1\n")
        let text = "A 24\nA 24\nB 24\nX 24\nA 99\nnonsense\n"
        let report = try preview(test, text, "Plain")
        #expect(report.received == 6)
        #expect(report.members == 1)
        #expect(try test.receipts.isEmpty)
        #expect(try test.campaign.read { try AudienceStore().list(limit: 10, in: $0) }.isEmpty)
        #expect(try test.names(in: test.data.rejected).isEmpty)
        #expect(try test.names(in: test.data.spool).isEmpty)
        let audience = try test.define("24", "Plain")
        try test.drop("s3_1_14020_full_1486140844000.sync", text)
        let receipt = try await test.syncOne()
        #expect(receipt.counts[.matched] == report.matched)
        #expect(receipt.counts[.duplicate] == report.duplicate)
        #expect(receipt.counts[.unknown] == report.unknown)
        #expect(receipt.counts[.malformed] == report.malformed)
        #expect(receipt.counts[.suppressed] == report.suppressed)
        #expect(receipt.counts[.notRequested] == report.notRequested)
        #expect(try test.members(audience).count == report.members)
    }

    @Test func `it tells which other normalization would have matched more`() async throws {
        let test = try TestCampaign()
        try await test.source(
            SharedDataSourceDraft(
                id: "Raw",
                number: 7,
                key: "email",
                normalize: "trim",
                hash: "sha256",
                acceptsTerms: true
            )
        )
        try test.load("externalId,email\nA,Ann@X.com\nB,bob@x.com\nC,Zoe@x.com\n")
        let people = ["ann@x.com", "bob@x.com", "zoe@x.com", "nobody@x.com"]
        let text = try people.map { "\(try TestFiles.hex(.sha256, $0)) 24\n" }.joined()
        let report = try preview(test, text, "Raw")
        #expect(report.matched == 1)
        #expect(report.unknown == 3)
        // All that contain lower find the same two more; the one with the fewest steps is told, with the total.
        #expect(report.alternatives.map(\.normalize) == ["lower"])
        #expect(report.alternatives.map(\.wouldMatch) == [3])
        #expect(report.alternatives.map(\.more) == [2])
        #expect(report.text.contains("normalization lower would match 3 lines in all, 2 more"))
    }

    @Test func `the normalization without any step is called none`() async throws {
        let test = try TestCampaign()
        try await test.makeHashed()
        try test.load("externalId,email\nA,Ann@X.com\n")
        let report = try preview(test, "\(try TestFiles.hex(.sha256, "Ann@X.com")) 24\n", "Hashed")
        #expect(report.alternatives.map(\.normalize) == ["none"])
        #expect(report.text.contains("normalization none would match 1 line in all, 1 more"))
    }

    @Test func `alternatives are found for encrypted and for plain IDs too`() async throws {
        let test = try TestCampaign()
        try await test.makeEncrypted()
        try await test.source(SharedDataSourceDraft(id: "Mail", number: 7, key: "email", acceptsTerms: true))
        try test.load("externalId,email\nA,Ann@X.com\n")
        let encrypted = try preview(
            test,
            "\(try TestFiles.encrypted("ann@x.com")) 24\n",
            "Encrypted",
            isForced: true
        )
        #expect(encrypted.unknown == 1)
        #expect(encrypted.alternatives.contains { $0.normalize == "lower" && $0.wouldMatch == 1 })
        let plain = try preview(test, "ann@x.com 24\n", "Mail")
        #expect(plain.alternatives.contains { $0.normalize == "lower" && $0.wouldMatch == 1 })
    }

    @Test func `a preview of addresses tells the kind of audience`() async throws {
        let test = try TestCampaign()
        try await test.makeEncrypted()
        try test.load("externalId,email\nA,a@x.com\n")
        let text = try ["a@x.com", "b@x.com", "b@x.com"].map { "\(try TestFiles.encrypted($0)) 24\n" }
            .joined()
        let report = try preview(test, text, "Encrypted")
        #expect(report.audienceType == "file")
        #expect(report.members == 2)
        #expect(report.duplicate == 1)
    }

    @Test func `a name of another data source is said`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\n")
        let report = try preview(test, "A 24\n", "Plain", name: "s3_1_99_full_1486140844000.sync")
        #expect(report.note?.contains("99") == true)
        #expect(report.matched == 1)
    }

    @Test func `a file that can't be read is a problem`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        let missing = await problem {
            _ = try ImportPreview(test.campaign)
                .run("/nowhere", segment: "24", SharedDataSource.ID("Plain"), isReconciliationForced: false)
        }
        #expect(missing?.kind.code == "files.unreadable")
        #expect(missing?.advice.contains("audience file") == true)
        #expect(missing?.advice.contains("CSV") == false)
        let empty = await problem { _ = try preview(test, "", "Plain") }
        #expect(empty?.kind.code == "imports.file-empty")
    }
}
