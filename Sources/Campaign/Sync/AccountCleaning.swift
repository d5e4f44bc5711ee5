// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB
import Logging
import Storage
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
        let transport = try campaign.transport(to: account)
        for file in files {
            switch account.rules.afterReading {
            case .keep:
                return
            case .delete:
                try await transport.delete(file.path)
            case .move(let folder):
                try await move(file, to: folder, transport)
            }
        }
        campaign.logger.info(
            "imported files cleared away",
            metadata: ["account": "\(account.id)", "files": "\(files.count)"]
        )
    }

    private func move(
        _ file: RemoteFile,
        to folder: String,
        _ transport: any Transport
    ) async throws(TransferError) {
        let bytes = Array("\(folder)/".utf8) + file.path.bytes
        do {
            try await transport.move(file.path, to: RemotePath(bytes: bytes))
        } catch .exists {
            // The partner has used the name before: the moment tells the versions apart.
            let moment = Array(".\(file.modifiedNanoseconds)".utf8)
            try await transport.move(file.path, to: RemotePath(bytes: bytes + moment))
        } catch .notFound {
            return
        }
    }

    /// Deletes files that we published longer ago than the account's rules keep them.
    ///
    /// - Throws: `TransferError`, or what the database answers.
    func ourOldFiles() async throws {
        guard let days = account.rules.retentionDays, !account.rules.isReadOnly else { return }
        let limit = campaign.world.milliseconds - Int64(days) * 86_400_000
        let paths = try campaign.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT path FROM published_files WHERE account = ? AND published < ? ORDER BY published LIMIT 1000
                    """,
                arguments: [account.id, limit]
            )
        }
        guard !paths.isEmpty else { return }
        let transport = try campaign.transport(to: account)
        for path in paths {
            try await transport.delete(RemotePath(spelling: path))
            try campaign.write { database in
                try database.execute(
                    sql: "DELETE FROM published_files WHERE account = ? AND path = ?",
                    arguments: [account.id, path]
                )
            }
        }
        campaign.logger.info(
            "old files of ours deleted",
            metadata: ["account": "\(account.id)", "files": "\(paths.count)"]
        )
    }
}
