// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching

extension RealizationStore {
    /// Takes everything that some IDs ever realized away.
    ///
    /// - Parameters:
    ///   - members: The IDs.
    ///   - database: The database, in a transaction.
    /// - Returns: The traits that any of them had.
    /// - Throws: What the database answers.
    func remove(_ members: MemberSet, in database: Database) throws -> Set<SID> {
        guard !members.isEmpty else { return [] }
        var traits: Set<SID> = []
        for (trait, _, set) in try allSets(in: database) {
            guard try MemberSetStore().change(set, removing: members, in: database) < 0 else { continue }
            traits.insert(trait)
            try removeIfEmpty(set, in: database)
        }
        return traits
    }

    /// On which days some IDs realized which traits, and how often.
    ///
    /// - Parameters:
    ///   - members: A few IDs.
    ///   - database: The database.
    /// - Returns: The counts by ID, trait and day.
    /// - Throws: What the database answers.
    func realizations(
        of members: MemberSet,
        in database: Database
    ) throws -> [IDNumber: [SID: [Day: Int]]] {
        var found: [IDNumber: [SID: [Day: Int]]] = [:]
        let blocks = Blocks(of: members)
        for (trait, day, set) in try allSets(in: database) {
            // Each level that an ID is in counts one realization more.
            let stored = try MemberSetStore().read(set, blocks, in: database)
            try stored.members(among: members).forEach {
                found[$0, default: [:]][trait, default: [:]][day, default: 0] += 1
            }
        }
        return found
    }

    private func allSets(in database: Database) throws -> [(trait: SID, day: Day, set: SetNumber)] {
        try Row.fetchAll(
            database,
            sql: "SELECT trait, day, set_number FROM realizations ORDER BY trait, day, level"
        )
        .map { ($0[0], Day($0[1]), $0[2]) }
    }
}
