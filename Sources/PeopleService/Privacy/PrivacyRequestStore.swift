// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching

/// What somebody asked for about an ID, and what became of it; holds no ID.
package struct PrivacyRequest: Sendable, Equatable, Encodable {
    /// What was asked for.
    package enum Kind: String, Sendable, Encodable, CaseIterable {
        case optOut = "opt-out"
        case optIn = "opt-in"
        case access
        case delete
    }

    /// How far it is.
    package enum State: String, Sendable, Encodable, CaseIterable {
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

    /// Within how many days a deletion should be completed (Audience Manager, "data privacy requests").
    package static let targetDays = 30

    /// For how many whole days it has been waiting, or took.
    ///
    /// - Parameter now: The current time, in milliseconds since 1970.
    /// - Returns: The days, 0 or more.
    package func days(until now: Int64) -> Int { max(0, Int(((ended ?? now) - requested) / 86_400_000)) }

    /// Whether it is a deletion that has waited for longer than it should.
    package func isOverdue(at now: Int64) -> Bool {
        kind == .delete && state == .waiting && now - requested > Int64(Self.targetDays) * 86_400_000
    }
}

/// The privacy requests of the installation, as evidence that and when they were followed.
struct PrivacyRequestStore {
    /// When somebody opted out or was deleted last, in milliseconds since 1970.
    func lastDeparture(in database: Database) throws -> Int64? {
        try Int64.fetchOne(
            database,
            sql: "SELECT max(requested) FROM privacy_requests WHERE kind IN ('opt-out', 'delete')"
        )
    }

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
        .map(PrivacyRequest.init)
    }

    /// Requests of a kind or in a state, newest first.
    func list(
        limit: Int,
        before: Int,
        _ kind: PrivacyRequest.Kind?,
        _ state: PrivacyRequest.State?,
        in database: Database
    ) throws -> [PrivacyRequest] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM privacy_requests
                WHERE number < ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR state = ?3)
                ORDER BY number DESC LIMIT ?4
                """,
            arguments: [before, kind?.rawValue, state?.rawValue, limit]
        )
        .map(PrivacyRequest.init)
    }

    /// Deletions that have waited for longer than they should, the oldest first.
    func overdue(at now: Int64, limit: Int, in database: Database) throws -> [PrivacyRequest] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM privacy_requests WHERE state = 'waiting' AND kind = 'delete' AND requested < ?
                ORDER BY requested, number LIMIT ?
                """,
            arguments: [now - Int64(PrivacyRequest.targetDays) * 86_400_000, limit]
        )
        .map(PrivacyRequest.init)
    }

    /// The IDs whose texts a request waits for.
    func waiting(_ number: Int, in database: Database) throws -> MemberSet {
        let data = try Data.fetchOne(
            database,
            sql: "SELECT waiting FROM privacy_requests WHERE number = ?",
            arguments: [number]
        )
        return try data.map { try $0.withUnsafeBytes { try MemberSet(serialized: $0) } } ?? .empty
    }
}

extension PrivacyRequest {
    init(_ row: Row) {
        self.init(
            number: row["number"],
            kind: Kind(rawValue: row["kind"]) ?? .access,
            state: State(rawValue: row["state"]) ?? .completed,
            dataSource: row["data_source"],
            ids: row["ids"],
            requested: row["requested"],
            ended: row["ended"]
        )
    }
}
