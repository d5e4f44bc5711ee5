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
    let turns: ChangeTurns
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
        try await clean(after: receipts)
        return report
    }

    /// Deletes what has had its time; what fails is tried by the next sync, and stops nothing.
    private func clean(after receipts: [Receipt]) async throws {
        guard account.isEnabled, account.settings != .unconfigured else { return }
        do {
            try await AccountCleaning(campaign, account).ourOldFiles()
        } catch TransferError.cancelled {
            throw CancellationError()
        } catch is TransferError {
            warn("accounts.unreachable")
        } catch let problem as Problem where problem.kind == .secretUnreadable {
            warn(problem.kind.code)
        }
        // Where something was written just now, the server answers; an account that may only write shows nothing.
        guard !receipts.isEmpty, !receipts.contains(where: { $0.state == .failed }) else { return }
        _ = try? await campaign.transport(to: account).removeLeftovers()
    }

    private func warn(_ code: String) {
        campaign.logger.warning(
            "old files of ours could not be deleted",
            metadata: ["account": "\(account.id)", "problem": "\(code)"]
        )
    }
}
