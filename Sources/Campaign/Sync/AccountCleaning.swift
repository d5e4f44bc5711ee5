// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Logging
import Transfer

/// What an account's rules say of files whose work is done: imported ones are deleted or moved, old ones of ours go.
///
/// Everything here may be done again; what fails is tried by the next sync.
struct AccountCleaning {
    private let campaign: Campaign
    private let account: ExternalAccount

    init(_ campaign: Campaign, _ account: ExternalAccount) {
        self.campaign = campaign
        self.account = account
    }

    /// Deletes or moves files that were imported, where the account's rules say so.
    ///
    /// - Parameter files: Files of the account that the ledger knows as loaded.
    /// - Throws: `TransferError`.
    func afterReading(_ files: [RemoteFile]) async throws {
        guard account.rules.afterReading != .keep, !files.isEmpty else { return }
        try await AfterReading(account).clear(files, campaign.transport(to: account))
        campaign.logger.info(
            "imported files cleared away",
            metadata: ["account": "\(account.id)", "files": "\(files.count)"]
        )
    }

    /// Deletes files that we published longer ago than the account's rules keep them.
    ///
    /// - Throws: `TransferError`, or what the database answers.
    func ourOldFiles() async throws {
        let count = try await PublishedFiles(campaign).deleteOld(in: account)
        guard count > 0 else { return }
        campaign.logger.info(
            "old files of ours deleted",
            metadata: ["account": "\(account.id)", "files": "\(count)"]
        )
    }
}
