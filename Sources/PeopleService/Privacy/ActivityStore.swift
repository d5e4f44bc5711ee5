// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching

/// On which day each ID last showed a sign of life: a line of a file that counted, or a link.
///
/// One compressed set for each day. A run only adds to the set of its day; once a day each ID is taken out of all but
/// its last one. So an ID costs two to three bytes, and a run one union of sets.
struct ActivityStore {
    /// Notes a sign of life.
    ///
    /// - Parameters:
    ///   - members: The IDs.
    ///   - day: The day.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    func note(_ members: MemberSet, on day: Day, in database: Database) throws {
        guard !members.isEmpty else { return }
        let data = try Data.fetchOne(
            database,
            sql: "SELECT members FROM activity WHERE day = ?",
            arguments: [day.number]
        )
        try store(try Self.set(data).union(members), of: day, in: database)
    }

    /// All IDs that have a day.
    func all(in database: Database) throws -> MemberSet { try seen(before: nil, in: database) }

    /// The IDs that have an earlier day, after ``compact(in:)``.
    ///
    /// - Parameters:
    ///   - day: The day; `nil` for all.
    ///   - database: The database.
    /// - Returns: The IDs.
    /// - Throws: What the database answers.
    func seen(before day: Day?, in database: Database) throws -> MemberSet {
        let sets = try Data.fetchAll(
            database,
            sql: "SELECT members FROM activity WHERE day < ? ORDER BY day",
            arguments: [day.map { Int($0.number) } ?? Int.max]
        )
        return MemberSet.union(of: try sets.map(Self.set))
    }

    /// Leaves each ID in its last day alone.
    ///
    /// - Parameter database: The database, in a transaction.
    /// - Throws: What the database answers.
    func compact(in database: Database) throws {
        var later = MemberSet.empty
        for day in try days(in: database).reversed() {
            let old = try members(of: day, in: database)
            let new = old.subtracting(later)
            if new != old { try store(new, of: day, in: database) }
            later = later.union(new)
        }
    }

    /// Forgets when some IDs were seen.
    func remove(_ members: MemberSet, in database: Database) throws {
        for day in try days(in: database) {
            let old = try self.members(of: day, in: database)
            guard old.intersectionCount(members) > 0 else { continue }
            try store(old.subtracting(members), of: day, in: database)
        }
    }

    /// The last day of each of a few IDs.
    func lastDays(of members: MemberSet, in database: Database) throws -> [IDNumber: Day] {
        var found: [IDNumber: Day] = [:]
        for day in try days(in: database) {
            try self.members(of: day, in: database).intersection(members).forEach { found[$0] = day }
        }
        return found
    }

    /// The days that have a set, the earliest first; as many as the longest retention at most.
    private func days(in database: Database) throws -> [Day] {
        try Int32.fetchAll(database, sql: "SELECT day FROM activity ORDER BY day").map { Day($0) }
    }

    private func members(of day: Day, in database: Database) throws -> MemberSet {
        try Self.set(
            Data.fetchOne(
                database,
                sql: "SELECT members FROM activity WHERE day = ?",
                arguments: [day.number]
            )
        )
    }

    private func store(_ members: MemberSet, of day: Day, in database: Database) throws {
        guard !members.isEmpty else {
            return try database.execute(sql: "DELETE FROM activity WHERE day = ?", arguments: [day.number])
        }
        try database.execute(
            sql: """
                INSERT INTO activity (day, members) VALUES (?, ?)
                ON CONFLICT (day) DO UPDATE SET members = excluded.members
                """,
            arguments: [day.number, Data(members.serialized())]
        )
    }

    private static func set(_ data: Data?) throws -> MemberSet {
        try data.map { try $0.withUnsafeBytes { try MemberSet(serialized: $0) } } ?? .empty
    }
}
