// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB

extension Campaign: AccountHost {
    package func user(of account: String, in database: Database) throws -> String? {
        try String.fetchOne(
            database,
            sql: """
                SELECT id FROM shared_data_sources WHERE import_account = ?1 OR export_account = ?1
                ORDER BY id LIMIT 1
                """,
            arguments: [account]
        )
        .map { "The shared data source \($0)" }
    }

    package func loss(without account: String, in database: Database) throws -> String? {
        try AccountUse(of: account, self, in: database).loss
    }
}
