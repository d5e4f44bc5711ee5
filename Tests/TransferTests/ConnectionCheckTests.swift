// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

@testable import Transfer

@Suite struct ConnectionCheckTests {
    /// What a check of a folder account tries, in this order.
    static let folderSteps: [ConnectionStep.Name] = [
        .reach, .list, .write, .readBack, .rename, .delete, .clock, .space,
    ]

    private let systemClock: @Sendable () -> Int = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    @Test func `a working account passes every step and keeps nothing`() async throws {
        let account = try AccountFolder()
        try account.put("x", at: "partner.gz")
        let check = ConnectionCheck(of: account.transport(), probeID: "1", now: systemClock)
        let steps = await check.run()
        #expect(steps.map(\.name) == Self.folderSteps)
        #expect(steps.map(\.outcome) == Array(repeating: .ok, count: 8))
        #expect(steps[1].finding == .files(1))
        #expect(steps.allSatisfy { $0.seconds > 0 })
        #expect(try account.names() == ["partner.gz"])
    }

    @Test func `a missing folder fails the first step and skips the others`() async throws {
        let transport = FolderTransport(root: "/nonexistent/account") { "1" }
        let steps = await ConnectionCheck(of: transport, probeID: "1", now: systemClock).run()
        #expect(
            steps.map(\.outcome) == [.failed(.vanished(errno: ENOENT))] + Array(repeating: .skipped, count: 7)
        )
    }

    @Test func `an account that we only read is not written to`() async throws {
        let account = try AccountFolder()
        let transport = FaultyTransport(account.transport(), failing: [.write: .readOnly])
        var check = ConnectionCheck(of: transport, probeID: "1", now: systemClock)
        check.isWriting = false
        let outcomes = await check.run().map(\.outcome)
        #expect(outcomes == [.ok, .ok, .skipped, .skipped, .skipped, .skipped, .skipped, .ok])
    }

    @Test(arguments: ConnectionCheckTests.folderSteps.filter { $0 != .clock })
    func `a failing step is named and leaves nothing behind`(_ step: ConnectionStep.Name) async throws {
        let account = try AccountFolder()
        let fault = TransferError.system(.open, nil, errno: EIO)
        let transport = FaultyTransport(account.transport(), failing: [step: fault])
        let steps = await ConnectionCheck(of: transport, probeID: "1", now: systemClock).run()
        #expect(steps.map(\.name) == Self.folderSteps)
        #expect(steps.filter { $0.outcome == .failed(fault) }.map(\.name) == [step])
        #expect(try account.names() == [])
    }

    @Test func `a write that fails after the probe stands there leaves nothing behind`() async throws {
        let account = try AccountFolder()
        let transport = FaultyTransport(account.transport(), failing: [:], lyingAbout: .write)
        let steps = await ConnectionCheck(of: transport, probeID: "1", now: systemClock).run()
        #expect(steps[2].outcome == .failed(.cancelled))
        #expect(try account.names() == [])
    }

    @Test func `a check that is cancelled leaves nothing behind`() async throws {
        let account = try AccountFolder()
        let transport = FaultyTransport(account.transport(), failing: [:], cancellingAfter: .write)
        let check = ConnectionCheck(of: transport, probeID: "1", now: systemClock)
        // Cancels itself after the probe is written, and is waited for.
        let steps = await Task { await check.run() }.value
        #expect(steps[2].outcome == .ok)
        #expect(steps[3].outcome == .failed(.cancelled))
        #expect(steps[5].outcome == .failed(.cancelled))
        #expect(try account.names() == [])
    }

    @Test(arguments: [1_200.0, -1_200, 30, -30])
    func `clocks that differ by minutes are told with the seconds`(_ offset: Double) async throws {
        let account = try AccountFolder()
        let real = systemClock
        let check = ConnectionCheck(of: account.transport(), probeID: "1") { real() + Int(offset * 1e9) }
        let step = try #require(await check.run().first { $0.name == .clock })
        switch (step.outcome, step.finding) {
        case (.failed(.clockDiffers(let seconds)), nil):
            #expect(abs(offset) > 60)
            #expect(abs(seconds + offset) < 10)
        case (.ok, .clockAhead(let seconds)):
            #expect(abs(offset) < 60)
            #expect(abs(seconds + offset) < 10)
        default:
            Issue.record("unexpected outcome \(step)")
        }
    }

    @Test func `too little space fails with both numbers`() async throws {
        let account = try AccountFolder()
        var check = ConnectionCheck(of: account.transport(), probeID: "1", now: systemClock)
        check.wantedFreeBytes = Int.max
        guard case .failed(.lowSpace(let free, Int.max)) = await check.run().last?.outcome else {
            Issue.record("space is not told")
            return
        }
        #expect(free > 0)
    }

    @Test func `storage that does not tell its space skips the step`() async throws {
        let account = try AccountFolder()
        let transport = FaultyTransport(account.transport(), failing: [:], isTellingSpace: false)
        let steps = await ConnectionCheck(of: transport, probeID: "1", now: systemClock).run()
        #expect(steps.last?.outcome == .skipped)
    }
}
