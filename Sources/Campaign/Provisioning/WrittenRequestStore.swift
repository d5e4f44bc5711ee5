// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems
import Provisioning
import Storage

/// The requests that were written here, with their private keys sealed.
struct WrittenRequestStore {
    /// Stores a new request with its key.
    func insert(
        _ written: WrittenRequest,
        _ key: ProvisioningKey,
        _ sealer: Sealer,
        in database: Database
    ) throws {
        let id = written.request.request
        try database.execute(
            sql:
                "INSERT INTO provisionings (request, state, content, sealed_key, changed) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                id, written.state.rawValue, try Self.text(written),
                try sealer.seal(key.bytes, for: Self.owner(id, "key")), written.request.created,
            ]
        )
    }

    /// Finds a request.
    ///
    /// - Throws: ``Problem`` of kind `provisioning.unknown`.
    func find(_ id: String, in database: Database) throws -> WrittenRequest {
        let content = try String.fetchOne(
            database,
            sql: "SELECT content FROM provisionings WHERE request = ?",
            arguments: [id]
        )
        guard let content else { throw Problem(.provisioningUnknown, "No request \(id) was written here.") }
        return try JSONDecoder().decode(WrittenRequest.self, from: Data(content.utf8))
    }

    /// The key of a request; `nil` once it was withdrawn.
    func key(of id: String, _ sealer: Sealer, in database: Database) throws -> ProvisioningKey? {
        let sealed = try Data.fetchOne(
            database,
            sql: "SELECT sealed_key FROM provisionings WHERE request = ? AND sealed_key IS NOT NULL",
            arguments: [id]
        )
        return try sealed.map { try ProvisioningKey(bytes: sealer.open($0, for: Self.owner(id, "key"))) }
    }

    /// All requests, the newest first.
    func list(in database: Database) throws -> [WrittenRequest] {
        try String.fetchAll(
            database,
            sql: "SELECT content FROM provisionings ORDER BY changed DESC, request LIMIT 1000"
        )
        .map { try JSONDecoder().decode(WrittenRequest.self, from: Data($0.utf8)) }
    }

    /// Stores what became of a request; a withdrawn one loses its key.
    ///
    /// - Parameters:
    ///   - written: The request.
    ///   - time: The current time, in milliseconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    func update(_ written: WrittenRequest, at time: Int64, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE provisionings SET state = ?1, content = ?2, changed = ?3,
                    sealed_key = CASE WHEN ?1 = 'withdrawn' THEN NULL ELSE sealed_key END
                WHERE request = ?4
                """,
            arguments: [
                written.state.rawValue, try Self.text(written), time, written.request.request,
            ]
        )
    }

    /// Seals all keys anew.
    ///
    /// - Returns: How many there are.
    static func reseal(from older: Sealer, to newer: Sealer, in database: Database) throws -> Int {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT request, sealed_key FROM provisionings WHERE sealed_key IS NOT NULL"
        )
        for row in rows {
            let owner = owner(row["request"], "key")
            try database.execute(
                sql: "UPDATE provisionings SET sealed_key = ? WHERE request = ?",
                arguments: [
                    try newer.seal(older.open(row["sealed_key"], for: owner), for: owner), row["request"],
                ]
            )
        }
        return rows.count
    }

    private static func owner(_ id: String, _ part: String) -> String { "provisioning/\(id)/\(part)" }

    private static func text(_ written: WrittenRequest) throws -> String {
        String(decoding: try JSONEncoder().encode(written), as: UTF8.self)
    }
}
