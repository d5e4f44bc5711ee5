// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Transfer

@Suite struct ReaderTests {
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

    @Test func `a file that somebody has open for writing is told from one that is only read`() async throws {
        let account = try AccountFolder()
        try account.put("a\n", at: "a")
        let transport = account.transport()
        let reader = try #require(FileHandle(forReadingAtPath: "\(account.path)/a"))
        #expect(try await !transport.isOpenForWriting(RemotePath("a")))
        let writer = try #require(FileHandle(forWritingAtPath: "\(account.path)/a"))
        #expect(try await transport.isOpenForWriting(RemotePath("a")))
        try writer.close()
        #expect(try await !transport.isOpenForWriting(RemotePath("a")))
        #expect(try await !transport.isOpenForWriting(RemotePath("none")))
        try reader.close()
    }
}
