// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Synchronization
import Testing

@testable import Transfer

/// Lists that are made anew only when something may have changed.
@Suite struct SettledListingTests {
    /// An account of a kind whose folders were last changed long ago, and looks at it at moments of our choosing.
    private struct Watched {
        let account: any AccountUnderTest
        let transport: any Transport
        let start = ContinuousClock.now
        var listing = SettledListing()

        init(_ kind: AccountKind) async throws {
            account = try await kind.account()
            transport = account.transport()
            try await account.put("1", at: "a")
            try await account.put("1", at: "inner/b")
            try age("")
            try age("/inner")
        }

        /// Sets a folder's time back, so that a change of it shows within the same second.
        func age(_ folder: String) throws {
            guard let directory = account.directory else { return }
            var times = [
                timespec(tv_sec: 1_000_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000_000, tv_nsec: 0),
            ]
            #expect(utimensat(AT_FDCWD, directory + folder, &times, 0) == 0)
        }

        mutating func look(atSecond second: Int, isComplete: Bool = false) async throws -> [String] {
            let moment = start + .seconds(second)
            let files = try await listing.listing(of: transport, isComplete: isComplete) { moment }.files
            return files.map { "\($0.path.spelling) \($0.byteCount)" }
        }
    }

    @Test(arguments: AccountKind.available)
    func `what is new is found at once, in inner folders too`(_ kind: AccountKind) async throws {
        var watched = try await Watched(kind)
        for second in [0, 3, 6] { #expect(try await watched.look(atSecond: second) == ["a 1", "inner/b 1"]) }
        try await watched.account.put("1", at: "inner/c")
        #expect(try await watched.look(atSecond: 9) == ["a 1", "inner/b 1", "inner/c 1"])
        try await watched.account.put("1", at: "new/d")
        #expect(try await watched.look(atSecond: 12) == ["a 1", "inner/b 1", "inner/c 1", "new/d 1"])
    }

    @Test(arguments: AccountKind.withFolders)
    func `a file written in place is found within a minute, or when all is asked for`(
        _ kind: AccountKind
    ) async throws {
        var watched = try await Watched(kind)
        for second in [0, 3] { _ = try await watched.look(atSecond: second) }
        try await watched.account.put("22", at: "a")
        // The folder's time is the same, so it was not listed.
        #expect(try await watched.look(atSecond: 6) == ["a 1", "inner/b 1"])
        #expect(try await watched.look(atSecond: 9, isComplete: true) == ["a 2", "inner/b 1"])
        _ = try await watched.look(atSecond: 12)
        try await watched.account.put("333", at: "a")
        #expect(try await watched.look(atSecond: 60) == ["a 2", "inner/b 1"])
        #expect(try await watched.look(atSecond: 80) == ["a 3", "inner/b 1"])
    }

    @Test(arguments: AccountKind.withFolders)
    func `a list made within the same seconds as the last change is not trusted`(_ kind: AccountKind)
        async throws
    {
        var watched = try await Watched(kind)
        for second in [0, 1] { _ = try await watched.look(atSecond: second) }
        try await watched.account.put("22", at: "a")
        #expect(try await watched.look(atSecond: 2) == ["a 2", "inner/b 1"])
    }

    @Test(arguments: AccountKind.withFolders)
    func `a folder that is not there any more is said`(_ kind: AccountKind) async throws {
        var watched = try await Watched(kind)
        for second in [0, 3] { _ = try await watched.look(atSecond: second) }
        let directory = try #require(watched.account.directory)
        try FileManager.default.moveItem(atPath: directory, toPath: directory + "-away")
        defer { try? FileManager.default.removeItem(atPath: directory + "-away") }
        await #expect(throws: TransferError.self) { _ = try await watched.look(atSecond: 6) }
    }

    @Test(.enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")"))
    func `an unchanged SFTP folder of a thousand files costs a few hundred bytes`() async throws {
        let proxy = try FaultyProxy(to: SFTPServer.shared.get().port)
        let account = try SFTPAccountUnderTest(through: proxy)
        for number in 0..<1_000 { try await account.put("", at: "f\(number)") }
        let transport = account.transport()
        var listing = SettledListing()
        let start = ContinuousClock.now
        var carried: [Int] = []
        for second in [0, 3, 6, 9] {
            let before = proxy.carried
            let moment = start + .seconds(second)
            let found = try await listing.listing(of: transport, isComplete: false) { moment }
            #expect(found.files.count == 1_000)
            carried.append(proxy.carried - before)
        }
        #expect(carried[1] > 50_000)
        #expect(carried[2] < 1_000)
        #expect(carried[3] < 1_000)
    }
}
