// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems
import Provisioning

/// The requests of Campaign that were accepted, with what was made for them.
struct ProvisioningStore {
    /// What is known of a request, if anything is.
    func find(_ request: String, in database: Database) throws -> Provisioned? {
        let content = try String.fetchOne(
            database,
            sql: "SELECT content FROM provisionings WHERE request = ?",
            arguments: [request]
        )
        return try content.map { try JSONDecoder().decode(Provisioned.self, from: Data($0.utf8)) }
    }

    /// What is known of a request.
    ///
    /// - Throws: ``Problem`` of kind `provisioning.unknown`.
    func require(_ request: String, in database: Database) throws -> Provisioned {
        guard let found = try find(request, in: database) else {
            throw Problem(.provisioningUnknown, "No request \(request) was accepted here.")
        }
        return found
    }

    /// All of them, the newest first.
    func list(in database: Database) throws -> [Provisioned] {
        try String.fetchAll(
            database,
            sql: "SELECT content FROM provisionings ORDER BY changed DESC, request LIMIT 1000"
        )
        .map { try JSONDecoder().decode(Provisioned.self, from: Data($0.utf8)) }
    }

    /// Stores what is known of a request.
    func save(_ provisioning: Provisioned, at time: Int64, in database: Database) throws {
        let content = String(decoding: try JSONEncoder().encode(provisioning), as: UTF8.self)
        try database.execute(
            sql: """
                INSERT INTO provisionings (request, state, content, changed) VALUES (?, ?, ?, ?)
                ON CONFLICT (request) DO UPDATE SET state = excluded.state, content = excluded.content,
                    changed = excluded.changed
                """,
            arguments: [provisioning.request.request, provisioning.state.rawValue, content, time]
        )
    }
}
