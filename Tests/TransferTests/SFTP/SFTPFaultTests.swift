// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Transfer

/// Servers and lines that break in the middle of the work.
@Suite(.enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")"), .timeLimit(.minutes(3)))
struct SFTPFaultTests {
    /// Contents that are long enough to be interrupted, and not the same anywhere.
    static let contents: [UInt8] = {
        var random = SeededNumbers(seed: 11)
        return (0..<(4 << 20)).flatMap { _ in
            let number = random.next()
            return (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
    }()

    private func publish(_ transport: any Transport, as name: String = "a") async throws(TransferError)
        -> Publication
    {
        try await transport.publish(
            .bytes(Self.contents),
            as: RemotePath(name),
            expecting: Fingerprint(of: Self.contents)
        )
    }

    @Test func `a server killed in mid-upload shows nothing`() async throws {
        let server = try SFTPServer()
        let proxy = try FaultyProxy(to: server.port, .hold(afterBytes: 8 << 20))
        let account = try SFTPAccountUnderTest(on: server, port: proxy.port)
        let transport = account.transport()
        async let outcome = Result { () async throws(TransferError) in try await publish(transport) }
        try await proxy.waitUntilHolding()
        server.kill()
        proxy.letGo()
        #expect(await outcome == .failure(.disconnected))
        #expect(try partSize(account) > 1 << 20)
        #expect(try account.files().filter { !$0.isIgnored } == [])
        let gone = try SFTPAccountUnderTest(on: server).transport()
        await #expect(throws: TransferError.unreachable(host: "127.0.0.1", errno: ECONNREFUSED)) {
            try await gone.list()
        }
        server.stop()
    }

    @Test func `an upload that was cut off goes on where it stopped`() async throws {
        let server = try SFTPServer.shared.get()
        let proxy = try FaultyProxy(to: server.port, .cut(afterBytes: 24 << 20))
        let account = try SFTPAccountUnderTest(through: proxy)
        let transport = account.transport()
        await #expect(throws: TransferError.disconnected) { try await publish(transport) }
        #expect(try account.files().filter { !$0.isIgnored } == [])
        #expect(try partSize(account) > 12 << 20)

        let before = proxy.carried
        #expect(try await publish(transport) == .published)
        #expect(proxy.carried - before < 24 << 20)
        #expect(try await account.names() == ["a"])
        #expect(try account.contents(of: RemotePath("a")) == Self.contents)
    }

    @Test func `a part with other contents is not gone on with`() async throws {
        let account = try SFTPAccountUnderTest()
        let part = try SFTPPart(of: RemotePath("a"), Fingerprint(of: Self.contents)).path
        try account.put([UInt8](repeating: 7, count: 20 << 20), at: part)
        #expect(try await publish(account.transport()) == .published)
        try account.put(
            [UInt8](repeating: 7, count: 40 << 20),
            at: SFTPPart(of: RemotePath("b"), Fingerprint(of: Self.contents)).path
        )
        #expect(try await publish(account.transport(), as: "b") == .published)
        #expect(try await account.names() == ["a", "b"])
        #expect(try account.contents(of: RemotePath("a")) == Self.contents)
        #expect(try account.contents(of: RemotePath("b")) == Self.contents)
    }

    @Test(arguments: [0, 1_000, 3_000, 5_000, 40_000, 1 << 20, 5 << 20, 20 << 20])
    func `wherever the line is cut, the next attempt leaves one whole file`(_ limit: Int) async throws {
        let server = try SFTPServer.shared.get()
        let proxy = try FaultyProxy(to: server.port, .cut(afterBytes: limit))
        let account = try SFTPAccountUnderTest(through: proxy)
        let transport = account.transport()
        await #expect(throws: TransferError.disconnected) { try await publish(transport) }
        #expect(try account.files().filter { !$0.isIgnored } == [])
        #expect(try await publish(transport) == .published)
        #expect(try await account.names() == ["a"])
        #expect(Fingerprint(of: try account.contents(of: RemotePath("a"))) == Fingerprint(of: Self.contents))
    }

    @Test func `a download that was cut off goes on where it stopped`() async throws {
        let server = try SFTPServer.shared.get()
        let proxy = try FaultyProxy(to: server.port, .cut(afterBytes: 12 << 20))
        let account = try SFTPAccountUnderTest(through: proxy)
        let path = try RemotePath("a")
        try account.put(Self.contents, at: path)
        let transport = account.transport()
        var found: [UInt8] = []
        let reader = try await transport.read(path)
        await #expect(throws: TransferError.disconnected) {
            while let chunk = try await reader.next() { found += chunk }
        }
        await reader.close()
        #expect(found.count > 4 << 20)
        let rest = try await transport.read(path, from: found.count)
        #expect(rest.modifiedNanoseconds == reader.modifiedNanoseconds)
        while let chunk = try await rest.next() { found += chunk }
        await rest.close()
        #expect(found == Self.contents)
    }

    @Test(arguments: [1 << 20, 48 << 20])
    func `a long file that shrinks or grows while it is read is told`(_ size: Int) async throws {
        let account = try SFTPAccountUnderTest()
        let path = try RemotePath("a")
        try account.put(Self.contents, at: path)
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
        async let outcome = Result { () async throws(TransferError) in try await publish(account.transport())
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
        let error = await #expect(throws: TransferError.self) { try await publish(transport, as: "b") }
        let isTelling = user == .ordinary
        #expect(
            error == (isTelling ? .full(errno: ENOSPC) : .system(.write, try RemotePath("b"), errno: EIO))
        )
        await #expect(throws: TransferError.self) {
            try await transport.publish(
                .bytes(Self.contents),
                as: RemotePath("a"),
                expecting: Fingerprint(of: Self.contents),
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
            settings.idleTimeout = .seconds(2)
            settings.connectionLimit = 1
        }
        let other = try SFTPAccountUnderTest()
        let start = ContinuousClock.now
        async let outcome = Result { () async throws(TransferError) in try await publish(slow.transport()) }
        let transport = other.transport()
        for number in 0..<20 { try await transport.publish("x", as: "f\(number)") }
        #expect(start.duration(to: .now) < .seconds(2))
        #expect(await outcome == .failure(.timedOut(seconds: 2)))
        #expect(start.duration(to: .now) < .seconds(6))
        #expect(try slow.files().filter { !$0.isIgnored } == [])
    }

    @Test func `a server that is slow from the start times out`() async throws {
        let server = try SFTPServer.shared.get()
        let proxy = try FaultyProxy(to: server.port, .crawl(afterBytes: 0), .crawl(afterBytes: 1_500))
        let account = try SFTPAccountUnderTest(through: proxy) { $0.connectTimeout = .seconds(1) }
        for _ in 0..<2 {
            let start = ContinuousClock.now
            await #expect(throws: TransferError.timedOut(seconds: 1)) { try await account.transport().list() }
            #expect(start.duration(to: .now) < .seconds(4))
        }
    }

    @Test func `an upload can be cancelled and taken up again`() async throws {
        let proxy = try FaultyProxy(to: SFTPServer.shared.get().port, .hold(afterBytes: 8 << 20))
        let account = try SFTPAccountUnderTest(through: proxy) { $0.connectionLimit = 1 }
        let transport = account.transport()
        // Cancelled below, and waited for.
        let task = Task { try await publish(transport) }
        try await proxy.waitUntilHolding()
        let start = ContinuousClock.now
        task.cancel()
        await #expect(throws: TransferError.cancelled) { try await task.value }
        #expect(start.duration(to: .now) < .seconds(1))
        #expect(try account.files().filter { !$0.isIgnored } == [])
        proxy.letGo()
        #expect(try await publish(transport) == .published)
        #expect(try await account.names() == ["a"])
        #expect(Fingerprint(of: try account.contents(of: RemotePath("a"))) == Fingerprint(of: Self.contents))
    }

    @Test(.enabled(if: UploadProcess.path != nil, "transfer-bench is not built"))
    func `our process killed during an upload leaves a file that is published once and whole`() async throws {
        let server = try SFTPServer.shared.get()
        let account = try SFTPAccountUnderTest()
        let spool = try AccountFolder()
        try spool.put(Self.contents, at: RemotePath("local"))
        // A line that gets slow half-way, so that there is time for the kill.
        let proxy = try FaultyProxy(to: server.port, .crawl(afterBytes: 16 << 20))
        let process = try UploadProcess(
            of: spool.path + "/local",
            as: "a",
            account.settings,
            proxy.port,
            server
        )
        for _ in 0..<5_000 where try partSize(account) < 12 << 20 { usleep(2_000) }
        process.kill()
        #expect(try account.files().filter { !$0.isIgnored } == [])
        #expect(try partSize(account) >= 12 << 20)

        #expect(try await publish(account.transport()) == .published)
        #expect(try await publish(account.transport()) == .alreadyThere)
        #expect(try account.files().map(\.spelling) == ["a"])
        #expect(Fingerprint(of: try account.contents(of: RemotePath("a"))) == Fingerprint(of: Self.contents))
    }

    /// How far the temporary file of an upload has come.
    private func partSize(_ account: SFTPAccountUnderTest) throws -> Int {
        guard let part = try account.files().first(where: { $0.spelling.hasSuffix(".part") }) else {
            return 0
        }
        var status = stat()
        return stat("\(account.folder.path)/\(part.spelling)", &status) == 0 ? Int(status.st_size) : 0
    }
}

extension SFTPAccountUnderTest {
    /// An account on the shared server that is reached through a proxy.
    convenience init(through proxy: FaultyProxy, change: (inout SFTPSettings) -> Void = { _ in }) throws {
        try self.init(on: SFTPServer.shared.get(), port: proxy.port, change: change)
    }
}

extension Result where Failure == TransferError {
    fileprivate init(_ work: () async throws(TransferError) -> Success) async {
        do throws(TransferError) {
            self = .success(try await work())
        } catch {
            self = .failure(error)
        }
    }
}
