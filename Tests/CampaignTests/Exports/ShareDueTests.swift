// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage
import Testing

@testable import Campaign

/// Shares that every `sync` brings up to date by itself.
@Suite struct ShareDueTests {
    @Test func `sync shares again what changed, and only that`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...4)
        let audience = try system.makeList([1, 2])
        _ = try await system.share(audience)
        #expect(try await Shares(system.campaign).shareDue().isEmpty)
        try system.setMembers([1, 2, 3], of: audience)
        let receipts = try await Shares(system.campaign).shareDue()
        #expect(receipts.map(\.change) == [ShareChange(added: 1, removed: 0, kept: 2)])
        try Shares(system.campaign).unshare(audience, segment: 24, ExportSystem.plain)
        try system.setMembers([4], of: audience)
        #expect(try await Shares(system.campaign).shareDue().isEmpty)
        #expect(throws: Problem.self) {
            try Shares(system.campaign).unshare(audience, segment: 24, ExportSystem.plain)
        }
    }

    @Test func `a share that is due again writes its files as the last command asked`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...9000)
        let audience = try system.makeList([1])
        _ = try await system.share(audience)
        #expect(try system.published == ["ftp_dpm_7_1800000000.sync"])
        try system.setMembers(Array(1...9000), of: audience)
        #expect(try await Shares(system.campaign).shareDue().map(\.state) == [.completed])
        #expect(try system.published.filter { $0.hasSuffix(".gz") } == [])
        #expect(try system.published.count == 2)
        var options = ShareOptions()
        options.splitByteCount = 110_000
        _ = try await Shares(system.campaign).share(
            audience,
            into: .number(24),
            ExportSystem.plain,
            isReplacing: true,
            options: options
        )
        try system.campaign.write { try $0.execute(sql: "DELETE FROM shared_lists") }
        try system.setMembers(Array(1...8999), of: audience)
        #expect(try await Shares(system.campaign).shareDue().map(\.files.count) == [2])
        #expect(try system.published.filter { $0.hasSuffix(".gz") }.count == 2)
    }
}
