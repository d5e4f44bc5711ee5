// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching

/// The realizations that an evaluation asks for, each read once.
final class RealizationCache {
    private let database: Database
    private let touched: TouchedIDs
    private let today: Day
    private var entries: [SID: [RealizationStore.Entry]] = [:]
    private var members: [SID: MemberSet] = [:]

    /// Nothing was read yet.
    ///
    /// - Parameters:
    ///   - database: The database.
    ///   - today: Today.
    ///   - touched: The IDs that matter.
    init(_ database: Database, _ today: Day, _ touched: TouchedIDs) {
        self.database = database
        self.today = today
        self.touched = touched
    }

    /// The realizations of a trait; none for one that was deleted.
    func entries(of sid: SID) throws -> [RealizationStore.Entry] {
        if let known = entries[sid] { return known }
        let trait = try TraitStore().list(limit: 1, after: sid - 1, in: database).first
        guard let trait, trait.sid == sid else {
            entries[sid] = []
            return []
        }
        let found = try RealizationStore().entries(of: trait, on: today, in: database, among: touched)
        entries[sid] = found
        return found
    }

    /// Who has a trait.
    func members(of sid: SID) throws -> MemberSet {
        if let known = members[sid] { return known }
        let found = MemberSet.union(of: try entries(of: sid).map(\.levels.members))
        members[sid] = found
        return found
    }
}
