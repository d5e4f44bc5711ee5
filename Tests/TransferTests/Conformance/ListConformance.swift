// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Transfer

/// What a list shows, on every kind of account.
@Suite struct ListConformance {
    @Test(arguments: AccountKind.available)
    func `hidden files and temporary names are left out`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        for name in ["b.gz", "a.gz", ".hidden", "c.part", "d.tmp", "e.filepart", "in/f", ".cache/g"] {
            try await account.put("x", at: name)
        }
        let files = try await account.transport().list()
        #expect(files.map(\.path.spelling) == ["a.gz", "b.gz", "in/f"])
        #expect(try await account.transport().list(under: RemotePath("in")).map(\.path.spelling) == ["in/f"])
    }

    @Test(arguments: AccountKind.withFolders)
    func `everything but regular files is listed as what can not be read, or is a folder`(
        _ kind: AccountKind
    ) async throws {
        let account = try await kind.account()
        let directory = try #require(account.directory)
        try await account.put("x", at: "a.gz")
        #expect(mkfifo(directory + "/pipe", 0o600) == 0)
        #expect(symlink("a.gz", directory + "/link") == 0)
        #expect(symlink("/etc", directory + "/etc") == 0)
        #expect(mkdir(directory + "/folder.gz", 0o755) == 0)
        #expect(mkdir(directory + "/folder", 0o755) == 0)
        let listing = try await account.transport().listing(unlessChangedSince: nil)
        #expect(try await account.transport().list() == listing.files)
        #expect(listing.files.map(\.path.spelling) == ["a.gz", "etc", "link", "pipe"])
        #expect(listing.files[0].obstacle == nil)
        #expect(listing.files.dropFirst().allSatisfy { $0.obstacle == .notAFile($0.path) })
        let entries = listing.entries { $0.hasSuffix(".gz") }
        #expect(entries.map(\.path.spelling) == ["a.gz", "etc", "folder.gz", "link", "pipe"])
        #expect(entries[2].obstacle == .notAFile(entries[2].path))
    }

    @Test(arguments: AccountKind.available)
    func `size and time are those of the file`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        try await account.put("12345", at: "a")
        let file = try #require(await account.transport().list().first)
        #expect(file.byteCount == 5)
        #expect(file.obstacle == nil)
        #expect(abs(Double(file.modifiedNanoseconds) / 1e9 - Date().timeIntervalSince1970) < 60)
        let reader = try await account.transport().read(file.path)
        #expect(reader.byteCount == 5)
        let difference = abs(reader.modifiedNanoseconds - file.modifiedNanoseconds)
        #expect(difference < account.timeGranularity)
        await reader.close()
    }

    @Test(arguments: AccountKind.available)
    func `odd names are written, listed, read and deleted`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let transport = account.transport()
        var names: [[UInt8]] = [
            "with space", "new\nline", "tab\tand\u{1}control", #"back\slash"#, "quote'\"$(x)*?[a]", "café",
            "a+b%20&c=d",
            "日本語", String(repeating: "n", count: 255),
        ].map { Array($0.utf8) }
        if account.directory != nil { names += [[0x63, 0x61, 0x66, 0xE9], [0xFF, 0xFE]] }
        for name in names {
            let path = try RemotePath(bytes: name)
            #expect(
                try await transport.publish(.bytes(name), as: path, expecting: Fingerprint(of: name))
                    == .published
            )
        }
        let paths = try await transport.list().map(\.path)
        #expect(Set(paths.map(\.bytes)) == Set(names))
        #expect(try await account.files() == paths)
        for path in paths {
            #expect(try await transport.contents(of: path) == path.bytes)
            try await transport.delete(path)
        }
        #expect(try await transport.list() == [])
    }

    @Test(arguments: AccountKind.available)
    func `an empty account has no files`(_ kind: AccountKind) async throws {
        #expect(try await kind.account().transport().list() == [])
    }

    @Test(arguments: AccountKind.withFolders)
    func `a missing folder is told`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let missing = try RemotePath("missing")
        await #expect(throws: TransferError.notFound(missing)) {
            try await account.transport().list(under: missing)
        }
    }

    @Test(arguments: AccountKind.withFolders)
    func `folders are entered four deep and no deeper`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        try await account.put("x", at: "1/2/3/4/file")
        #expect(try await account.transport().list().count == 1)
        try await account.put("x", at: "1/2/3/4/5/file")
        await #expect(throws: TransferError.tooDeep(try RemotePath("1/2/3/4/5"), limit: 4)) {
            try await account.transport().list()
        }
    }

    @Test(arguments: AccountKind.withFolders)
    func `ten thousand files are listed in order`(_ kind: AccountKind) async throws {
        let account = try await kind.account()
        let directory = try #require(account.directory)
        for number in 0..<10_000 {
            let descriptor = open("\(directory)/f\(number)", O_CREAT | O_WRONLY, 0o600)
            #expect(descriptor >= 0 && close(descriptor) == 0)
        }
        let clock = ContinuousClock()
        let start = clock.now
        let files = try await account.transport().list()
        print("\(kind.rawValue): 10,000 files listed in \(start.duration(to: clock.now))")
        #expect(files.count == 10_000)
        #expect(files.map(\.path) == files.map(\.path).sorted())
    }
}
