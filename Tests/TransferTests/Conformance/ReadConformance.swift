// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Transfer

/// How files are read, moved and deleted, on every kind of account.
@Suite struct ReadConformance {
    @Test(arguments: AccountKind.available)
    func `a file is read in pieces of at most a mebibyte`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        var random = SeededNumbers(seed: 3)
        let contents = (0..<(2 << 20) + 5).map { _ in UInt8.random(in: 0...255, using: &random) }
        try await account.put(contents, at: RemotePath("a"))
        let reader = try await account.transport().read(RemotePath("a"))
        #expect(reader.byteCount == (2 << 20) + 5)
        var found: [UInt8] = []
        while let chunk = try await reader.next() {
            #expect(!chunk.isEmpty && chunk.count <= 1 << 20)
            found += chunk
        }
        #expect(found == contents)
        #expect(try await reader.next() == nil)
        try await reader.confirmUnchanged()
        await reader.close()
        await reader.close()
    }

    @Test(arguments: AccountKind.available, [0, 1, 700_001, 1_500_000])
    func `reading goes on from any byte`(_ kind: AccountKind, _ offset: Int) async throws {
        let account = try await kind.account()
        let contents = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let path = try RemotePath("a")
        try await account.put(contents, at: path)
        let reader = try await account.transport().read(path, from: offset)
        #expect(reader.byteCount == contents.count)
        var found: [UInt8] = []
        while let chunk = try await reader.next() { found += chunk }
        #expect(found[...] == contents[offset...])
        await reader.close()
        await #expect(throws: TransferError.changedWhileReading(path)) {
            try await account.transport().read(path, from: contents.count + 1)
        }
    }

    @Test(arguments: AccountKind.available, ["shorter", "much longer than before", "same size!"])
    func `a file that changes while it is read is told`(
        _ kind: AccountKind,
        _ contents: String
    ) async throws {
        let account = try await kind.account()
        let path = try RemotePath("a")
        try await account.put("0123456789", at: "a")
        try await account.age(path, bySeconds: 100)
        let reader = try await account.transport().read(path)
        try await account.put(contents, at: "a")
        await #expect(throws: TransferError.changedWhileReading(path)) {
            while try await reader.next() != nil {}
        }
        await #expect(throws: TransferError.changedWhileReading(path)) { try await reader.confirmUnchanged() }
        await reader.close()
    }

    @Test(arguments: AccountKind.available)
    func `a missing file is told`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let path = try RemotePath("missing")
        await #expect(throws: TransferError.notFound(path)) { try await account.transport().read(path) }
    }

    @Test(arguments: AccountKind.available)
    func `a download is a durable copy with its fingerprint`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let spool = try AccountFolder()
        let text = String(repeating: "line\n", count: 500_000)
        try await account.put(text, at: "a")
        let local = spool.path + "/copy"
        let transport = account.transport()
        let file = try #require(try await transport.list().first)
        let fingerprint = try await transport.download(file, to: local)
        #expect(fingerprint == Fingerprint(of: Array(text.utf8)))
        #expect(try spool.contents(of: "copy") == text)
        // Whole already: nothing is read again.
        #expect(try await transport.download(file, to: local) == fingerprint)
        #expect(try spool.contents(of: "copy") == text)
    }

    @Test(arguments: AccountKind.available)
    func `a download goes on where an earlier one stopped, and begins anew with a copy that is too long`(
        _ kind: AccountKind
    ) async throws {
        let account = try await kind.account()
        let spool = try AccountFolder()
        let text = String(repeating: "line\n", count: 500_000)
        try await account.put(text, at: "a")
        let transport = account.transport()
        let file = try #require(try await transport.list().first)
        for beginning in [String(text.prefix(1_000_000)), text + "more"] {
            try spool.put(beginning, at: "copy")
            let fingerprint = try await transport.download(file, to: spool.path + "/copy")
            #expect(fingerprint == Fingerprint(of: Array(text.utf8)))
            #expect(try spool.contents(of: "copy") == text)
        }
    }

    @Test(arguments: AccountKind.available)
    func `a file that is another one than was listed ends a download and its copy`(_ kind: AccountKind)
        async throws
    {
        let account = try await kind.account()
        let spool = try AccountFolder()
        try await account.put("one", at: "a")
        let transport = account.transport()
        let file = try #require(try await transport.list().first)
        try await account.put("other", at: "a")
        await #expect(throws: TransferError.changedWhileReading(file.path)) {
            try await transport.download(file, to: spool.path + "/copy")
        }
        #expect(try spool.names() == [])
    }

    @Test(arguments: AccountKind.available)
    func `moving never replaces a file`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let transport = account.transport()
        try await transport.publish("one", as: "a")
        try await transport.publish("two", as: "b")
        await #expect(throws: TransferError.exists(try RemotePath("b"))) {
            try await transport.move(RemotePath("a"), to: RemotePath("b"))
        }
        try await transport.move(RemotePath("a"), to: RemotePath("done/a"))
        #expect(try await account.names() == ["b", "done/a"])
        #expect(try await account.contents(of: "done/a") == "one")
        await #expect(throws: TransferError.notFound(try RemotePath("a"))) {
            try await transport.move(RemotePath("a"), to: RemotePath("c"))
        }
    }

    @Test(arguments: AccountKind.available)
    func `deleting twice is harmless`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let transport = account.transport()
        try await transport.publish("one", as: "in/a")
        try await transport.delete(RemotePath("in/a"))
        try await transport.delete(RemotePath("in/a"))
        try await transport.delete(RemotePath("never/there"))
        #expect(try await account.names() == [])
    }
}
