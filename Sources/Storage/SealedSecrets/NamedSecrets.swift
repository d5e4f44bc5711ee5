// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// The secrets of a system that have a name of their own: the table `secrets`.
package enum NamedSecrets {
    /// A secret as it is kept.
    static func sealed(_ name: String, in database: Database) throws -> Data? {
        try Data.fetchOne(database, sql: "SELECT sealed FROM secrets WHERE name = ?", arguments: [name])
    }

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
