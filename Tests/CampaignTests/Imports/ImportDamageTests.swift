// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Testing

@testable import Campaign

/// Files that are broken, junk or gone: each ends in a counted reason or a clear problem, and nothing half-done is seen.
@Suite struct ImportDamageTests {
    private static let name = "s3_1_14020_full_1486140844000.sync"

    private func makeTest() async throws -> (test: TestCampaign, audience: String) {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\nC\n")
        let audience = try test.define("24", "Plain")
        try test.drop("s3_1_14020_full_1486054444000.sync", "C 24\n")
        try await test.syncOne()
        return (test, audience)
    }

    /// A file that can't be read, and the code of the problem.
    struct Refused: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let code: String
        let bytes: [UInt8]
        var ending = ""
    }

    private static let text = String(repeating: "A 24\nB 24\n", count: 20_000)

    static let refused: [Refused] = [
        Refused(testDescription: "no byte", code: "imports.file-empty", bytes: []),
        Refused(testDescription: "a byte order mark", code: "imports.file-empty", bytes: [0xEF, 0xBB, 0xBF]),
        Refused(
            testDescription: "gzip of nothing",
            code: "imports.file-empty",
            bytes: TestFiles.gzip(""),
            ending: ".gz"
        ),
        Refused(
            testDescription: "gzip that breaks off",
            code: "imports.file-damaged",
            bytes: TestFiles.gzip(text).dropLast(70_000),
            ending: ".gz"
        ),
        Refused(
            testDescription: "gzip without its last byte",
            code: "imports.file-damaged",
            bytes: TestFiles.gzip(text).dropLast(1),
            ending: ".gz"
        ),
        Refused(
            testDescription: "gzip with a wrong checksum",
            code: "imports.file-damaged",
            bytes: TestFiles.gzip(text).dropLast(8) + [1, 2, 3, 4] + TestFiles.gzip(text).suffix(4),
            ending: ".gz"
        ),
        Refused(
            testDescription: "gzip with junk behind it",
            code: "imports.file-damaged",
            bytes: TestFiles.gzip(text) + Array("junk".utf8),
            ending: ".gz"
        ),
        Refused(
            testDescription: "UTF-16",
            code: "imports.file-encoding",
            bytes: [0xFF, 0xFE] + "A 24\n".utf8.flatMap { [$0, 0] }
        ),
        Refused(
            testDescription: "UTF-16 inside gzip",
            code: "imports.file-encoding",
            bytes: TestFiles.gzip([0xFE, 0xFF] + "A 24\n".utf8.flatMap { [0, $0] }),
            ending: ".gz"
        ),
        Refused(
            testDescription: "an OpenPGP message",
            code: "imports.file-encoding",
            bytes: Array("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n".utf8)
        ),
        Refused(
            testDescription: "zero bytes and nothing else",
            code: "imports.file-of-other-source",
            bytes: [UInt8](repeating: 0, count: 10_000)
        ),
        Refused(
            testDescription: "blank lines",
            code: "imports.file-of-other-source",
            bytes: Array(repeating: 0x0A, count: 100)
        ),
    ]

    @Test(arguments: refused)
    func `a file that can't be right is refused once, by its name, and changes nothing`(file: Refused)
        async throws
    {
        let (test, audience) = try await makeTest()
        try test.drop(Self.name + file.ending, file.bytes)
        let receipt = try await test.syncOne()
        #expect(receipt.state == .failed)
        #expect(receipt.code == file.code)
        #expect(receipt.failure?.summary.contains(Self.name) == true)
        #expect(receipt.failure?.advice.isEmpty == false)
        #expect(try test.members(audience) == ["C"])
        #expect(try await test.sync().isQuiet)
        // A file that was read to its end has its lines accounted for, though none counts.
        let isRead = file.code == "imports.file-of-other-source"
        #expect(receipt.counts.sum == receipt.received)
        #expect(receipt.counts[.matched] == 0)
        #expect((receipt.received > 0) == isRead)
        #expect(try test.names(in: test.data.rejected).isEmpty == !isRead)
        #expect(try test.names(in: test.data.spool).isEmpty)
        #expect(try test.ledger.last == "\(Self.name)\(file.ending) rejected")
        // A whole file of the same name is read.
        try test.drop(Self.name + file.ending, Array("A 24\n".utf8), age: 5)
        #expect(try await test.syncOne().account == "completed 1: matched 1")
        #expect(try test.members(audience) == ["A"])
    }

    @Test func `a full file of another source that asks for nothing of ours empties no audience`()
        async throws
    {
        let test = try TestCampaign()
        try await test.makeHashed()
        try test.load("externalId,email\nA,a@x.com\n")
        let audience = try test.define("24", "Hashed")
        let id = try TestFiles.hex(.sha256, "a@x.com")
        try test.drop("s3_1_14017_full_1486140844000.sync", "\(id) 24\n")
        try await test.syncOne()
        // Visitor IDs under the number of a source of digests, for segments of their own source.
        let visitor = String(repeating: "1", count: 38)
        try test.drop("s3_1_14017_full_1486227244000.sync", "\(visitor) 77\n\(visitor) 78\n")
        let receipt = try await test.syncOne()
        #expect(receipt.code == "imports.file-of-other-source")
        #expect(try test.members(audience) == ["A"])
        // The segment may well have been emptied: then there are IDs of the source, for others.
        try test.drop("s3_1_14017_full_1486313644000.sync", "\(id) 77\n")
        #expect(try await test.syncOne().state == .completed)
        #expect(try test.members(audience).isEmpty)
    }

    @Test func `a line that is malformed has its reason, and the file goes on`() async throws {
        let (test, audience) = try await makeTest()
        let lines: [(text: [UInt8], reason: String)] = [
            (Array("A".utf8), "no-segments"),
            (Array("A ".utf8), "no-segments"),
            ([], "empty-line"),
            (Array(" A 24".utf8), "empty-id"),
            (Array("A 24 25 26".utf8), "too-many-fields"),
            (Array("A 24,,25".utf8), "bad-segment"),
            (Array("A 24,".utf8), "bad-segment"),
            (Array("A".utf8) + [0] + Array(" 24".utf8), "nul-byte"),
            (Array("A".utf8) + [0xFF] + Array(" 24".utf8), "invalid-utf8"),
            (Array("A:B 24".utf8), "forbidden-character"),
            (Array("A%3aB 24".utf8), "forbidden-character"),
            (Array(String(repeating: "x", count: 1_025).utf8) + Array(" 24".utf8), "wrong-length"),
        ]
        var bytes: [UInt8] = []
        for line in lines { bytes += line.text + [0x0A] }
        bytes += Array("A 24\r\nB 24".utf8)
        try test.drop(Self.name, bytes)
        let receipt = try await test.syncOne()
        #expect(receipt.account == "completed with rejects 14: matched 2, malformed 12")
        let rejected = try test.rejected(receipt).map { $0.split(separator: " ")[1] }
        #expect(rejected.map(String.init) == lines.map(\.reason))
        #expect(try test.members(audience) == ["A", "B"])
    }

    @Test func `IDs that are not of their source's form have their reason`() async throws {
        let test = try TestCampaign()
        try await test.makeHashed()
        try await test.makeEncrypted()
        try test.acceptVisitors()
        try test.load("externalId,email\nA,a@x.com\n")
        try test.link("visitorId,externalId\n\(TestFiles.visitor(1)),A\n")
        for source in ["Hashed", "Encrypted", "defaultDataSource"] { try test.define("24", source) }
        let hash = try TestFiles.hex(.sha256, "a@x.com")
        let visitor = TestFiles.visitor(1)
        let cipher = try TestFiles.encrypted("a@x.com")
        let samples: [(number: Int, good: String, bad: [(id: String, reason: String)])] = [
            (
                14_017, hash,
                [
                    (String(hash.dropLast()), "wrong-length"), (hash + "0", "wrong-length"),
                    ("g" + hash.dropFirst(), "not-hex"),
                ]
            ),
            (
                14_016, visitor,
                [
                    (String(visitor.dropFirst()), "wrong-length"), (visitor + "1", "wrong-length"),
                    ("x" + visitor.dropFirst(), "not-digits"),
                ]
            ),
        ]
        for sample in samples {
            let ids = [sample.good] + sample.bad.map(\.id)
            try test.drop("s3_1_\(sample.number)_full_1486140844000.sync", ids.map { "\($0) 24\n" }.joined())
            let receipt = try await test.syncOne()
            #expect(receipt.account == "completed with rejects 4: matched 1, malformed 3")
            let reasons = try test.rejected(receipt).map { String($0.split(separator: " ")[1]) }
            #expect(reasons == sample.bad.map(\.reason))
        }
        let bad = [String(cipher.dropLast()), cipher.dropLast(2) + "zz", cipher + cipher.prefix(2), "ab"]
        try test.drop(
            "s3_1_14018_full_1486140844000.sync",
            ([cipher] + bad).map { "\($0) 24\n" }.joined()
        )
        let receipt = try await test.syncOne()
        #expect(receipt.counts[.matched] == 1)
        #expect(receipt.counts[.malformed] + receipt.counts[.undecryptable] == 4)
    }

    @Test(arguments: ["sha256", "md5", "sha1", "sha384", "sha512"])
    func `hashed IDs are read in every encoding that the formats page names`(hash: String) async throws {
        let test = try TestCampaign()
        try await test.makeHashed(hash)
        try test.load("externalId,email\nA,a@x.com\n")
        try test.define("24", "Hashed")
        let algorithm = try #require(DigestAlgorithm(rawValue: hash))
        let digest = try Digester(algorithm).digest(Array("a@x.com".utf8))
        let hex = HexText.string(digest)
        let base64 = Data(digest).base64EncodedString()
        let url = base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        try test.drop(
            "s3_1_14017_full_1486140844000.sync",
            [hex, hex.uppercased(), base64, url].map { "\($0) 24\n" }.joined()
        )
        // Another spelling of the same ID is the same ID.
        #expect(try await test.syncOne().account == "completed 4: matched 1, duplicate 3")
    }

    @Test func `rejected lines are kept byte by byte, whatever they hold`() async throws {
        let (test, _) = try await makeTest()
        var random = CSVRandom(state: 7)
        var lines: [[UInt8]] = (0..<300)
            .map { _ in
                let count = Int(random.next() % 60)
                let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                return [0xFF] + bytes.filter { $0 != 0x0A && $0 != 0x0D } + [0x21]
            }
        lines.append([0xFF] + Array("X 24 \u{1F600}".utf8))
        lines.append(Array(repeating: 0x78, count: 300_000))
        let bytes = lines.flatMap { $0 + [0x0A] } + Array("A 24\n".utf8)
        try test.drop(Self.name, bytes)
        let receipt = try await test.syncOne()
        #expect(receipt.received == lines.count + 1)
        #expect(receipt.counts[.matched] == 1)
        let kept = "\(test.data.rejected)/\(receipt.rejectedFile ?? "")"
        var text = Data()
        try RejectedLinesReader.write(kept) { text.append($0) }
        let read = text.split(separator: 0x0A, omittingEmptySubsequences: false)
        #expect(read.dropLast().map(Array.init) == lines)
        let mode = try FileManager.default.attributesOfItem(atPath: kept)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `a line of 200 megabytes passes in bounded memory and is counted`() async throws {
        let (test, audience) = try await makeTest()
        let path = "\(test.inbox)/\(Self.name)"
        #expect(FileManager.default.createFile(atPath: path, contents: Data("A 24\n".utf8)))
        let output = try #require(FileHandle(forWritingAtPath: path))
        try output.seekToEnd()
        let megabyte = Data(repeating: 0x61, count: 1 << 20)
        for _ in 0..<200 { try output.write(contentsOf: megabyte) }
        try output.write(contentsOf: Data(" 24\nB 24\n".utf8))
        try output.close()
        let before = try Self.peakMegabytes()
        let receipt = try await test.syncOne()
        #expect(receipt.account == "completed with rejects 3: matched 2, malformed 1")
        #expect(receipt.reasons.map(\.reason) == ["line-too-long"])
        #expect(try test.members(audience) == ["A", "B"])
        // Other tests run beside this one; the line itself would need 200.
        #expect(try Self.peakMegabytes() - before < 150)
        let kept = "\(test.data.rejected)/\(receipt.rejectedFile ?? "")"
        let size = try FileManager.default.attributesOfItem(atPath: kept)[.size] as? Int
        #expect((200 << 20...(200 << 20) + 1_000).contains(size ?? 0))
    }

    /// The most memory that this process has had resident, in megabytes.
    private static func peakMegabytes() throws -> Int {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return 0 }
        return usage.ru_maxrss / 1_024
    }

    @Test func `a folder that is gone is said, and the next sync goes on`() async throws {
        let (test, audience) = try await makeTest()
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
        let (test, audience) = try await makeTest()
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
        let (test, audience) = try await makeTest()
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
        let (test, audience) = try await makeTest()
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
