// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

/// The traits of the installation.
package struct TraitStore {
    package init() {}

    /// Adds a trait.
    ///
    /// - Parameters:
    ///   - time: The current time, in milliseconds since 1970.
    ///   - database: The database, in a transaction.
    ///   - trait: Makes the trait from its number.
    /// - Returns: The trait.
    /// - Throws: ``Problem`` of kind `people.trait-refused`, `people.rule-refused` or `people.data-source-unknown`.
    package func add(at time: Int64, in database: Database, _ trait: (SID) -> Trait) throws -> Trait {
        try add(trait(try Counter.sid.next(in: database)), at: time, in: database)
    }

    /// Adds a trait whose number was given by ``Counter/sid``.
    func add(_ trait: Trait, at time: Int64, in database: Database) throws -> Trait {
        try confirm(trait, in: database)
        try confirmRoom(for: trait, in: database)
        try database.execute(
            sql: """
                INSERT INTO traits (sid, name, description, data_source, folder, integration_code, rule,
                    sums_folder, lifetime_days, created, changed)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                trait.sid, trait.name, trait.description, trait.dataSource, trait.folder,
                trait.integrationCode, trait.rule, trait.summedFolder, trait.lifetimeDays, time, time,
            ]
        )
        try Counter.change.next(in: database)
        return trait
    }

    /// Changes what can be changed of a trait: everything but its number, its data source and its kind.
    ///
    /// - Throws: ``Problem`` of kind `people.trait-refused`.
    func update(_ trait: Trait, at time: Int64, in database: Database) throws {
        try confirm(trait, in: database)
        try database.execute(
            sql: """
                UPDATE traits SET name = ?, description = ?, folder = ?, integration_code = ?, rule = ?,
                    sums_folder = ?, lifetime_days = ?, changed = ?
                WHERE sid = ?
                """,
            arguments: [
                trait.name, trait.description, trait.folder, trait.integrationCode, trait.rule,
                trait.summedFolder, trait.lifetimeDays, time, trait.sid,
            ]
        )
        try Counter.change.next(in: database)
    }

    /// Finds a trait.
    ///
    /// - Throws: ``Problem`` of kind `people.trait-unknown`.
    func find(_ sid: SID, in database: Database) throws -> Trait {
        guard let trait = try findIfThere(sid, in: database) else {
            throw Problem(.traitUnknown, "There is no trait \(sid).")
        }
        return trait
    }

    /// Finds a trait, if there is one of this number.
    func findIfThere(_ sid: SID, in database: Database) throws -> Trait? {
        try Row.fetchOne(database, sql: "SELECT * FROM traits WHERE sid = ?", arguments: [sid]).map(
            Trait.init
        )
    }

    /// Traits by number.
    ///
    /// - Parameters:
    ///   - limit: How many at most.
    ///   - after: Only those with larger numbers, to page on.
    ///   - database: The database.
    /// - Returns: The traits.
    /// - Throws: What the database answers.
    func list(limit: Int, after: SID = 0, in database: Database) throws -> [Trait] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM traits WHERE sid > ? ORDER BY sid LIMIT ?",
            arguments: [after, limit]
        )
        .map(Trait.init)
    }

    /// All traits: there are at most 100,000.
    func all(in database: Database) throws -> [Trait] { try list(limit: Self.limit, in: database) }

    /// The traits of a data source.
    func traits(of dataSource: DataSourceNumber, in database: Database) throws -> [Trait] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM traits WHERE data_source = ? ORDER BY sid LIMIT ?",
            arguments: [dataSource, Self.limit]
        )
        .map(Trait.init)
    }

    /// Deletes a trait and everything that is known of it.
    func delete(_ sid: SID, in database: Database) throws {
        try database.execute(sql: "DELETE FROM traits WHERE sid = ?", arguments: [sid])
        try Counter.change.next(in: database)
    }

    /// How many traits an installation may have (Audience Manager, "usage limits").
    static let limit = 100_000

    private func confirm(_ trait: Trait, in database: Database) throws {
        guard trait.name.isName else {
            throw Problem(
                .traitRefused,
                "A trait's name has 1 to 255 characters on one line, not only blanks.",
                field: "name"
            )
        }
        guard trait.integrationCode?.isName ?? true else {
            throw Problem(
                .traitRefused,
                "An integration code has 1 to 255 characters on one line, not only blanks.",
                field: "integration-code"
            )
        }
        guard (0...3_650).contains(trait.lifetimeDays) else {
            throw Problem(.traitRefused, "A trait lasts 1 to 3,650 days, or 0 for ever.", field: "ttl")
        }
        let source = try DataSourceStore().find(trait.dataSource, in: database)
        guard !source.isGlobal else {
            throw Problem(
                .traitRefused,
                "Data source \(source.number) is one of all the world; a trait belongs to one of yours.",
                field: "data-source"
            )
        }
        if let folder = trait.folder { _ = try FolderStore(.trait).find(folder, in: database) }
        if let folder = trait.summedFolder {
            _ = try FolderStore(.trait).find(folder, in: database)
            guard trait.rule == nil else {
                throw Problem(.traitRefused, "A trait has a rule or sums up a folder.", field: "rule")
            }
            guard trait.lifetimeDays == 0 else {
                throw Problem(
                    .traitRefused,
                    "A folder trait has no lifetime of its own: it lasts as long as the traits in its folder.",
                    field: "ttl"
                )
            }
        }
    }

    private func confirmRoom(for trait: Trait, in database: Database) throws {
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM traits") ?? 0
        guard count < Self.limit else {
            throw Problem(.traitRefused, "There are \(Self.limit) traits, which is the limit.")
        }
        guard trait.kind == .folder else { return }
        let sums =
            try Int.fetchOne(database, sql: "SELECT count(*) FROM traits WHERE sums_folder IS NOT NULL") ?? 0
        guard sums < Folder.limit else {
            throw Problem(.traitRefused, "There are \(Folder.limit) folder traits, which is the limit.")
        }
    }
}

extension Trait {
    init(_ row: Row) {
        self.init(
            sid: row["sid"],
            name: row["name"],
            description: row["description"],
            dataSource: row["data_source"],
            folder: row["folder"],
            integrationCode: row["integration_code"],
            rule: row["rule"],
            summedFolder: row["sums_folder"],
            lifetimeDays: row["lifetime_days"]
        )
    }
}
