// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Transfer

/// Transfers that break off in the middle, and what the next attempt makes of it.
@Suite(.enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")"), .timeLimit(.minutes(3)))
struct SFTPInterruptionTests {
    @Test func `a server killed in mid-upload shows nothing`() async throws {
        let server = try SFTPServer()
        let proxy = try FaultyProxy(to: server.port, .hold(afterBytes: 8 << 20))
        let account = try SFTPAccountUnderTest(on: server, port: proxy.port)
        let transport = account.transport()
        async let outcome = Result { () async throws(TransferError) in try await transport.publishLong() }
        try await proxy.waitUntilHolding()
        server.kill()
        proxy.letGo()
        #expect(await outcome == .failure(.disconnected))
        #expect(try account.partSize() > 1 << 20)
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
        await #expect(throws: TransferError.disconnected) { try await transport.publishLong() }
        #expect(try account.files().filter { !$0.isIgnored } == [])
        #expect(try account.partSize() > 12 << 20)

        let before = proxy.carried
        #expect(try await transport.publishLong() == .published)
        #expect(proxy.carried - before < 24 << 20)
        #expect(try await account.names() == ["a"])
        #expect(try account.contents(of: RemotePath("a")) == longContents)
    }

    @Test func `a part with other contents is not gone on with`() async throws {
        let account = try SFTPAccountUnderTest()
        let part = try SFTPPart(of: RemotePath("a"), Fingerprint(of: longContents)).path
        try account.put([UInt8](repeating: 7, count: 20 << 20), at: part)
        #expect(try await account.transport().publishLong() == .published)
        try account.put(
            [UInt8](repeating: 7, count: 40 << 20),
            at: SFTPPart(of: RemotePath("b"), Fingerprint(of: longContents)).path
        )
        #expect(try await account.transport().publishLong(as: "b") == .published)
        #expect(try await account.names() == ["a", "b"])
        #expect(try account.contents(of: RemotePath("a")) == longContents)
        #expect(try account.contents(of: RemotePath("b")) == longContents)
    }

    @Test(arguments: [0, 1_000, 3_000, 5_000, 40_000, 1 << 20, 5 << 20, 20 << 20])
    func `wherever the line is cut, the next attempt leaves one whole file`(_ limit: Int) async throws {
        let server = try SFTPServer.shared.get()
        let proxy = try FaultyProxy(to: server.port, .cut(afterBytes: limit))
        let account = try SFTPAccountUnderTest(through: proxy)
        let transport = account.transport()
        await #expect(throws: TransferError.disconnected) { try await transport.publishLong() }
        #expect(try account.files().filter { !$0.isIgnored } == [])
        #expect(try await transport.publishLong() == .published)
        #expect(try await account.names() == ["a"])
        #expect(Fingerprint(of: try account.contents(of: RemotePath("a"))) == Fingerprint(of: longContents))
    }

    @Test func `a download that was cut off goes on where it stopped`() async throws {
        let server = try SFTPServer.shared.get()
        let proxy = try FaultyProxy(to: server.port, .cut(afterBytes: 12 << 20))
        let account = try SFTPAccountUnderTest(through: proxy)
        let path = try RemotePath("a")
        try account.put(longContents, at: path)
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
        #expect(found == longContents)
    }

    @Test func `an upload can be cancelled and taken up again`() async throws {
        let proxy = try FaultyProxy(to: SFTPServer.shared.get().port, .hold(afterBytes: 8 << 20))
        let account = try SFTPAccountUnderTest(through: proxy) { $0.connectionLimit = 1 }
        let transport = account.transport()
        // Cancelled below, and waited for.
        let task = Task { try await transport.publishLong() }
        try await proxy.waitUntilHolding()
        let start = ContinuousClock.now
        task.cancel()
        await #expect(throws: TransferError.cancelled) { try await task.value }
        // Long before the connection would time out.
        #expect(start.duration(to: .now) < .seconds(15))
        #expect(try account.files().filter { !$0.isIgnored } == [])
        proxy.letGo()
        #expect(try await transport.publishLong() == .published)
        #expect(try await account.names() == ["a"])
        #expect(Fingerprint(of: try account.contents(of: RemotePath("a"))) == Fingerprint(of: longContents))
    }

    @Test(.enabled(if: UploadProcess.path != nil, "transfer-bench is not built"))
    func `our process killed during an upload leaves a file that is published once and whole`() async throws {
        let server = try SFTPServer.shared.get()
        let account = try SFTPAccountUnderTest()
        let spool = try AccountFolder()
        try spool.put(longContents, at: RemotePath("local"))
        // A line that gets slow half-way, so that there is time for the kill.
        let proxy = try FaultyProxy(to: server.port, .crawl(afterBytes: 16 << 20))
        let process = try UploadProcess(
            of: spool.path + "/local",
            as: "a",
            account.settings,
            proxy.port,
            server
        )
        for _ in 0..<5_000 where try account.partSize() < 12 << 20 { usleep(2_000) }
        process.kill()
        #expect(try account.files().filter { !$0.isIgnored } == [])
        #expect(try account.partSize() >= 12 << 20)

        #expect(try await account.transport().publishLong() == .published)
        #expect(try await account.transport().publishLong() == .alreadyThere)
        #expect(try account.files().map(\.spelling) == ["a"])
        #expect(Fingerprint(of: try account.contents(of: RemotePath("a"))) == Fingerprint(of: longContents))
    }
}
