// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB

extension PeopleService: AccountHost {
    package var readsAllAccounts: Bool { true }

    package func user(of account: String, in database: Database) throws -> String? {
        try Int.fetchOne(
            database,
            sql: "SELECT number FROM destinations WHERE account = ? ORDER BY number LIMIT 1",
            arguments: [account]
        )
        .map { "Destination \($0)" }
    }
}
