// SPDX-License-Identifier: Apache-2.0

import GRDB

/// A system that keeps sealed secrets in its database.
package protocol SecretKeeper: StoredSystem {
    /// Seals every secret of the system anew.
    ///
    /// - Parameters:
    ///   - older: Opens them.
    ///   - newer: Seals them.
    ///   - database: The database, in a transaction.
    /// - Returns: How many there are.
    /// - Throws: `Problem` of kind `secrets.unreadable`, or what the database answers.
    func reseal(from older: Sealer, to newer: Sealer, in database: Database) throws -> Int
}
