// SPDX-License-Identifier: Apache-2.0

import GRDB
import Storage
import Transfer

/// The files that a system published in external accounts, so that old ones can go.
///
/// Each system's database has a table `published_files`.
package struct PublishedFiles: Sendable {
    private let host: any AccountHost

    /// The files of a system.
    package init(_ host: any AccountHost) {
        self.host = host
    }

    /// Notes that a file stands in an account.
    ///
    /// - Parameters:
    ///   - name: Its path in the account.
    ///   - account: The account's ID.
    ///   - database: The database, in the transaction that notes what was published.
    /// - Throws: What the database answers.
    package func note(_ name: String, in account: String, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO published_files (account, path, published) VALUES (?, ?, ?)",
            arguments: [account, name, host.world.milliseconds]
        )
    }

    /// Whether any file of these names stands in an account, as far as is known.
    ///
    /// - Parameters:
    ///   - names: Paths in the account.
    ///   - account: The account's ID.
    ///   - database: The database.
    /// - Returns: Whether one of them was published and not deleted since.
    /// - Throws: What the database answers.
    package static func hold(_ names: [String], in account: String, _ database: Database) throws -> Bool {
        try names.contains { name in
            try Bool.fetchOne(
                database,
                sql: "SELECT EXISTS (SELECT 1 FROM published_files WHERE account = ? AND path = ?)",
                arguments: [account, name]
            ) ?? false
        }
    }

    /// Deletes files that were published longer ago than the account's rules keep them, 1,000 at most.
    ///
    /// What fails is tried by the next sync.
    ///
    /// - Parameter account: The account.
    /// - Returns: How many went.
    /// - Throws: `TransferError`, or what the database answers.
    @discardableResult
    package func deleteOld(in account: ExternalAccount) async throws -> Int {
        guard let days = account.rules.retentionDays, !account.rules.isReadOnly else { return 0 }
        let limit = host.world.milliseconds - Int64(days) * 86_400_000
        let paths = try host.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT path FROM published_files WHERE account = ? AND published < ? ORDER BY published LIMIT 1000
                    """,
                arguments: [account.id, limit]
            )
        }
        guard !paths.isEmpty else { return 0 }
        let transport = try host.transport(to: account)
        for path in paths {
            try await transport.delete(RemotePath(spelling: path))
            try host.write { database in
                try database.execute(
                    sql: "DELETE FROM published_files WHERE account = ? AND path = ?",
                    arguments: [account.id, path]
                )
            }
        }
        return paths.count
    }
}
