// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB
import Logging
import Problems
import Storage
import Transfer

/// What goes out to one account: interrupted exports are finished, what is due is shared, old files of ours go.
struct AccountExports {
    let campaign: Campaign
    let account: ExternalAccount
    let turns: SyncTurns
    let hesitation: SyncHesitation

    /// The accounts that something is shared through, or was and is not finished, by ID.
    static func accounts(_ campaign: Campaign) throws -> [ExternalAccount] {
        try campaign.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT export_account FROM shared_data_sources
                    WHERE id IN (SELECT data_source FROM shares)
                        OR id IN (
                            SELECT data_source FROM receipts JOIN export_plans ON export_plans.receipt = receipts.id
                        )
                        OR export_account IN (SELECT account FROM published_files)
                    ORDER BY 1 LIMIT 1000
                    """
            )
            .map { try ExternalAccountStore().find($0, in: database) }
        }
    }

    /// Shares what is due.
    ///
    /// - Returns: The receipts.
    /// - Throws: `CancellationError`, or what the database answers.
    func run() async throws -> SyncReport {
        var report = SyncReport()
        let change = try campaign.read { try Counter.change.value(in: $0) }
        guard !hesitation.holdsExports(to: account.id, of: change) else { return report }
        var receipts = try await ShareRecovery(campaign, turns).finishInterrupted(to: account)
        receipts += try await Shares(campaign, turns).shareDue(to: account)
        hesitation.note(
            exports: receipts,
            to: account.id,
            change: try campaign.read { try Counter.change.value(in: $0) }
        )
        report.add(receipts)
        do {
            try await AccountCleaning(campaign, account).ourOldFiles()
        } catch let error as TransferError {
            if error == .cancelled { throw CancellationError() }
            campaign.logger.warning(
                "old files of ours could not be deleted",
                metadata: ["account": "\(account.id)"]
            )
        }
        return report
    }
}
