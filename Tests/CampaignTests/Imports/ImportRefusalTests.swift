// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Testing

@testable import Campaign

/// Files that can't be right: each ends in a clear problem, and changes nothing.
@Suite struct ImportRefusalTests {
    private static let name = "s3_1_14020_full_1486140844000.sync"

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
        let (test, audience) = try await TestCampaign.withMember()
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
}
