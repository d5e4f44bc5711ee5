// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// A system that keeps sealed secrets in its database.
package protocol SecretKeeper {
    /// The system's database.
    var database: DatabasePool { get }

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

/// The secrets of a system that have a name of their own: the table `secrets`.
package enum NamedSecrets {
    /// Seals them anew.
    ///
    /// - Parameters:
    ///   - older: Opens them.
    ///   - newer: Seals them.
    ///   - database: The database, in a transaction.
    /// - Returns: How many there are.
    /// - Throws: `Problem` of kind `secrets.unreadable`, or what the database answers.
    package static func reseal(from older: Sealer, to newer: Sealer, in database: Database) throws -> Int {
        let rows = try Row.fetchAll(database, sql: "SELECT name, sealed FROM secrets ORDER BY name")
        for row in rows {
            let name: String = row["name"]
            try database.execute(
                sql: "UPDATE secrets SET sealed = ? WHERE name = ?",
                arguments: [try newer.seal(older.open(row["sealed"], for: name), for: name), name]
            )
        }
        return rows.count
    }
}
