// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Storage
import Transfer

/// The finishing of exports that were interrupted, exactly once: same names, same bytes.
package struct ShareRecovery {
    private let campaign: Campaign
    private let turns: ChangeTurns

    package init(_ campaign: Campaign) {
        self.init(campaign, ChangeTurns(campaign.directory))
    }

    init(_ campaign: Campaign, _ turns: ChangeTurns) {
        self.campaign = campaign
        self.turns = turns
    }

    /// Publishes what interrupted exports planned, and removes what others left half-done.
    ///
    /// Takes turns with other work, and one export to an account at a time.
    ///
    /// - Parameter account: The account; nothing for all.
    /// - Returns: The receipts of the finished exports; one that fails again stays planned for the next time.
    /// - Throws: ``Problem`` of kind `data.busy`, or what the database answers.
    @discardableResult
    package func finishInterrupted(to account: ExternalAccount? = nil) async throws -> [Receipt] {
        var receipts: [Receipt] = []
        for (plan, receipt, target) in try interrupted() where account == nil || account?.id == target.id {
            let lock = try Shares.lock(target, campaign)
            defer { withExtendedLifetime(lock) {} }
            // Another process may have finished it while we waited.
            guard try interrupted().contains(where: { $0.plan.receipt == plan.receipt }) else { continue }
            if !target.rules.isReadOnly { await removeLeftovers(of: plan, in: target) }
            receipts.append(
                try await SharePublication(campaign, plan, turns).run(receipt, to: target, isResumed: true)
            )
        }
        return receipts
    }

    /// Removes from an account what a killed publication left there; no living run holds it.
    ///
    /// What can't be removed now stays for the next time: publishing does not depend on it.
    private func removeLeftovers(of plan: SharePlan, in account: ExternalAccount) async {
        guard let transport = try? campaign.transport(to: account) else { return }
        _ = try? await transport.removeLeftovers()
        for file in plan.files {
            guard let path = try? RemotePath(file.name) else { continue }
            try? await transport.removeLeftovers(of: path)
        }
    }

    private func interrupted() throws -> [(plan: SharePlan, receipt: Receipt, account: ExternalAccount)] {
        try campaign.read { database in
            try SharePlanStore().all(in: database).map { plan in
                let receipt = try ReceiptStore().find(plan.receipt, in: database)
                let source = try SharedDataSourceStore(campaign).find(receipt.dataSource, in: database)
                return (plan, receipt, try ExternalAccountStore().find(source.exportAccount, in: database))
            }
        }
    }

    /// Removes files that no share and no plan knows; in a turn, while nobody prepares an export.
    func removeLeftovers() throws {
        let (lists, plans) = try campaign.read { database in
            (try ShareStore().listFiles(in: database), try SharePlanStore().all(in: database))
        }
        let files = FileManager.default
        for name in (try? files.contentsOfDirectory(atPath: campaign.directory.lists)) ?? []
        where name.hasPrefix(ShareRun.listPrefix) && !lists.contains(name) {
            try? files.removeItem(atPath: "\(campaign.directory.lists)/\(name)")
        }
        let folders = Set(plans.map { ShareSpool(campaign, $0.receipt).name })
        for name in (try? files.contentsOfDirectory(atPath: campaign.directory.spool)) ?? []
        where name.hasPrefix(ShareSpool.prefix) && !folders.contains(name) {
            try? files.removeItem(atPath: "\(campaign.directory.spool)/\(name)")
        }
    }
}
