// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Problems
import Storage
import Terminal
import Testing
import Transfer

@testable import Campaign

/// What a file's name promises, and files that are left alone.
@Suite struct ImportNameTests {
    private func makeTest(destination: Int? = nil) async throws -> (test: TestCampaign, audience: String) {
        let test = try TestCampaign()
        try await test.makePlain(destination: destination)
        try test.load("externalId\n" + ["A", "B", "C", "D", "E"].joined(separator: "\n"))
        return (test, try test.define("24", "Plain"))
    }

    @Test func `a file of another destination is refused by its name`() async throws {
        let (test, audience) = try await makeTest(destination: 46_390)
        try test.drop("s3_46391_14020_full_1486140844000.sync", "A 24\n")
        let receipt = try await test.syncOne()
        #expect(receipt.code == "imports.destination-differs")
        #expect(try receipt.files.map(\.sha256) == [TestFiles.hex(.sha256, "A 24\n")])
        #expect(receipt.failure?.summary.contains("46391") == true)
        #expect(try test.members(audience).isEmpty)
        #expect(try await test.sync().isQuiet)
        try test.drop("s3_46390_14020_full_1486140844000.sync", "A 24\n")
        #expect(try await test.syncOne().account == "completed 1: matched 1")
    }

    @Test func `a name that lies about its data source publishes nothing`() async throws {
        let (test, audience) = try await makeTest()
        try await test.makeHashed()
        let hashed = try test.define("24", "Hashed")
        try test.load("externalId,email\nF,f@x.com\n")
        try test.drop("s3_1_14017_full_1486140844000.sync", "\(try TestFiles.hex(.sha256, "f@x.com")) 24\n")
        try await test.syncOne()
        // Plain IDs in a file that says it holds hashed ones.
        try test.drop("s3_1_14017_full_1486227244000.sync", "A 24\nB 24\n")
        let receipt = try await test.syncOne()
        #expect(receipt.code == "imports.file-of-other-source")
        #expect(receipt.failure?.summary.contains("Not one of the 2 lines") == true)
        #expect(try test.members(hashed) == ["F"])
        #expect(try test.members(audience).isEmpty)
    }

    @Test(arguments: [
        "readme.txt", "s3_1_14020_full_1486140844000.sync.gz.gpg", "s3_1_14020_full_123.sync",
        "ftp_dpm_14020_1486140844.sync.gz.gpg", "ftp_dpm_14020_1486140844.sync.pgp",
        "ftp_dpm_odc_14020_1486140844.sync",
    ])
    func `files that are none of ours are named and left alone`(name: String) async throws {
        let (test, _) = try await makeTest()
        try test.drop(name, "A 24\n")
        let report = try await test.sync()
        #expect(report.ignored.map(\.file) == [name])
        #expect(report.receipts.isEmpty)
        #expect(try test.ledger.isEmpty)
    }

    @Test(arguments: ["adobe_id_0_102_1476312152.sync", "c2c_id_99999_888_1477846022.sync.gz"])
    func `an ID-sync file is called one`(name: String) async throws {
        let (test, _) = try await makeTest()
        try test.drop(name, "1\tA\n")
        #expect(try await test.sync().ignored.map(\.reason).first?.contains("ID-sync file") == true)
    }

    @Test func `an audience file that may not be read is a problem with the way out`() async throws {
        let (test, _) = try await makeTest()
        func closed(_ name: String) throws -> RemoteFile {
            let path = try RemotePath(name)
            let denied = TransferError.denied(path, errno: EACCES)
            return RemoteFile(path: path, byteCount: 5, modifiedNanoseconds: 0, obstacle: denied)
        }
        var findings = ImportDiscovery.Findings()
        let remotes = [try closed("s3_1_14020_full_1486140844000.sync"), try closed("readme.txt")]
        try ImportDiscovery(test.campaign).group(remotes, of: "importSharedAudience", into: &findings)
        #expect(findings.unreadable.map(\.file) == ["s3_1_14020_full_1486140844000.sync"])
        #expect(findings.ignored.map(\.file) == ["readme.txt"])
        var report = SyncReport()
        report.unreadable = findings.unreadable
        #expect(report.hasFailures)
        #expect(!report.isQuiet)
        #expect(report.text.contains("the right to read the file"))
    }
}
