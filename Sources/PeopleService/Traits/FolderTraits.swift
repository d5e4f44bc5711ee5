// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching

/// Folder traits and the traits that they sum up: those in a folder and in the folders below it.
///
/// Folder traits that lie there are not summed up again, so no sum ever holds itself.
struct FolderTraits {
    private let database: Database

    init(in database: Database) {
        self.database = database
    }

    /// Adds the column by which traits sum folders up; for a migration.
    static func addColumn(in database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE traits ADD COLUMN sums_folder INTEGER REFERENCES folders (number);
                CREATE INDEX traits_by_summed_folder ON traits (sums_folder);
                """
        )
    }

    /// The traits that a folder trait sums up.
    ///
    /// - Parameter folder: Its folder.
    /// - Returns: Their numbers, ascending.
    /// - Throws: What the database answers.
    func summed(in folder: Int) throws -> [SID] {
        try Int.fetchAll(
            database,
            sql: """
                WITH RECURSIVE below (number) AS (
                    SELECT ?1 UNION SELECT folders.number FROM folders JOIN below ON folders.parent = below.number
                )
                SELECT sid FROM traits WHERE folder IN (SELECT number FROM below) AND sums_folder IS NULL
                ORDER BY sid LIMIT ?2
                """,
            arguments: [folder, TraitStore.limit]
        )
    }

    /// The folder traits that sum a trait up.
    func over(_ sid: SID) throws -> Set<SID> {
        try Int.fetchSet(
            database,
            sql: """
                WITH RECURSIVE above (number) AS (
                    SELECT folder FROM traits WHERE sid = ?1 AND sums_folder IS NULL
                    UNION SELECT folders.parent FROM folders JOIN above ON folders.number = above.number
                )
                SELECT sid FROM traits WHERE sums_folder IN (SELECT number FROM above)
                """,
            arguments: [sid]
        )
    }

    /// Some traits, and the folder traits that sum any of them up.
    func closure(of traits: Set<SID>) throws -> Set<SID> {
        guard try !all().isEmpty else { return traits }
        return try traits.reduce(into: traits) { $0.formUnion(try over($1)) }
    }

    /// All folder traits.
    func all() throws -> Set<SID> {
        try Int.fetchSet(database, sql: "SELECT sid FROM traits WHERE sums_folder IS NOT NULL")
    }

    /// Who has a trait today, of any kind.
    func members(of trait: Trait, on today: Day) throws -> MemberSet {
        guard let folder = trait.summedFolder else {
            return try RealizationStore().members(of: trait, on: today, in: database)
        }
        return MemberSet.union(
            of: try summed(in: folder).map { sid in
                try members(of: TraitStore().find(sid, in: database), on: today)
            }
        )
    }

    /// The realizations of all of some traits, taken together day by day.
    static func sum(_ all: [[RealizationStore.Entry]]) -> [RealizationStore.Entry] {
        var days: [Day: RealizationLevels] = [:]
        for entry in all.joined() { days[entry.day, default: RealizationLevels()].add(entry.levels) }
        return days.keys.sorted().map { day in
            RealizationStore.Entry(day: day, levels: days[day] ?? RealizationLevels())
        }
    }
}
