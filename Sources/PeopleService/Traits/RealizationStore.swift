// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching

/// Who realized which trait on which day, and how often.
///
/// Of an onboarded trait only the last day of each ID is kept, since it counts once however often a file says it
/// (Audience Manager: onboarded traits have a qualification count of at most one). Of a rule-based trait all days are.
struct RealizationStore {
    /// The realizations of a trait on one day.
    struct Entry: Sendable {
        let day: Day
        var levels: RealizationLevels
    }

    /// What a run does to a trait.
    struct Change {
        /// Those who realized it, and how often.
        var realized = RealizationLevels()
        /// Those who lose it.
        var removed = MemberSet.empty
    }

    /// The realizations that count today, by day.
    ///
    /// - Parameters:
    ///   - trait: The trait.
    ///   - today: Today.
    ///   - database: The database.
    ///   - some: Only these IDs matter; all unless said.
    /// - Returns: Entries with at least one ID, the oldest day first.
    /// - Throws: What the database answers, or `MatchingError` for damaged sets.
    func entries(
        of trait: Trait,
        on today: Day,
        in database: Database,
        among some: TouchedIDs = .all
    ) throws -> [Entry] {
        try storedDays(of: trait.sid, from: trait.firstValidDay(on: today), in: database, some)
            .map { try $0.entry(among: some) }
            .filter { !$0.levels.isEmpty }
    }

    /// Who has a trait today, not unpacked yet: a set for each day.
    ///
    /// - Parameters:
    ///   - trait: The trait.
    ///   - today: Today.
    ///   - database: The database.
    ///   - some: Only these IDs matter; others may be among those found.
    /// - Returns: The sets.
    /// - Throws: What the database answers.
    func holders(
        of trait: Trait,
        on today: Day,
        in database: Database,
        among some: TouchedIDs
    ) throws -> [StoredMembers] {
        // All who realized it on a day are on the first level.
        try Int.fetchAll(
            database,
            sql: """
                SELECT set_number FROM realizations WHERE trait = ? AND day >= ? AND level = 1 ORDER BY day
                """,
            arguments: [trait.sid, trait.firstValidDay(on: today)?.number ?? .min]
        )
        .map { try MemberSetStore().read($0, some.blocks, in: database) }
    }

    /// Who has a trait today.
    func members(of trait: Trait, on today: Day, in database: Database) throws -> MemberSet {
        Self.members(try entries(of: trait, on: today, in: database))
    }

    /// Applies what a run found.
    ///
    /// - Parameters:
    ///   - change: Removals come first, then realizations, of the same IDs too.
    ///   - trait: The trait.
    ///   - today: The day on which it happens.
    ///   - database: The database, in a transaction.
    /// - Returns: The IDs for which the change may decide a segment.
    /// - Throws: What the database answers.
    func apply(_ change: Change, to trait: Trait, on today: Day, in database: Database) throws -> MemberSet {
        let realized = change.realized.members
        // Nobody else's realizations change, so what follows is about these IDs alone.
        let touched = TouchedIDs(realized.union(change.removed))
        let stored = try storedDays(of: trait.sid, in: database, touched)
        let old = try stored.map { try $0.entry(among: touched) }
        var new = old
        // An onboarded trait moves to today; a rule-based one keeps its past.
        let leaving = trait.isOnboarded ? change.removed.union(realized) : change.removed
        if !leaving.isEmpty {
            for index in new.indices where new[index].levels.members.intersectionCount(leaving) > 0 {
                new[index].levels.remove(leaving)
            }
        }
        if !realized.isEmpty {
            if !new.contains(where: { $0.day == today }) {
                new.append(Entry(day: today, levels: RealizationLevels()))
            }
            if let last = new.indices.last(where: { new[$0].day == today }) {
                if trait.isOnboarded {
                    new[last].levels.add(realized)
                } else {
                    new[last].levels.add(change.realized)
                }
            }
        }
        try store(new, insteadOf: old, stored, trait.sid, in: database)
        let first = trait.firstValidDay(on: today)
        let isValid = { (entry: Entry) in first.map { $0 <= entry.day } ?? true }
        let before = Self.members(old.filter(isValid))
        let after = Self.members(new.filter(isValid))
        let lost = before.subtracting(after)
        // Of a rule-based trait each further realization counts, too.
        return (trait.isOnboarded ? after.subtracting(before) : realized).union(lost)
    }

    /// Forgets what no longer counts.
    ///
    /// - Parameters:
    ///   - trait: The trait.
    ///   - today: Today.
    ///   - database: The database, in a transaction.
    /// - Returns: The IDs that have no realization any more that counts.
    /// - Throws: What the database answers.
    func expire(_ trait: Trait, on today: Day, in database: Database) throws -> MemberSet {
        guard let first = trait.firstValidDay(on: today) else { return .empty }
        let isNothingOld =
            try Int.fetchOne(
                database,
                sql: "SELECT 1 FROM realizations WHERE trait = ? AND day < ? LIMIT 1",
                arguments: [trait.sid, first.number]
            ) == nil
        guard !isNothingOld else { return .empty }
        let all = try storedDays(of: trait.sid, in: database).map { try $0.entry(among: .all) }
        let old = all.filter { $0.day < first }
        try database.execute(
            sql: "DELETE FROM realizations WHERE trait = ? AND day < ?",
            arguments: [trait.sid, first.number]
        )
        return Self.members(old).subtracting(Self.members(all.filter { $0.day >= first }))
    }

    private static func members(_ entries: [Entry]) -> MemberSet {
        MemberSet.union(of: entries.map(\.levels.members))
    }

    /// The realizations of a day as they are kept: a set for each level.
    private struct StoredDay {
        let day: Day
        var levels: [StoredMembers] = []

        /// Those of some IDs; levels that none of them reached come last, since they are nested.
        func entry(among some: TouchedIDs) throws -> Entry {
            Entry(
                day: day,
                levels: RealizationLevels(sets: try levels.map(some.members).prefix { !$0.isEmpty })
            )
        }
    }

    private func storedDays(
        of trait: SID,
        from first: Day? = nil,
        in database: Database,
        _ some: TouchedIDs = .all
    ) throws -> [StoredDay] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT day, set_number FROM realizations WHERE trait = ? AND day >= ? ORDER BY day, level
                """,
            arguments: [trait, first?.number ?? .min]
        )
        var days: [StoredDay] = []
        for row in rows {
            let day = Day(row[0])
            if days.last?.day != day { days.append(StoredDay(day: day)) }
            days[days.count - 1].levels.append(try MemberSetStore().read(row[1], some.blocks, in: database))
        }
        return days
    }

    /// Keeps what became of the entries of some IDs; there may be one day more than before.
    private func store(
        _ new: [Entry],
        insteadOf old: [Entry],
        _ stored: [StoredDay],
        _ trait: SID,
        in database: Database
    ) throws {
        for (place, entry) in new.enumerated() {
            let before = place < old.count ? old[place].levels.sets : []
            let levels = place < stored.count ? stored[place].levels : []
            let sets = entry.levels.sets
            for (index, level) in levels.enumerated() {
                let was = index < before.count ? before[index] : .empty
                let becomes = index < sets.count ? sets[index] : .empty
                let change = MemberChange(from: was, to: becomes)
                try MemberSetStore().write(level, change, in: database)
                if !change.removed.isEmpty { try removeIfEmpty(level.set, in: database) }
            }
            for (index, set) in sets.enumerated().dropFirst(levels.count) {
                try database.execute(
                    sql: "INSERT INTO realizations (trait, day, level, set_number) VALUES (?, ?, ?, ?)",
                    arguments: [
                        trait, entry.day.number, index + 1, try MemberSetStore().make(set, in: database),
                    ]
                )
            }
        }
    }

    /// Forgets a level of a day that nobody reaches any more.
    func removeIfEmpty(_ set: SetNumber, in database: Database) throws {
        guard try MemberSetStore().isEmpty(set, in: database) else { return }
        try database.execute(sql: "DELETE FROM realizations WHERE set_number = ?", arguments: [set])
    }
}
