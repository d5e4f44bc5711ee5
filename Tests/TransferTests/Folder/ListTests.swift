// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Transfer

@Suite struct ListTests {
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

    @Test func `a list of too many entries is refused with the limit`() throws {
        let account = try AccountFolder()
        for number in 0..<11 { try account.put("", at: "f\(number)") }
        var folder = Folder(root: account.path)
        folder.entryLimit = 10
        #expect(throws: TransferError.tooManyFiles(limit: 10)) {
            try folder.list(under: nil, cancellation: Cancellation())
        }
        folder.entryLimit = 11
        #expect(try folder.list(under: nil, cancellation: Cancellation()).files.count == 11)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a hundred thousand files are listed in order and one more is refused`() async throws {
        let account = try AccountFolder()
        for number in 0..<100_000 {
            #expect(mknod("\(account.path)/f\(number)", S_IFREG | 0o600, 0) == 0)
        }
        let clock = ContinuousClock()
        let start = clock.now
        let files = try await account.transport().list()
        let time = start.duration(to: clock.now)
        print("folder: 100,000 files listed in \(time)")
        #expect(time < .seconds(10))
        #expect(files.count == 100_000)
        #expect(files.map(\.path) == files.map(\.path).sorted())
        try account.put("", at: "one more")
        await #expect(throws: TransferError.tooManyFiles(limit: 100_000)) {
            try await account.transport().list()
        }
    }
}
