// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Storage
import Transfer

/// The finishing of exports that were interrupted, exactly once: same names, same bytes.
package struct ShareRecovery {
    private let campaign: Campaign

    package init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Publishes what interrupted exports planned, and removes what others left half-done.
    ///
    /// The caller holds the lock for changes.
    ///
    /// - Returns: The receipts of the finished exports; one that fails again stays planned for the next time.
    /// - Throws: What the database answers.
    @discardableResult
    package func finishInterrupted() async throws -> [Receipt] {
        let plans = try campaign.read { try SharePlanStore().all(in: $0) }
        var receipts: [Receipt] = []
        for plan in plans {
            let (receipt, account) = try campaign.read { database in
                let receipt = try ReceiptStore().find(plan.receipt, in: database)
                let source = try SharedDataSourceStore(campaign).find(receipt.dataSource, in: database)
                return (receipt, try ExternalAccountStore().find(source.exportAccount, in: database))
            }
            // A killed publication left its temporary file in the account; no living run holds it.
            _ = try? await account.transport(campaign.world).removeLeftovers()
            receipts.append(
                try await SharePublication(campaign, plan).run(receipt, to: account, isResumed: true)
            )
        }
        try removeLeftovers()
        return receipts
    }

    /// Removes files that no share and no plan knows.
    private func removeLeftovers() throws {
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
