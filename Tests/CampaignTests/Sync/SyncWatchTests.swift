// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Logging
import Problems
import ServiceLifecycle
import Storage
import Synchronization
import Testing

@testable import Campaign

@Suite struct SyncWatchTests {
    /// What a watch has shown so far.
    private final class Shown: Sendable {
        private let receipts = Mutex<[(state: String, at: ContinuousClock.Instant)]>([])

        func add(_ report: SyncReport) {
            let now = ContinuousClock.now
            receipts.withLock { receipts in
                for receipt in report.receipts { receipts.append((receipt.state, now)) }
            }
        }

        var all: [(state: String, at: ContinuousClock.Instant)] { receipts.withLock { $0 } }

        /// Waits until so many receipts were shown, or the deadline.
        func wait(for count: Int, atMost limit: Duration = .seconds(60)) async throws {
            let deadline = ContinuousClock.now + limit
            while all.count < count, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    @Test func `a watch notices new files by itself, finishes its work and stops when asked`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        let audience = try test.define("24", "Plain")
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        let shown = Shown()
        let watch = SyncWatch(test.campaign, try SyncRun(test.campaign)) { shown.add($0) }
        let group = ServiceGroup(
            services: [watch],
            gracefulShutdownSignals: [],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await shown.wait(for: 1)
            #expect(try test.members(audience) == ["A"])
            let dropped = ContinuousClock.now
            try test.drop("s3_1_14020_full_1486227244000.sync", "B 24\n")
            try await shown.wait(for: 2)
            let noticed = try #require(shown.all.last)
            #expect(shown.all.count == 2)
            // It looks twice a second; the rest is room for a busy machine.
            #expect(noticed.at - dropped < .seconds(10))
            #expect(try test.members(audience) == ["B"])
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(shown.all.map(\.state) == ["completed", "completed"])
        #expect(try test.receipts.count == 2)
    }

    @Test func `a second sync on the same data directory says so and leaves`() async throws {
        let test = try TestCampaign()
        let first = try SyncRun(test.campaign)
        let refusal = await problem { _ = try SyncRun(test.reopened()) }
        #expect(refusal?.kind.code == "data.busy")
        withExtendedLifetime(first) {}
    }

    @Test func `when the first sync is over the second one may`() async throws {
        let test = try TestCampaign()
        do { withExtendedLifetime(try SyncRun(test.campaign)) {} }
        #expect(try await test.sync().isQuiet)
    }

    @Test func `a set that failed is left alone for a while, until something about it changes`() async throws
    {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\n")
        try test.define("24", "Plain")
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        try test.campaign.write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER break_off BEFORE UPDATE OF version ON audiences
                    BEGIN SELECT raise(ABORT, 'broken'); END
                    """
            )
        }
        let sync = try SyncRun(test.campaign)
        let counts = [
            try await sync.pass(isPatient: false).receipts.count,
            try await sync.pass(isPatient: false).receipts.count,
        ]
        #expect(counts == [1, 0])
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n", age: 1)
        #expect(try await sync.pass(isPatient: false).receipts.count == 1)
    }
}
