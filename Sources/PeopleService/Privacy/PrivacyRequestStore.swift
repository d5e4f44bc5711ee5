// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching

/// What somebody asked for about an ID, and what became of it; holds no ID.
package struct PrivacyRequest: Sendable, Equatable, Encodable {
    /// What was asked for.
    package enum Kind: String, Sendable, Encodable {
        case optOut = "opt-out"
        case optIn = "opt-in"
        case access
        case delete
    }

    /// How far it is.
    package enum State: String, Sendable, Encodable {
        /// It is done.
        case completed
        /// Texts of IDs wait until every destination was told that they are gone.
        case waiting
        /// Nobody has the ID.
        case notFound = "not found"
    }

    /// The number, from 1.
    package let number: Int
    package let kind: Kind
    package let state: State
    /// The data source of the ID that was named.
    package let dataSource: DataSourceNumber
    /// How many IDs were reached.
    package let ids: Int
    /// When it came and when it was completed, in milliseconds since 1970.
    package let requested: Int64
    package let ended: Int64?
}

/// The privacy requests of the installation, as evidence that and when they were followed.
struct PrivacyRequestStore {
    /// Notes a request.
    ///
    /// - Parameters:
    ///   - kind: What was asked for.
    ///   - source: The data source of the ID that was named.
    ///   - reached: The IDs that it reached; none when nobody has the ID.
    ///   - waiting: Those whose texts wait.
    ///   - time: The current time, in milliseconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    func add(
        _ kind: PrivacyRequest.Kind,
        _ source: DataSource,
        reached: MemberSet,
        waiting: MemberSet = .empty,
        at time: Int64,
        in database: Database
    ) throws {
        let state: PrivacyRequest.State =
            reached.isEmpty ? .notFound : waiting.isEmpty ? .completed : .waiting
        try database.execute(
            sql: """
                INSERT INTO privacy_requests (kind, state, data_source, ids, waiting, requested, ended)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                kind.rawValue, state.rawValue, source.number, reached.count,
                waiting.isEmpty ? nil : Data(waiting.serialized()), time, state == .waiting ? nil : time,
            ]
        )
    }

    /// Notes that texts were wiped: requests that waited for nothing else are completed.
    func finish(_ wiped: MemberSet, at time: Int64, in database: Database) throws {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT number, waiting FROM privacy_requests WHERE state = 'waiting' ORDER BY number"
        )
        for row in rows {
            let bytes: Data = row[1]
            let old = try bytes.withUnsafeBytes { try MemberSet(serialized: $0) }
            let rest = old.subtracting(wiped)
            guard rest != old else { continue }
            try database.execute(
                sql: "UPDATE privacy_requests SET waiting = ?, state = ?, ended = ? WHERE number = ?",
                arguments: [
                    rest.isEmpty ? nil : Data(rest.serialized()), rest.isEmpty ? "completed" : "waiting",
                    rest.isEmpty ? time : nil, row[0] as Int,
                ]
            )
        }
    }

    /// Requests, newest first.
    ///
    /// - Parameters:
    ///   - limit: How many at most.
    ///   - before: Only older ones than this number, to page on.
    ///   - database: The database.
    /// - Returns: At most so many.
    /// - Throws: What the database answers.
    func list(limit: Int, before: Int = .max, in database: Database) throws -> [PrivacyRequest] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM privacy_requests WHERE number < ? ORDER BY number DESC LIMIT ?",
            arguments: [before, limit]
        )
        .map { row in
            PrivacyRequest(
                number: row["number"],
                kind: PrivacyRequest.Kind(rawValue: row["kind"]) ?? .access,
                state: PrivacyRequest.State(rawValue: row["state"]) ?? .completed,
                dataSource: row["data_source"],
                ids: row["ids"],
                requested: row["requested"],
                ended: row["ended"]
            )
        }
    }
}
