// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Transfer

@Suite struct ListTests {
    @Test func `hidden files, temporary names and everything but regular files are left out`() async throws {
        let account = try AccountFolder()
        for name in ["b.gz", "a.gz", ".hidden", "c.part", "d.tmp", "e.filepart", "in/f", ".cache/g"] {
            try account.put("x", at: name)
        }
        #expect(mkfifo(account.path + "/pipe", 0o600) == 0)
        #expect(symlink("a.gz", account.path + "/link") == 0)
        #expect(symlink("/etc", account.path + "/etc") == 0)

        let files = try await account.transport().list()
        #expect(files.map(\.path.spelling) == ["a.gz", "b.gz", "in/f"])
        #expect(try await account.transport().list(under: RemotePath("in")).map(\.path.spelling) == ["in/f"])
    }

    @Test func `size and time are those of the file`() async throws {
        let account = try AccountFolder()
        try account.put("12345", at: "a")
        var times = [
            timespec(tv_sec: 1_700_000_000, tv_nsec: 123), timespec(tv_sec: 1_700_000_001, tv_nsec: 456),
        ]
        #expect(utimensat(AT_FDCWD, account.path + "/a", &times, 0) == 0)
        let file = try #require(await account.transport().list().first)
        #expect(file.byteCount == 5)
        #expect(file.modifiedNanoseconds == 1_700_000_001_000_000_456)
        #expect(file.obstacle == nil)
    }

    @Test func `odd names are listed, read and deleted`() async throws {
        let account = try AccountFolder()
        let transport = account.transport()
        let names: [[UInt8]] = [
            Array("with space".utf8), Array("new\nline".utf8), Array(repeating: 0x6E, count: 255),
            [0x63, 0x61, 0x66, 0xE9], Array(#"back\slash"#.utf8), Array("quote'\"$(x)*".utf8),
        ]
        for name in names {
            let path = try RemotePath(bytes: name)
            #expect(
                try await transport.publish(.bytes(name), as: path, expecting: Fingerprint(of: name))
                    == .published
            )
        }
        let paths = try await transport.list().map(\.path)
        #expect(Set(paths.map(\.bytes)) == Set(names))
        for path in paths {
            #expect(try await transport.contents(of: path) == path.bytes)
            try await transport.delete(path)
        }
        #expect(try await transport.list() == [])
    }

    @Test func `an empty folder has no files and a missing one is told`() async throws {
        let account = try AccountFolder()
        #expect(try await account.transport().list() == [])
        let missing = try RemotePath("missing")
        await #expect(throws: TransferError.notFound(missing)) {
            try await account.transport().list(under: missing)
        }
    }

    @Test func `folders are entered four deep and no deeper`() async throws {
        let account = try AccountFolder()
        try account.put("x", at: "1/2/3/4/file")
        #expect(try await account.transport().list().count == 1)
        try account.put("x", at: "1/2/3/4/5/file")
        await #expect(throws: TransferError.tooDeep(try RemotePath("1/2/3/4/5"), limit: 4)) {
            try await account.transport().list()
        }
    }

    @Test func `a list of too many entries is refused with the limit`() throws {
        let account = try AccountFolder()
        for number in 0..<11 { try account.put("", at: "f\(number)") }
        var folder = Folder(root: account.path)
        folder.entryLimit = 10
        #expect(throws: TransferError.tooManyFiles(limit: 10)) {
            try folder.list(under: nil, cancellation: Cancellation())
        }
        folder.entryLimit = 11
        #expect(try folder.list(under: nil, cancellation: Cancellation()).count == 11)
    }

    @Test func `ten thousand files are listed in order`() async throws {
        let account = try AccountFolder()
        for number in 0..<10_000 {
            let descriptor = open("\(account.path)/f\(number)", O_CREAT | O_WRONLY, 0o600)
            #expect(descriptor >= 0 && close(descriptor) == 0)
        }
        let clock = ContinuousClock()
        let start = clock.now
        let files = try await account.transport().list()
        print("10,000 files listed in \(start.duration(to: clock.now))")
        #expect(files.count == 10_000)
        #expect(files.map(\.path) == files.map(\.path).sorted())
    }
}
