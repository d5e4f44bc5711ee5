// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Problems
import Storage
import Terminal
import Testing
import Transfer

@testable import Campaign

/// Which files are read together, which wait, which are refused before a line is read.
@Suite struct ImportSetTests {
    private func makeTest(destination: Int? = nil) async throws -> (test: TestCampaign, audience: String) {
        let test = try TestCampaign()
        try await test.makePlain(destination: destination)
        try test.load("externalId\n" + ["A", "B", "C", "D", "E"].joined(separator: "\n"))
        return (test, try test.define("24", "Plain"))
    }

    @Test func `glued parts wait for the one in front that has no number`() async throws {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844000001.sync", "B 24\n")
        try test.drop("s3_1_14020_full_1486140844000002.sync", "C 24\n")
        _ = try await test.sync()
        #expect(try test.members(audience).isEmpty)
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        _ = try await test.sync()
        #expect(try test.members(audience) == ["A", "B", "C"])
    }

    @Test func `a control file that comes after its data changes nothing any more`() async throws {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_iter_1486140844000.sync", "A 24\n")
        _ = try await test.sync()
        try test.drop("s3_1_14020_iter_1486140845000.sync", "A  24\n")
        _ = try await test.sync()
        try test.drop("s3_1_14020_iter_1486140844000.info", "{}")
        _ = try await test.sync()
        #expect(try test.members(audience).isEmpty)
        #expect(try test.receipts.count == 2)
    }

    @Test(arguments: [
        ["_1486140844000.sync", "_1486140844000001.sync", "_1486140844000002.sync"],
        ["_1486140844000.sync.gz", "_1486140844000001.sync.gz", "_1486140844000002.sync.gz"],
        ["_1486140844000-1.csv", "_1486140844000-2.csv", "_1486140844000-3.csv"],
        ["_1486140844-1.sync", "_1486140844-2.sync", "_1486140844-3.sync"],
        ["_1486140844.sync", "_1486140844001.sync", "_1486140844002.sync"],
        ["_My_Alias_1486140844000.txt", "_My_Alias_1486140844000001.txt", "_My_Alias_1486140844000002.txt"],
    ])
    func `split sets in every spelling are read whole, and wait for a missing part`(names: [String])
        async throws
    {
        let (test, audience) = try await makeTest()
        let parts = ["A 24\n", "B 24\nX 24\n", "C 24\n"]
        func drop(_ part: Int) throws {
            let name = (part == 1 ? "S3_1_14020" : "s3_1_14020") + "_full" + names[part]
            let full = name.replacing("_full_My_Alias", with: "_My_Alias_full")
            try test.drop(full, full.hasSuffix(".gz") ? TestFiles.gzip(parts[part]) : Array(parts[part].utf8))
        }
        try drop(0)
        try drop(2)
        let waiting = try await test.sync()
        #expect(waiting.receipts.isEmpty)
        #expect(waiting.waiting.map(\.reason).first?.contains("is missing") == true)
        #expect(try test.members(audience).isEmpty)
        #expect(try test.receipts.map(\.state) == [.waiting])
        try drop(1)
        let receipt = try await test.syncOne()
        #expect(receipt.account == "completed with rejects 4: matched 3, unknown 1")
        #expect(receipt.files.count == 3)
        #expect(try test.members(audience) == ["A", "B", "C"])
        #expect(try test.rejected(receipt) == ["2 unknown-id X 24"])
        #expect(try test.receipts.count == 1)
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test func `parts that arrived a moment ago wait for more`() async throws {
        let (test, _) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n", age: 60)
        try test.drop("s3_1_14020_full_1486140844000001.sync", "B 24\n", age: 1)
        #expect(try await test.sync().waiting.count == 1)
        test.pass(seconds: 1)
        #expect(try await test.syncOne().account == "completed 2: matched 2")
    }

    @Test func `a set that waited and has left is cancelled, and comes back as a new one`() async throws {
        let (test, audience) = try await makeTest()
        let names = ["s3_1_14020_full_1486140844-1.sync", "s3_1_14020_full_1486140844-3.sync"]
        for name in names { try test.drop(name, "A 24\n") }
        _ = try await test.sync()
        #expect(try test.receipts.map(\.state) == [.waiting])
        // While a file of it is there the set waits on.
        try FileManager.default.removeItem(atPath: "\(test.inbox)/\(names[0])")
        #expect(try await test.sync().receipts.isEmpty)
        #expect(try test.receipts.map(\.state) == [.waiting])
        try FileManager.default.removeItem(atPath: "\(test.inbox)/\(names[1])")
        let report = try await test.sync()
        #expect(report.receipts.map(\.state) == ["cancelled"])
        #expect(!report.hasFailures)
        #expect(try test.receipts.map(\.code) == ["imports.set-left"])
        #expect(try test.ledger.allSatisfy { $0.hasSuffix(" discovered") })
        #expect(try await test.sync().isQuiet)
        let parts = ["1", "2", "3"]
        for part in parts { try test.drop("s3_1_14020_full_1486140844-\(part).sync", "A 24\n") }
        #expect(try await test.syncOne().account == "completed 3: matched 1, duplicate 2")
        #expect(try test.members(audience) == ["A"])
    }

    @Test func `a set of an account that can't be listed waits on`() async throws {
        let (test, _) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844-2.sync", "A 24\n")
        _ = try await test.sync()
        try FileManager.default.moveItem(atPath: test.inbox, toPath: test.inbox + ".away")
        _ = try await test.sync()
        #expect(try test.receipts.map(\.state) == [.waiting])
    }

    @Test func `a late part brings the whole set again`() async throws {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        try await test.syncOne()
        try test.drop("s3_1_14020_full_1486140844000001.sync", "B 24\n")
        #expect(try await test.syncOne().account == "completed 2: matched 2")
        #expect(try test.members(audience) == ["A", "B"])
    }

    // Control files

    @Test func `a control file that comes first makes its files wait, then lets them in`() async throws {
        let (test, audience) = try await makeTest()
        let files = [
            (name: "s3_1_14020_full_1486140844000.sync.gz", bytes: TestFiles.gzip("A 24\nB 24\n"), lines: 2),
            (name: "s3_1_14020_full_1486140844000001.sync.gz", bytes: TestFiles.gzip("\nC 24\n"), lines: 2),
        ]
        try test.drop("s3_1_14020_full_1486140844000.info", TestFiles.control(files))
        #expect(try await test.sync().waiting.map(\.reason) == ["Only the control file has arrived."])
        try test.drop(files[0].name, files[0].bytes)
        let reasons = try await test.sync().waiting.map(\.reason)
        #expect(reasons == ["1 of 2 parts are missing, the first is \(files[1].name)."])
        try test.drop(files[1].name, Array(files[1].bytes.dropLast(3)))
        #expect(try await test.sync().waiting.first?.reason.contains("is still arriving") == true)
        #expect(try test.members(audience).isEmpty)
        try test.drop(files[1].name, files[1].bytes, age: 30)
        #expect(try await test.syncOne().account == "completed with rejects 4: matched 3, malformed 1")
        #expect(try test.members(audience) == ["A", "B", "C"])
    }

    /// What a control file may say wrongly.
    enum Disagreement: CaseIterable {
        case md5
        case size
        case lines
        case name
        case totals
        case junk
    }

    @Test(arguments: Disagreement.allCases)
    func `a control file that disagrees refuses the whole set, once`(disagreement: Disagreement) async throws
    {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_full_1486054444000.sync", "E 24\n")
        try await test.syncOne()
        let name = "s3_1_14020_full_1486140844000.sync"
        let bytes = Array("A 24\nB 24\n".utf8)
        let control: String
        switch disagreement {
        case .md5: control = try TestFiles.control([(name, bytes, 2)], md5: String(repeating: "0", count: 32))
        case .size: control = try TestFiles.control([(name, bytes.dropLast(1), 2)])
        case .lines: control = try TestFiles.control([(name, bytes, 3)])
        case .name:
            control = try TestFiles.control([(name, bytes, 2)])
            try test.drop("s3_1_14020_full_1486140844000001.sync", "C 24\n")
        case .totals:
            control = try TestFiles.control([(name, bytes, 2)])
                .replacing("\"TotalNumberLines\":2", with: "\"TotalNumberLines\":7")
        case .junk: control = "{ \"Files\": ["
        }
        try test.drop(name, bytes)
        try test.drop("s3_1_14020_full_1486140844000.info", control)
        let receipt = try await test.syncOne()
        #expect(receipt.state == .failed)
        #expect(receipt.code == "imports.control-file-disagrees")
        #expect(try test.members(audience) == ["E"])
        #expect(try await test.sync().receipts.isEmpty)
        #expect(try test.names(in: test.data.rejected).isEmpty)
        // Sent again under the same names, it is read.
        try test.drop(name, bytes, age: 10)
        try? FileManager.default.removeItem(atPath: "\(test.inbox)/s3_1_14020_full_1486140844000001.sync")
        try test.drop("s3_1_14020_full_1486140844000.info", TestFiles.control([(name, bytes, 2)]), age: 10)
        #expect(try await test.syncOne().account == "completed 2: matched 2")
        #expect(try test.members(audience) == ["A", "B"])
    }

    @Test(arguments: [
        ("", "is empty"), ("\n{ \"Files\": [", "line 2, column "),
        ("{\"Files\":[],\"Totals\":{\"TotalNumberLines\":7}}", "say 7"),
    ])
    func `a control file that can't be right is named itself`(text: String, words: String) async throws {
        let (test, _) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        try test.drop("s3_1_14020_full_1486140844000.info", text)
        let receipt = try await test.syncOne()
        #expect(receipt.code == "imports.control-file-disagrees")
        #expect(receipt.failure?.summary.contains("s3_1_14020_full_1486140844000.info") == true)
        #expect(receipt.failure?.summary.contains(words) == true)
    }

    // Files that are known, old or somebody else's

    @Test func `a file is loaded once, however often it is looked at`() async throws {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_iter_1486140844000.sync", "A 24\n")
        try await test.syncOne()
        for _ in 0..<3 { #expect(try await test.sync().isQuiet) }
        #expect(try test.receipts.count == 1)
        #expect(try test.members(audience) == ["A"])
        #expect(try test.ledger == ["s3_1_14020_iter_1486140844000.sync loaded"])
    }

    @Test(arguments: ["touched", "alias", "folder"])
    func `the same bytes under the same moment are recognised and change nothing`(way: String) async throws {
        let (test, audience) = try await makeTest()
        let name = "s3_1_14020_iter_1486140844000.sync"
        try test.drop(name, "A 24\n")
        try await test.syncOne()
        try test.drop("s3_1_14020_iter_1486227244000.sync", "A  24\nB 24\n")
        try await test.syncOne()
        switch way {
        case "touched": try test.drop(name, "A 24\n", age: 5)
        case "alias": try test.drop("s3_1_14020_Partner_iter_1486140844000.sync", "A 24\n")
        default: try test.drop("copies/\(name)", "A 24\n")
        }
        let report = try await test.sync()
        #expect(report.receipts.isEmpty)
        #expect(report.recognised.count == 1)
        #expect(try test.members(audience) == ["B"])
        #expect(try await test.sync().recognised.isEmpty)
    }

    @Test func `the same bytes at a later moment are read, and the receipt says so`() async throws {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        let first = try await test.syncOne()
        try test.drop("s3_1_14020_full_1486227244000.sync", "B 24\n")
        try await test.syncOne()
        try test.drop("s3_1_14020_full_1486300000000.sync", "A 24\n")
        let third = try await test.syncOne()
        #expect(third.sameAs == first.id)
        #expect(try test.members(audience) == ["A"])
    }

    @Test(arguments: ["full", "iter"])
    func `a file older than the last full one is left alone, and that is said once`(mode: String) async throws
    {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_full_1486227244000.sync", "A 24\n")
        try await test.syncOne()
        try test.drop("s3_1_14020_\(mode)_1486140844000.sync", "B 24\n")
        let receipt = try await test.syncOne()
        #expect(receipt.state == .cancelled)
        #expect(receipt.code == "imports.file-superseded")
        #expect(try receipt.files.map(\.sha256) == [TestFiles.hex(.sha256, "B 24\n")])
        #expect(receipt.files.map(\.bytes) == [5])
        #expect(try test.members(audience) == ["A"])
        #expect(try await test.sync().isQuiet)
    }

    @Test func `a file that comes too late is no failure of the sync`() async throws {
        let (test, _) = try await makeTest()
        try test.drop("s3_1_14020_full_1486227244000.sync", "A 24\n")
        try await test.syncOne()
        try test.drop("s3_1_14020_full_1486140844000.sync", "B 24\n")
        let report = try await test.sync()
        #expect(!report.hasFailures)
        #expect(!report.hasRejects)
        #expect(report.text.contains("older than the full file"))
    }

    @Test func `a checksum that is not known is null`() async throws {
        let (test, _) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844000.sync", [0x1F, 0x8B, 8, 0])
        let receipt = try await test.syncOne()
        #expect(receipt.state == .failed)
        #expect(receipt.files.map(\.sha256) == [nil])
        #expect(try JSONText.encode(ReceiptReport(receipt)).contains("\"sha256\" : null"))
    }

    @Test func `files that arrive together are read in the order of their moments`() async throws {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_iter_1486300000000.sync", "A  24\n")
        try test.drop("s3_1_14020_iter_1486227244000.sync", "A 24\nB 24\n")
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\nC 24\n")
        let report = try await test.sync()
        #expect(report.receipts.count == 3)
        #expect(try test.members(audience) == ["B", "C"])
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

    @Test func `files of a data source that nobody defined wait`() async throws {
        let (test, _) = try await makeTest()
        try test.drop("s3_1_555_full_1486140844000.sync", "A 24\n")
        let report = try await test.sync()
        #expect(report.waiting.map(\.reason) == ["No shared data source has the number 555."])
        try await test.source(
            SharedDataSourceDraft(id: "Late", number: 555, key: "externalId", acceptsTerms: true)
        )
        #expect(try await test.sync().waiting.first?.reason.hasPrefix("No audience asks") == true)
        let audience = try test.define("24", "Late")
        #expect(try await test.syncOne().account == "completed 1: matched 1")
        #expect(try test.members(audience) == ["A"])
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
