// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Logging
import ServiceLifecycle
import Storage
import Testing

@testable import Campaign

/// A partner's server that accepts connections and never says a word keeps nobody else waiting.
@Suite struct StuckAccountTests {
    private static let timeout = 4

    /// A socket that listens and never answers, until it is dropped.
    private final class SilentServer {
        let port: Int
        private let descriptor: Int32

        init() throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let (socket, size) = (descriptor, length)
            let isBound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) == 0 }
            }
            let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getsockname(socket, $0, &length) == 0
                }
            }
            try #require(isBound && isKnown && listen(descriptor, 16) == 0)
            port = Int(UInt16(bigEndian: address.sin_port))
        }

        deinit {
            close(descriptor)
        }
    }

    /// Two sources: one reads from a server that is stuck, one from a folder that has a file.
    private func makeTest(_ server: SilentServer) async throws -> (test: TestCampaign, audience: String) {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        let settings = SFTPAccount(
            host: "127.0.0.1",
            port: server.port,
            user: "u",
            path: "/in",
            hostKeys: ["SHA256:" + String(repeating: "A", count: 43)]
        )
        try test.campaign.write { [sealer = test.campaign.sealer] database in
            let stuck = ExternalAccount(
                id: "a-stuck",
                label: "Stuck",
                settings: .sftp(settings),
                rules: AccountRules(timeoutSeconds: Self.timeout),
                sealedSecrets: try AccountSecrets(password: "x").sealed(for: "a-stuck", sealer)
            )
            try ExternalAccountStore().save(stuck, in: database)
        }
        try await test.source(
            SharedDataSourceDraft(
                id: "Far",
                number: 14_099,
                key: "email",
                importAccount: "a-stuck",
                exportAccount: "a-stuck",
                acceptsTerms: true
            )
        )
        return (test, try test.define("24", "Plain"))
    }

    @Test func `while one account is stuck, a pass imports and shares through the others`() async throws {
        let server = try SilentServer()
        let (test, audience) = try await makeTest(server)
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        let sync = Task { try await test.sync() }
        let start = ContinuousClock.now
        while try test.members(audience).isEmpty, ContinuousClock.now - start < .seconds(60) {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try test.members(audience) == ["A"])
        #expect(ContinuousClock.now - start < .seconds(Self.timeout))
        let report = try await sync.value
        #expect(report.unreachable.map(\.account) == ["a-stuck"])
        #expect(report.hasFailures)
        withExtendedLifetime(server) {}
    }

    @Test func `while one account is stuck, a watch goes on with the others, and other commands are let in`()
        async throws
    {
        let server = try SilentServer()
        let (test, audience) = try await makeTest(server)
        let group = ServiceGroup(
            services: [SyncWatch(test.campaign, try SyncRun(test.campaign)) { _ in }],
            gracefulShutdownSignals: [],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for (moment, id) in [("1486140844000", "A"), ("1486227244000", "B")] {
                let start = ContinuousClock.now
                try test.drop("s3_1_14020_full_\(moment).sync", "\(id) 24\n")
                while try test.members(audience) != [id], ContinuousClock.now - start < .seconds(60) {
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(ContinuousClock.now - start < .seconds(Self.timeout))
            }
            try test.load("externalId\nC\n")
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        withExtendedLifetime(server) {}
    }
}
