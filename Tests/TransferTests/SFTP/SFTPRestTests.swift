// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Transfer

/// Connections that rest: kept alive while somebody may need them, closed when nobody does.
@Suite(.enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")"), .timeLimit(.minutes(1)))
struct SFTPRestTests {
    @Test func `a resting connection outlives a server that closes silent ones`() async throws {
        let server = try SFTPServer(options: "ChannelTimeout session:*=4s")
        let proxy = try FaultyProxy(to: server.port)
        let silent = try SFTPAccountUnderTest(on: server, port: proxy.port)
        let account = try SFTPAccountUnderTest(on: server, port: proxy.port) {
            $0.keepAliveInterval = .milliseconds(300)
        }
        let (transport, other) = (account.transport(), silent.transport())
        _ = try await transport.list()
        _ = try await other.list()
        #expect(proxy.connections == 2)
        try await Task.sleep(for: .seconds(7))
        _ = try await transport.list()
        #expect(proxy.connections == 2)
        // Without signs of life the server has closed it, and it is opened again.
        _ = try await other.list()
        #expect(proxy.connections == 3)
        server.stop()
    }

    @Test func `a server that stays silent to the sign of life is given up`() async throws {
        let port = try SFTPServer.shared.get().port
        let usual = try FaultyProxy(to: port)
        let first = try SFTPAccountUnderTest(through: usual)
        _ = try await first.transport().list()
        // A few signs of life later.
        let proxy = try FaultyProxy(to: port, .hold(afterBytes: usual.carried + 1_000))
        let account = try SFTPAccountUnderTest(through: proxy) {
            $0.keepAliveInterval = .milliseconds(100)
            $0.idleTimeout = .seconds(3)
        }
        let transport = account.transport()
        _ = try await transport.list()
        try await proxy.waitUntilHolding()
        try await Task.sleep(for: .seconds(4))
        // The dead connection is not used and nobody waits for it: a new one answers at once.
        let start = ContinuousClock.now
        _ = try await transport.list()
        #expect(proxy.connections == 2)
        #expect(start.duration(to: .now) < .seconds(3))
        proxy.letGo()
    }

    @Test func `an unused connection is closed, and one with an open file is not`() async throws {
        let server = try SFTPServer()
        let account = try SFTPAccountUnderTest(on: server) {
            $0.restTime = .milliseconds(600)
            $0.keepAliveInterval = .milliseconds(200)
        }
        try await account.put(String(repeating: "x", count: 3 << 20), at: "a")
        let transport = account.transport()
        try await readSlowly(transport) {
            #expect(server.hasConnections)
        }
        for _ in 0..<200 where server.hasConnections {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(!server.hasConnections)
        #expect(try await transport.list().count == 1)
        server.stop()
    }

    /// Reads a file with a pause that is longer than an unused connection rests.
    private func readSlowly(_ transport: any Transport, afterPause check: () -> Void) async throws {
        let reader = try await transport.read(RemotePath("a"))
        #expect(try await reader.next() != nil)
        try await Task.sleep(for: .seconds(2))
        check()
        while try await reader.next() != nil {}
        await reader.close()
    }
}
