// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Transfer

/// Rights, room, time and quiet that a server does not give.
@Suite(.enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")"), .timeLimit(.minutes(3)))
struct SFTPFaultTests {
    @Test(arguments: [1 << 20, 48 << 20])
    func `a long file that shrinks or grows while it is read is told`(_ size: Int) async throws {
        let account = try SFTPAccountUnderTest()
        let path = try RemotePath("a")
        try account.put(longContents, at: path)
        let reader = try await account.transport().read(path)
        #expect(try await reader.next() != nil)
        #expect(truncate(account.folder.path + "/a", off_t(size)) == 0)
        await #expect(throws: TransferError.changedWhileReading(path)) {
            while try await reader.next() != nil {}
        }
        await reader.close()
    }

    @Test func `a list goes on while files come and go`() async throws {
        let account = try SFTPAccountUnderTest()
        for number in 0..<500 { try await account.put("", at: "stays\(number)") }
        let isDone = Cancellation()
        let path = account.folder.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var number = 0
                while (try? isDone.check()) != nil {
                    number += 1
                    close(open("\(path)/new\(number)", O_CREAT | O_WRONLY, 0o644))
                    if number > 50 { unlink("\(path)/new\(number - 50)") }
                }
            }
            for _ in 0..<10 {
                let names = try await account.transport().list().map(\.path.name)
                #expect(names.count { $0.hasPrefix("stays") } == 500)
                #expect(Set(names).count == names.count)
            }
            isDone.cancel()
            try await group.waitForAll()
        }
    }

    @Test func `a name that is taken during the upload is left alone`() async throws {
        let proxy = try FaultyProxy(to: SFTPServer.shared.get().port, .hold(afterBytes: 8 << 20))
        let account = try SFTPAccountUnderTest(through: proxy)
        async let outcome = Result { () async throws(TransferError) in
            try await account.transport().publishLong()
        }
        try await proxy.waitUntilHolding()
        try await account.put("theirs", at: "a")
        proxy.letGo()
        #expect(await outcome == .failure(.exists(try RemotePath("a"))))
        #expect(try await account.names() == ["a"])
        #expect(try await account.contents(of: "a") == "theirs")
    }

    @Test func `rights that are lost are told`() async throws {
        let account = try SFTPAccountUnderTest()
        let transport = account.transport()
        let (path, new) = (try RemotePath("a"), try RemotePath("new"))
        try await account.put("x", at: "a")
        try await account.put("x", at: "locked/file")
        let root = account.folder.path
        #expect(chmod(root + "/a", 0) == 0 && chmod(root + "/locked", 0) == 0 && chmod(root, 0o555) == 0)
        await #expect(throws: TransferError.denied(path, errno: EACCES)) { try await transport.read(path) }
        await #expect(throws: TransferError.denied(new, errno: EACCES)) {
            try await transport.publish("x", as: "new")
        }
        await #expect(throws: TransferError.denied(path, errno: EACCES)) { try await transport.delete(path) }
        await #expect(throws: TransferError.denied(path, errno: EACCES)) {
            try await transport.move(path, to: new)
        }
        let files = try await transport.list()
        #expect(files.map(\.path.spelling) == ["a", "locked"])
        #expect(files.last?.obstacle == .denied(try RemotePath("locked"), errno: EACCES))
        #expect(chmod(root, 0) == 0)
        await #expect(throws: TransferError.denied(nil, errno: EACCES)) { try await transport.list() }
        #expect(chmod(root, 0o755) == 0)
    }

    @Test(arguments: [SFTPServer.User.ordinary, .plain])
    func `a full disk leaves nothing and does not lose what stood there`(_ user: SFTPServer.User) async throws
    {
        let account = try SFTPAccountUnderTest(user)
        let root = account.folder.path
        guard mount("none", root, "tmpfs", 0, "size=2m,mode=777") == 0 else {
            try Test.cancel("this system does not let tests mount a small disk")
        }
        defer { umount2(root, Int32(MNT_DETACH)) }
        let transport = account.transport()
        try await transport.publish("small", as: "a")
        // A server that tells its free space is known to be full; of another, only that writing failed.
        let error = await #expect(throws: TransferError.self) { try await transport.publishLong(as: "b") }
        let isTelling = user == .ordinary
        #expect(
            error == (isTelling ? .full(errno: ENOSPC) : .system(.write, try RemotePath("b"), errno: EIO))
        )
        await #expect(throws: TransferError.self) {
            try await transport.publish(
                .bytes(longContents),
                as: RemotePath("a"),
                expecting: Fingerprint(of: longContents),
                replacing: true
            )
        }
        #expect(try await account.names() == ["a"])
        #expect(try await transport.contents(of: RemotePath("a")) == Array("small".utf8))
        let free = try await transport.freeBytes()
        #expect(isTelling ? (free ?? 0) > 1 << 20 && (free ?? 0) < 2 << 20 : free == nil)
        if isTelling {
            #expect(mount("none", root, nil, UInt(MS_REMOUNT | MS_RDONLY), nil) == 0)
            await #expect(throws: TransferError.readOnly) { try await transport.publish("x", as: "c") }
        }
    }

    @Test func `a slow server times out, and others go on meanwhile`() async throws {
        let server = try SFTPServer.shared.get()
        let proxy = try FaultyProxy(to: server.port, .crawl(afterBytes: 1 << 20), .crawl(afterBytes: 1 << 20))
        let slow = try SFTPAccountUnderTest(through: proxy) { settings in
            settings.idleTimeout = .seconds(6)
            settings.connectionLimit = 1
        }
        let other = try SFTPAccountUnderTest()
        let start = ContinuousClock.now
        async let outcome = Result { () async throws(TransferError) in
            try await slow.transport().publishLong()
        }
        let transport = other.transport()
        for number in 0..<20 { try await transport.publish("x", as: "f\(number)") }
        #expect(start.duration(to: .now) < .seconds(6))
        #expect(await outcome == .failure(.timedOut(seconds: 6)))
        #expect(start.duration(to: .now) < .seconds(30))
        #expect(try slow.files().filter { !$0.isIgnored } == [])
    }

    @Test func `a server that is slow from the start times out`() async throws {
        let server = try SFTPServer.shared.get()
        let proxy = try FaultyProxy(to: server.port, .crawl(afterBytes: 0), .crawl(afterBytes: 1_500))
        let account = try SFTPAccountUnderTest(through: proxy) { $0.connectTimeout = .seconds(1) }
        for _ in 0..<2 {
            let start = ContinuousClock.now
            await #expect(throws: TransferError.timedOut(seconds: 1)) { try await account.transport().list() }
            #expect(start.duration(to: .now) < .seconds(15))
        }
    }
}
