// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import GRDB
import Storage

extension PeopleService: SecretKeeper {
    package func reseal(from older: Sealer, to newer: Sealer, in database: Database) throws -> Int {
        try NamedSecrets.reseal(from: older, to: newer, in: database)
            + ExternalAccountStore().reseal(from: older, to: newer, in: database)
    }
}
