// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage
import Testing

@testable import Campaign

@Suite struct ShareRecoveryTests {
    /// Brings an export to the point at which its plan is kept and nothing is published.
    private func interrupt(_ system: ExportSystem) async throws -> SharePlan {
        try system.insertProfiles(1...5)
        let audience = try system.makeList([1, 2, 3])
        var options = ShareOptions()
        options.isGzip = false
        let share = try system.campaign.write { [options] database in
            try ShareStore().save(
                Audience.ID(audience),
                segment: 24,
                ExportSystem.plain,
                isReplacing: false,
                options,
                in: database
            )
        }
        let (receipt, plan) = try ShareRun(system.campaign, share).prepared()
        try system.campaign.write { database in
            try ReceiptStore().finish(receipt, in: database)
            try SharePlanStore().insert(plan, in: database)
        }
        return plan
    }

    @Test func `an interrupted export is finished once, with the same name and bytes`() async throws {
        let system = try await ExportSystem()
        let plan = try await interrupt(system)
        #expect(try system.published == [])
        let receipts = try await ShareRecovery(system.campaign).finishInterrupted()
        #expect(receipts.map(\.state) == [.completed])
        #expect(receipts.map(\.id) == [plan.receipt])
        #expect(try system.published == plan.files.map(\.name))
        #expect(try system.text(plan.files[0].name) == "C1\td_sid=24\nC2\td_sid=24\nC3\td_sid=24\n")
        #expect(try await ShareRecovery(system.campaign).finishInterrupted().isEmpty)
        #expect(try await Shares(system.campaign).shareDue().isEmpty)
        #expect(try system.names(in: system.campaign.directory.spool) == [])
    }

    @Test func `sharing forgets a killed run and gives its receipt's ID again`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...3)
        let audience = try system.makeList([1, 2, 3])
        let killed = try system.campaign.write { database in
            let receipt = try ReceiptStore().begin(.import, ExportSystem.plain, at: 0, in: database)
            let ledger = Ledger(at: 0)
            let entry = try ledger.discover(account: "a", path: "f", byteCount: 1, modified: 1, in: database)
            try ledger.move(entry.id, to: .spooled, receipt: receipt.id.rawValue, in: database)
            return receipt
        }
        let shared = try await system.share(audience)
        #expect(shared.id == killed.id)
        let (receipts, entry) = try system.campaign.write { database in
            (
                try ReceiptStore().list(limit: 10, in: database),
                try Ledger(at: 0)
                    .discover(account: "a", path: "f", byteCount: 1, modified: 1, in: database)
            )
        }
        #expect(receipts.map(\.direction) == [.export])
        #expect(receipts.map(\.state) == [.completed])
        #expect(entry.state == .discovered)
        #expect(entry.receipt == nil)
    }

    @Test func `an export killed after publishing is not published twice`() async throws {
        let system = try await ExportSystem()
        let plan = try await interrupt(system)
        let name = plan.files[0].name
        let spooled = "\(system.campaign.directory.spool)/\(plan.files[0].spoolFile)"
        try FileManager.default.copyItem(atPath: spooled, toPath: "\(system.folder)/\(name)")
        let receipts = try await ShareRecovery(system.campaign).finishInterrupted()
        #expect(receipts.map(\.state) == [.completed])
        #expect(try system.published == [name])
        #expect(receipts[0].change == ShareChange(added: 3, removed: 0, kept: 0))
    }

    @Test func `a plan waits while the folder is gone, and its share is not begun anew`() async throws {
        let system = try await ExportSystem()
        let plan = try await interrupt(system)
        try FileManager.default.moveItem(atPath: system.folder, toPath: system.folder + ".away")
        let receipts = try await ShareRecovery(system.campaign).finishInterrupted()
        #expect(receipts.map(\.state) == [.failed])
        #expect(receipts[0].failure?.code == "accounts.unreachable")
        #expect(try await Shares(system.campaign).shareDue().isEmpty)
        try FileManager.default.moveItem(atPath: system.folder + ".away", toPath: system.folder)
        let later = try await ShareRecovery(system.campaign).finishInterrupted()
        #expect(later.map(\.id) == [plan.receipt])
        #expect(later.map(\.state) == [.completed])
        #expect(try system.published == plan.files.map(\.name))
    }

    @Test func `a failed publication leaves nothing, and the next sync tries again`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...3)
        let audience = try system.makeList([1, 2])
        try FileManager.default.removeItem(atPath: system.folder)
        let failed = try await system.share(audience)
        #expect(failed.state == .failed)
        #expect(failed.failure?.code == "accounts.unreachable")
        #expect(try system.names(in: system.campaign.directory.spool) == [])
        #expect(try system.names(in: system.campaign.directory.lists) == [])
        try FileManager.default.createDirectory(atPath: system.folder, withIntermediateDirectories: true)
        let receipts = try await Shares(system.campaign).shareDue()
        #expect(receipts.map(\.change) == [ShareChange(added: 2, removed: 0, kept: 0)])
        #expect(try system.published.count == 1)
    }

    @Test func `another file of the same name is never overwritten`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...3)
        let audience = try system.makeList([1])
        try Data("theirs".utf8).write(to: URL(filePath: "\(system.folder)/ftp_dpm_7_1800000000.sync"))
        let failed = try await system.share(audience)
        #expect(failed.state == .failed)
        #expect(try system.text("ftp_dpm_7_1800000000.sync") == "theirs")
        let receipts = try await Shares(system.campaign).shareDue()
        #expect(receipts.map(\.state) == [.completed])
        #expect(try system.published.count == 2)
    }

    @Test func `a damaged list of what was shared is said, and sharing all again mends it`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...3)
        let audience = try system.makeList([1, 2])
        _ = try await system.share(audience)
        let lists = system.campaign.directory.lists
        let list = "\(lists)/\(try system.names(in: lists)[0])"
        try Data("junk".utf8).write(to: URL(filePath: list))
        let failed = try await system.share(audience)
        #expect(failed.failure?.code == "exports.list-damaged")
        var options = ShareOptions()
        options.isResending = true
        let receipt = try await Shares(system.campaign)
            .share(audience, into: .number(24), ExportSystem.plain, isReplacing: false, options: options)
            .receipt
        #expect(receipt.change == ShareChange(added: 2, removed: 0, kept: 0))
        #expect(try await system.share(audience).change == ShareChange(added: 0, removed: 0, kept: 2))
    }

    @Test func `leftovers of killed exports are removed, lists in use stay`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...3)
        _ = try await system.share(try system.makeList([1]))
        let directory = system.campaign.directory
        let lists = try system.names(in: directory.lists)
        try Data().write(to: URL(filePath: "\(directory.lists)/share-9-Plain-R9.list.partial"))
        try Data().write(to: URL(filePath: "\(directory.lists)/other.list"))
        try FileManager.default.createDirectory(
            atPath: "\(directory.spool)/export-R9",
            withIntermediateDirectories: true
        )
        try ShareRecovery(system.campaign).removeLeftovers()
        #expect(try system.names(in: directory.lists) == (lists + ["other.list"]).sorted())
        #expect(try system.names(in: directory.spool) == [])
    }
}
