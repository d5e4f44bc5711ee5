// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Transfer

@Suite struct ReaderTests {
    @Test func `a file is read in pieces of at most a mebibyte`() async throws {
        let account = try AccountFolder()
        try account.put(String(repeating: "x", count: (2 << 20) + 5), at: "a")
        let reader = try await account.transport().read(RemotePath("a"))
        #expect(reader.byteCount == (2 << 20) + 5)
        #expect(try await reader.next()?.count == 1 << 20)
        #expect(try await reader.next()?.count == 1 << 20)
        #expect(try await reader.next()?.count == 5)
        #expect(try await reader.next() == nil)
    }

    @Test func `a local file is read in place through its descriptor`() async throws {
        let account = try AccountFolder()
        try account.put("in place", at: "a")
        let reader = try await account.transport().read(RemotePath("a"))
        let descriptor = try #require(reader.localDescriptor)
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(pread(descriptor, &bytes, 8, 0) == 8)
        #expect(bytes == Array("in place".utf8))
        try await reader.confirmUnchanged()
        await reader.close()
        await reader.close()
        #expect(reader.localDescriptor == nil)
    }

    @Test(arguments: ["shorter", "much longer than before", "same size!"])
    func `a file that changes while it is read is told`(_ contents: String) async throws {
        let account = try AccountFolder()
        try account.put("0123456789", at: "a")
        let path = try RemotePath("a")
        let transport = account.transport()
        let reader = try await transport.read(path)
        let descriptor = open(account.path + "/a", O_WRONLY | O_TRUNC)
        #expect(write(descriptor, contents, contents.utf8.count) == contents.utf8.count)
        var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 2, tv_nsec: 0)]
        #expect(futimens(descriptor, &times) == 0)
        close(descriptor)
        await #expect(throws: TransferError.changedWhileReading(path)) {
            while try await reader.next() != nil {}
        }
        await #expect(throws: TransferError.changedWhileReading(path)) { try await reader.confirmUnchanged() }
    }

    @Test func `a download is a durable copy with its fingerprint`() async throws {
        let account = try AccountFolder()
        let spool = try AccountFolder()
        let text = String(repeating: "line\n", count: 500_000)
        try account.put(text, at: "a")
        let local = spool.path + "/copy"
        let fingerprint = try await account.transport().download(RemotePath("a"), to: local)
        #expect(fingerprint == Fingerprint(of: Array(text.utf8)))
        #expect(try spool.contents(of: "copy") == text)
        await #expect(throws: TransferError.localFile(errno: EEXIST)) {
            try await account.transport().download(RemotePath("a"), to: local)
        }
        #expect(try spool.contents(of: "copy") == text)
    }

    @Test func `moving never replaces a file`() async throws {
        let account = try AccountFolder()
        let transport = account.transport()
        try await transport.publish("one", as: "a")
        try await transport.publish("two", as: "b")
        await #expect(throws: TransferError.exists(try RemotePath("b"))) {
            try await transport.move(RemotePath("a"), to: RemotePath("b"))
        }
        try await transport.move(RemotePath("a"), to: RemotePath("done/a"))
        #expect(try account.names() == ["b", "done", "done/a"])
        await #expect(throws: TransferError.notFound(try RemotePath("a"))) {
            try await transport.move(RemotePath("a"), to: RemotePath("c"))
        }
    }

    @Test func `deleting twice is harmless`() async throws {
        let account = try AccountFolder()
        let transport = account.transport()
        try await transport.publish("one", as: "in/a")
        try await transport.delete(RemotePath("in/a"))
        try await transport.delete(RemotePath("in/a"))
        try await transport.delete(RemotePath("never/there"))
        #expect(try account.names() == ["in"])
    }
}
