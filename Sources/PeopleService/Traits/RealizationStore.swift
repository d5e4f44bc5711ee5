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
    /// - Returns: Entries with at least one ID, the oldest day first.
    /// - Throws: What the database answers, or `MatchingError` for damaged sets.
    func entries(of trait: Trait, on today: Day, in database: Database) throws -> [Entry] {
        let all = try allEntries(of: trait.sid, in: database)
        guard let first = trait.firstValidDay(on: today) else { return all }
        return all.filter { $0.day >= first }
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
        let old = try allEntries(of: trait.sid, in: database)
        var new = old
        let realized = change.realized.members
        // An onboarded trait moves to today; a rule-based one keeps its past.
        let leaving = trait.isOnboarded ? change.removed.union(realized) : change.removed
        if !leaving.isEmpty {
            for index in new.indices where new[index].levels.members.intersectionCount(leaving) > 0 {
                new[index].levels.remove(leaving)
            }
        }
        if !realized.isEmpty {
            if new.last?.day != today { new.append(Entry(day: today, levels: RealizationLevels())) }
            if let last = new.indices.last(where: { new[$0].day == today }) {
                if trait.isOnboarded {
                    new[last].levels.add(realized)
                } else {
                    new[last].levels.add(change.realized)
                }
            }
        }
        try store(old: old, new: new, trait.sid, in: database)
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
        let all = try allEntries(of: trait.sid, in: database)
        let old = all.filter { $0.day < first }
        guard !old.isEmpty else { return .empty }
        try database.execute(
            sql: "DELETE FROM realizations WHERE trait = ? AND day < ?",
            arguments: [trait.sid, first.number]
        )
        return Self.members(old).subtracting(Self.members(all.filter { $0.day >= first }))
    }

    private static func members(_ entries: [Entry]) -> MemberSet {
        MemberSet.union(of: entries.map(\.levels.members))
    }

    private func allEntries(of trait: SID, in database: Database) throws -> [Entry] {
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT day, members FROM realizations WHERE trait = ? ORDER BY day, level",
            arguments: [trait]
        )
        var days: [(day: Day, sets: [MemberSet])] = []
        while let row = try rows.next() {
            let day = Day(row[0])
            let set = try row.withUnsafeData(atIndex: 1) { data in
                try (data ?? Data()).withUnsafeBytes { try MemberSet(serialized: $0) }
            }
            if days.last?.day == day {
                days[days.count - 1].sets.append(set)
            } else {
                days.append((day, [set]))
            }
        }
        return days.map { Entry(day: $0.day, levels: RealizationLevels(sets: $0.sets)) }
    }

    private func store(old: [Entry], new: [Entry], _ trait: SID, in database: Database) throws {
        let before = Dictionary(old.map { ($0.day, $0.levels) }, uniquingKeysWith: { $1 })
        for entry in new {
            let oldSets = before[entry.day]?.sets ?? []
            let sets = entry.levels.sets
            for (index, set) in sets.enumerated() where index >= oldSets.count || oldSets[index] != set {
                try database.execute(
                    sql: """
                        INSERT INTO realizations (trait, day, level, members) VALUES (?, ?, ?, ?)
                        ON CONFLICT (trait, day, level) DO UPDATE SET members = excluded.members
                        """,
                    arguments: [trait, entry.day.number, index + 1, Data(set.serialized())]
                )
            }
            if sets.count < oldSets.count {
                try database.execute(
                    sql: "DELETE FROM realizations WHERE trait = ? AND day = ? AND level > ?",
                    arguments: [trait, entry.day.number, sets.count]
                )
            }
        }
    }
}
