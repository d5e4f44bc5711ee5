// SPDX-License-Identifier: Apache-2.0

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
        let set = try sets(before: nil, in: database).first { $0.day == day }
        if let set {
            try MemberSetStore().change(set.number, adding: members, in: database)
            return
        }
        try database.execute(
            sql: "INSERT INTO activity (day, set_number) VALUES (?, ?)",
            arguments: [day.number, try MemberSetStore().make(members, in: database)]
        )
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
        MemberSet.union(
            of: try sets(before: day, in: database)
                .map { try MemberSetStore().members(of: $0.number, in: database) }
        )
    }

    /// Leaves each ID in its last day alone.
    ///
    /// - Parameter database: The database, in a transaction.
    /// - Throws: What the database answers.
    func compact(in database: Database) throws {
        var later = MemberSet.empty
        for set in try sets(before: nil, in: database).reversed() {
            let stored = try MemberSetStore().read(set.number, in: database)
            let members = try stored.members
            let change = MemberChange(added: .empty, removed: members.intersection(later))
            try MemberSetStore().write(stored, change, in: database)
            if members.isSubset(of: later) { try forget(set.day, in: database) }
            later = later.union(members)
        }
    }

    /// Forgets when some IDs were seen.
    func remove(_ members: MemberSet, in database: Database) throws {
        for set in try sets(before: nil, in: database) {
            let change = try MemberSetStore().change(set.number, removing: members, in: database)
            guard change < 0 else { continue }
            if try MemberSetStore().isEmpty(set.number, in: database) { try forget(set.day, in: database) }
        }
    }

    /// The last day of each of a few IDs.
    func lastDays(of members: MemberSet, in database: Database) throws -> [IDNumber: Day] {
        var found: [IDNumber: Day] = [:]
        let blocks = Blocks(of: members)
        for set in try sets(before: nil, in: database) {
            let stored = try MemberSetStore().read(set.number, blocks, in: database)
            try stored.members(among: members).forEach { found[$0] = set.day }
        }
        return found
    }

    /// The days that have a set, the earliest first; as many as the longest retention at most.
    private func sets(before day: Day?, in database: Database) throws -> [(day: Day, number: SetNumber)] {
        try Row.fetchAll(
            database,
            sql: "SELECT day, set_number FROM activity WHERE day < ? ORDER BY day",
            arguments: [day.map { Int($0.number) } ?? Int.max]
        )
        .map { (Day($0[0]), $0[1]) }
    }

    private func forget(_ day: Day, in database: Database) throws {
        try database.execute(sql: "DELETE FROM activity WHERE day = ?", arguments: [day.number])
    }
}
