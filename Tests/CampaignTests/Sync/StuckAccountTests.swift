// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Logging
import ServiceLifecycle
import Storage
import Surroundings
import Testing

@testable import Campaign

/// A partner's server that accepts connections and never says a word keeps nobody else waiting.
@Suite struct StuckAccountTests {
    private static let timeout = 8

    /// A socket that listens and never answers, until it is dropped.
    private final class SilentServer {
        let port: UInt16
        private let descriptor: Int32

        init() throws {
            (descriptor, port) = try listeningSocket()
        }

        deinit {
            close(descriptor)
        }
    }

    /// Two sources: one reads from a server that is stuck, one from a folder that has a file.
    private func makeTest(_ server: SilentServer) async throws -> (test: TestCampaign, audience: String) {
        let settings = SFTPAccount(
            host: "127.0.0.1",
            port: Int(server.port),
            user: "u",
            path: "/in",
            hostKeys: ["SHA256:" + String(repeating: "A", count: 43)]
        )
        return try await makeTest { sealer in
            ExternalAccount(
                id: "a-stuck",
                label: "Stuck",
                settings: .sftp(settings),
                rules: AccountRules(timeoutSeconds: Self.timeout),
                sealedSecrets: try AccountSecrets(password: "x").sealed(for: "a-stuck", sealer)
            )
        }
    }

    private func makeTest(
        _ clock: WorldClock = WorldClock(standingAt: TestCampaign.start),
        _ account: (Sealer) throws -> ExternalAccount
    ) async throws -> (test: TestCampaign, audience: String) {
        let test = try TestCampaign(clock)
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        let stuck = try account(test.campaign.sealer)
        try test.campaign.write { try ExternalAccountStore().save(stuck, in: $0) }
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

    @Test(arguments: AccountKind.onServers)
    func `while a server gives a byte a second, a pass imports through the others`(_ kind: AccountKind)
        async throws
    {
        let partner = try await Partner(kind)
        try await partner.put(TestFiles.long(4), at: "s3_1_14099_full_1486140844000.sync")
        let proxy = try FaultyProxy(
            to: partner.port,
            counting: .download,
            .crawlEverywhere(afterBytes: 100_000)
        )
        let rules = AccountRules(timeoutSeconds: Self.timeout)
        let (test, audience) = try await makeTest(.running) { sealer in
            try partner.account("a-stuck", rules, port: proxy.port, sealer: sealer)
        }
        try test.define("24", "Far")
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        let sync = Task { try await test.exchange() }
        let start = ContinuousClock.now
        while try test.members(audience).isEmpty, ContinuousClock.now - start < .seconds(60) {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try test.members(audience) == ["A"])
        #expect(ContinuousClock.now - start < .seconds(Self.timeout))
        while proxy.carried < 100_000 { try await Task.sleep(for: .milliseconds(20)) }
        if kind == .sftp {
            let report = try await sync.value
            #expect(report.receipts.map(\.state).sorted() == ["completed", "failed"])
            #expect(report.text.contains("did not answer within \(Self.timeout) s"))
        } else {
            // Every request is tried several times there, which takes longer than a test should.
            sync.cancel()
            await #expect(throws: CancellationError.self) { try await sync.value }
        }
        proxy.stop()
    }
}
