// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Transfer

@Suite(.enabled(if: S3Server.isInstalled, "OpenStack Swift is not installed: scripts/install-packages test"))
struct S3TransportTests {
    @Test func `what is published is listed and reads back`() async throws {
        let account = try await PartnerBucket()
        let transport = try account.transport()
        #expect(try await transport.publish("one line\n", as: "in/2024/a.sync") == .published)
        let files = try await transport.list()
        #expect(files.map(\.path.spelling) == ["in/2024/a.sync"])
        #expect(files.first?.byteCount == 9)
        #expect(abs((files.first?.modifiedNanoseconds ?? 0) - S3Time.systemNanoseconds()) < 60_000_000_000)
        #expect(try await transport.contents(of: RemotePath("in/2024/a.sync")) == Array("one line\n".utf8))
        #expect(try await account.contents("in/2024/a.sync") == Array("one line\n".utf8))
        #expect(try await account.names() == ["in/2024/a.sync"])

        let reader = try await transport.read(RemotePath("in/2024/a.sync"))
        #expect(reader.modifiedNanoseconds == files.first?.modifiedNanoseconds)
        #expect(reader.version?.utf8.count == 32)
        try await reader.confirmUnchanged()
        await reader.close()
    }

    @Test func `publishing again, other contents and replacing are as everywhere`() async throws {
        let account = try await PartnerBucket()
        let transport = try account.transport()
        let path = try RemotePath("a")
        try await transport.publish("same", as: "a")
        #expect(try await transport.publish("same", as: "a") == .alreadyThere)
        for other in ["othr", "longer"] {
            await #expect(throws: TransferError.exists(path)) { try await transport.publish(other, as: "a") }
        }
        #expect(try await account.contents("a") == Array("same".utf8))
        #expect(try await transport.publish("other", as: "a", replacing: true) == .published)
        #expect(try await account.contents("a") == Array("other".utf8))
        // A partner's file has no checksum of ours beside it.
        try await account.put("theirs", at: "b")
        #expect(try await transport.publish("theirs", as: "b") == .alreadyThere)
        await #expect(throws: TransferError.exists(try RemotePath("b"))) {
            try await transport.publish("ours!!", as: "b")
        }
    }

    @Test(arguments: [0, 1, 1 << 20, (1 << 20) + 1, 9 << 20])
    func `files of any size go up in one request or in parts and come back whole`(_ size: Int) async throws {
        let account = try await PartnerBucket()
        var settings = try account.settings(folder: "deep/inside")
        settings.pieces.singleByteCount = 4 << 20
        settings.pieces.partByteCount = 2 << 20
        settings.isEncrypted = true
        let transport = S3Transport(settings)
        let contents = noise(size)
        let spool = try AccountFolder()
        try Data(contents).write(to: URL(filePath: spool.path + "/file"))
        let expected = Fingerprint(of: contents)
        let path = try RemotePath("file")
        #expect(
            try await transport.publish(.file(spool.path + "/file"), as: path, expecting: expected)
                == .published
        )
        #expect(try await transport.publish(.bytes(contents), as: path, expecting: expected) == .alreadyThere)
        #expect(try await account.names() == ["deep/inside/file"])
        #expect(try await account.contents("deep/inside/file") == contents)
        let listed = try #require(try await transport.list().first)
        #expect(try await transport.download(listed, to: spool.path + "/copy") == expected)
        for offset in [0, size / 2, size] {
            let reader = try await transport.read(path, from: offset)
            var rest: [UInt8] = []
            while let chunk = try await reader.next() {
                #expect(chunk.count <= 1 << 20)
                rest += chunk
            }
            #expect(rest == Array(contents[offset...]))
        }
        await #expect(throws: TransferError.changedWhileReading(path)) {
            try await transport.read(path, from: size + 1)
        }
    }

    @Test(arguments: [1 << 20, 9 << 20])
    func `contents that are not as expected never appear`(_ size: Int) async throws {
        let account = try await PartnerBucket()
        var settings = try account.settings()
        settings.pieces.singleByteCount = 4 << 20
        settings.pieces.partByteCount = 2 << 20
        let transport = S3Transport(settings)
        let contents = noise(size)
        let path = try RemotePath("a")
        let longer = Fingerprint(byteCount: size + 1, sha256: Fingerprint(of: contents).sha256)
        await #expect(throws: TransferError.sizeDiffers(path, expected: size + 1, actual: size)) {
            try await transport.publish(.bytes(contents), as: path, expecting: longer)
        }
        await #expect(throws: TransferError.checksumDiffers(path)) {
            try await transport.publish(
                .bytes(contents),
                as: path,
                expecting: Fingerprint(of: noise(size, seed: 2))
            )
        }
        #expect(try await account.names() == [])
        #expect(try await account.partCount() == 0)
    }

    @Test func `every reserved character, spaces, control characters and letters of all scripts make a name`()
        async throws
    {
        let account = try await PartnerBucket()
        let transport = try account.transport()
        let reserved = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
        var names = reserved.filter { $0 != "/" }.map { "in/a\($0)b" }
        names += [
            reserved.replacingOccurrences(of: "./", with: ""), " ", "a b", " a ", "a+b", "a%20b", "a%2Fb",
            "new\nline", "carriage\rreturn", "tab\t", "bell\u{7}", "ünïcödé", "u\u{308}", "日本語/ファイル", "😀",
            "date=2024-05-24/S3_1_2_full_3.csv.gz", String(repeating: "n", count: 255), "&amp;", "<x>", "...",
            "~",
        ]
        for name in names { try await transport.publish(name, as: name) }
        let listed = try await transport.list()
        let usual = names.filter { name in (try? RemotePath(name).isIgnored) == false }
        #expect(Set(listed.map(\.path.bytes)) == Set(usual.map { Array($0.utf8) }))
        #expect(listed.map(\.path) == listed.map(\.path).sorted())
        #expect(try await Set(account.names()) == Set(names))
        for name in names {
            let path = try RemotePath(name)
            #expect(try await account.contents(name) == Array(name.utf8))
            #expect(try await transport.contents(of: path) == path.bytes)
            try await transport.move(path, to: RemotePath("moved"))
            try await transport.move(RemotePath("moved"), to: path)
            try await transport.delete(path)
        }
        #expect(try await account.names() == [])
    }

    @Test func `names that S3 can not have are told before anything is sent`() async throws {
        let account = try await PartnerBucket()
        let transport = try account.transport()
        let invalid = try RemotePath(bytes: [0x63, 0x61, 0x66, 0xE9])
        let long = try RemotePath(
            Array(repeating: String(repeating: "n", count: 250), count: 5).joined(separator: "/")
        )
        for path in [invalid, long] {
            await #expect(throws: TransferError.unusablePath(path.spelling)) {
                try await transport.publish(.bytes([]), as: path, expecting: Fingerprint(of: []))
            }
            await #expect(throws: TransferError.unusablePath(path.spelling)) {
                try await transport.read(path)
            }
        }
    }

    @Test func `hidden and temporary names, folders and keys that are no path are left out`() async throws {
        let account = try await PartnerBucket()
        for name in [
            "b.gz", "a.gz", ".hidden", "c.part", "d.tmp", "e.filepart", "in/f", ".cache/g", "folder/",
            "up/../h", "//i",
            "a//b", "inner/k",
        ] {
            try await account.put("x", at: name)
        }
        let transport = try account.transport()
        #expect(try await transport.list().map(\.path.spelling) == ["a.gz", "b.gz", "in/f", "inner/k"])
        #expect(try await transport.list(under: RemotePath("in")).map(\.path.spelling) == ["in/f"])
        #expect(try await transport.list(under: RemotePath("folder")) == [])
        let missing = try RemotePath("missing")
        await #expect(throws: TransferError.notFound(missing)) { try await transport.list(under: missing) }
        let inner = S3Transport(try account.settings(folder: "in"))
        #expect(try await inner.list().map(\.path.spelling) == ["f"])
    }

    @Test func `missing files are told, deleting them is not a fault`() async throws {
        let transport = try await PartnerBucket().transport()
        let path = try RemotePath("missing/file")
        await #expect(throws: TransferError.notFound(path)) { try await transport.read(path) }
        await #expect(throws: TransferError.notFound(path)) {
            try await transport.move(path, to: RemotePath("b"))
        }
        try await transport.delete(path)
        #expect(try await transport.freeBytes() == nil)
    }

    @Test(arguments: [1 << 20, 5 << 20])
    func `moving keeps contents and checksum and never replaces`(_ size: Int) async throws {
        let account = try await PartnerBucket()
        var settings = try account.settings()
        settings.pieces.singleCopyByteCount = 2 << 20
        settings.pieces.copyPartByteCount = 2 << 20
        let transport = S3Transport(settings)
        let contents = noise(size)
        let (path, destination) = (try RemotePath("a"), try RemotePath("done/b"))
        _ = try await transport.publish(.bytes(contents), as: path, expecting: Fingerprint(of: contents))
        try await account.put("other", at: "done/b")
        await #expect(throws: TransferError.exists(destination)) {
            try await transport.move(path, to: destination)
        }
        await #expect(throws: TransferError.exists(path)) { try await transport.move(path, to: path) }
        try await transport.delete(destination)
        try await transport.move(path, to: destination)
        #expect(try await account.names() == ["done/b"])
        #expect(try await account.contents("done/b") == contents)
        // Known to be the same without reading it.
        let fingerprint = Fingerprint(of: contents)
        #expect(
            try await transport.publish(.bytes(contents), as: destination, expecting: fingerprint)
                == .alreadyThere
        )
    }

    @Test func `a move that broke off after its copy is finished by the next`() async throws {
        let account = try await PartnerBucket()
        let transport = try account.transport()
        let (path, destination) = (try RemotePath("a"), try RemotePath("b"))
        try await transport.publish("contents", as: "a")
        try await account.copy("a", to: "b")
        try await transport.move(path, to: destination)
        #expect(try await account.names() == ["b"])
        // The same contents of somebody else are no copy of ours.
        try await transport.publish("theirs", as: "a")
        try await account.put("theirs", at: "c")
        await #expect(throws: TransferError.exists(try RemotePath("c"))) {
            try await transport.move(path, to: RemotePath("c"))
        }
        #expect(try await account.names() == ["a", "b", "c"])
    }

    @Test func `a connection check passes every step`() async throws {
        let account = try await PartnerBucket()
        let check = ConnectionCheck(of: try account.transport(), probeID: "1") { S3Time.systemNanoseconds() }
        let steps = await check.run()
        let names: [ConnectionStep.Name] = [
            .resolve, .connect, .signIn, .region, .list, .write, .readBack, .rename, .delete, .clock, .space,
        ]
        #expect(steps.map(\.name) == names)
        #expect(steps.map(\.outcome) == Array(repeating: .ok, count: 10) + [.skipped])
        #expect(steps.first?.finding == .addresses(["127.0.0.1"]))
        #expect(try await account.names() == [])
    }
}
