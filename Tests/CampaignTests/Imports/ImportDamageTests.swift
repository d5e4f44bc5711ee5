// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Surroundings
import Terminal
import Testing

@testable import Campaign

/// Lines that are broken or junk: each ends in a counted reason, and the file goes on.
@Suite struct ImportDamageTests {
    private static let name = "s3_1_14020_full_1486140844000.sync"

    @Test func `a line that is malformed has its reason, and the file goes on`() async throws {
        let (test, audience) = try await TestCampaign.withMember()
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
        let (test, _) = try await TestCampaign.withMember()
        var random = SeededNumbers(seed: 7)
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
        let (test, audience) = try await TestCampaign.withMember()
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
}
