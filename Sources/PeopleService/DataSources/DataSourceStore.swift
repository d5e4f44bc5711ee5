// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

/// The data sources of the installation.
package struct DataSourceStore {
    package init() {}

    /// Makes the data sources that every installation has, as far as they are missing.
    func storeGlobalOnes(at time: Int64, in database: Database) throws {
        for source in GlobalDataSource.all {
            try database.execute(
                sql: """
                    INSERT OR IGNORE INTO data_sources
                        (number, name, integration_code, id_type, id_spelling, namespace, is_global, created, changed)
                    VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)
                    """,
                arguments: [
                    source.number, source.name, source.integrationCode, source.idType.rawValue,
                    source.idSpelling.rawValue, source.number, time, time,
                ]
            )
        }
    }

    /// Adds a data source.
    ///
    /// - Throws: ``Problem`` of kind `people.data-source-refused`.
    package func add(_ source: DataSource, at time: Int64, in database: Database) throws {
        try confirm(source, isNew: true, in: database)
        try database.execute(
            sql: """
                INSERT INTO data_sources (number, name, description, integration_code, id_type, id_definition,
                    id_spelling, namespace, is_global, retention_days, created, changed)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)
                """,
            arguments: [
                source.number, source.name, source.description, source.integrationCode,
                source.idType.rawValue, source.idDefinition.rawValue, source.idSpelling.rawValue,
                source.namespace, source.retentionDays, time, time,
            ]
        )
        try store(source.restrictions, of: source.number, in: database)
        try Counter.change.next(in: database)
    }

    /// Changes what can be changed of a data source: name, description, integration code, ID definition, retention,
    /// restrictions.
    ///
    /// - Throws: ``Problem`` of kind `people.data-source-refused` or `people.data-source-taken`.
    func update(_ source: DataSource, at time: Int64, in database: Database) throws {
        try confirm(source, isNew: false, in: database)
        try database.execute(
            sql: """
                UPDATE data_sources SET name = ?, description = ?, integration_code = ?, id_definition = ?,
                    retention_days = ?, changed = ?
                WHERE number = ?
                """,
            arguments: [
                source.name, source.description, source.integrationCode, source.idDefinition.rawValue,
                source.retentionDays, time, source.number,
            ]
        )
        try store(source.restrictions, of: source.number, in: database)
        try Counter.change.next(in: database)
    }

    /// Deletes a data source that nothing refers to.
    func delete(_ number: DataSourceNumber, in database: Database) throws {
        try database.execute(sql: "DELETE FROM data_sources WHERE number = ?", arguments: [number])
        try Counter.change.next(in: database)
    }

    /// Finds a data source.
    ///
    /// - Throws: ``Problem`` of kind `people.data-source-unknown`.
    func find(_ number: DataSourceNumber, in database: Database) throws -> DataSource {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT * FROM data_sources WHERE number = ?",
            arguments: [number]
        )
        guard let row else {
            throw Problem(.peopleDataSourceUnknown, "There is no data source \(number).")
        }
        return try decode(row, in: database)
    }

    /// Data sources by number.
    ///
    /// - Parameters:
    ///   - limit: How many at most.
    ///   - after: Only those with larger numbers, to page on.
    ///   - database: The database.
    /// - Returns: The data sources.
    /// - Throws: What the database answers.
    func list(limit: Int, after: DataSourceNumber = -1, in database: Database) throws -> [DataSource] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM data_sources WHERE number > ? ORDER BY number LIMIT ?",
            arguments: [after, limit]
        )
        .map { try decode($0, in: database) }
    }

    /// The restrictions of a data source.
    func restrictions(of number: DataSourceNumber, in database: Database) throws -> Set<ExportRestriction> {
        let names = try String.fetchSet(
            database,
            sql: "SELECT restriction FROM data_source_restrictions WHERE data_source = ?",
            arguments: [number]
        )
        return Set(names.compactMap(ExportRestriction.init))
    }

    private func confirm(_ source: DataSource, isNew: Bool, in database: Database) throws {
        func refuse(_ summary: String, _ field: String) -> Problem {
            Problem(.peopleDataSourceRefused, summary, field: field)
        }
        guard (0...Int(Int32.max)).contains(source.number) else {
            throw refuse("A data source's number is 0 to \(Int32.max).", "number")
        }
        guard source.name.isName else {
            throw refuse("A data source's name has 1 to 255 characters on one line, not only blanks.", "name")
        }
        if let days = source.retentionDays {
            guard source.idType == .crossDevice else {
                throw refuse(
                    "Only IDs of cross-device data sources have a retention of their own.",
                    "retention"
                )
            }
            guard (30...1_800).contains(days) else {
                throw refuse("Inactive IDs are kept for 30 to 1,800 days.", "retention")
            }
        }
        if source.idType == .crossDevice, source.integrationCode == nil {
            throw refuse("A cross-device data source needs an integration code.", "integration-code")
        }
        if let code = source.integrationCode {
            guard code.isName, !code.contains(where: { $0.isWhitespace || $0 == ":" }) else {
                throw refuse(
                    "An integration code has 1 to 255 characters without blanks and colons.",
                    "integration-code"
                )
            }
            try confirmFree("integration_code", code, for: source, "integration code", in: database)
        }
        if isNew { try confirmFree("number", source.number, for: nil, "number", in: database) }
        try confirmDistinct(source, isNew: isNew, in: database)
        try confirmFree("name", source.name, for: source, "name", in: database)
        if source.namespace != source.number {
            let other = try find(source.namespace, in: database)
            guard other.namespace == other.number, other.idType == source.idType else {
                throw refuse("Data source \(other.number) has IDs of another type.", "ids-of")
            }
        }
    }

    private func confirmFree(
        _ column: String,
        _ value: some DatabaseValueConvertible,
        for source: DataSource?,
        _ title: String,
        in database: Database
    ) throws {
        let taken = try Int.fetchOne(
            database,
            sql: "SELECT number FROM data_sources WHERE \(column) = ?",
            arguments: [value]
        )
        guard let taken, taken != source?.number else { return }
        throw Problem(
            .peopleDataSourceTaken,
            "Data source \(taken) has this \(title) already.",
            field: title.replacing(" ", with: "-")
        )
    }

    private func store(
        _ restrictions: Set<ExportRestriction>,
        of number: DataSourceNumber,
        in database: Database
    ) throws {
        try database.execute(
            sql: "DELETE FROM data_source_restrictions WHERE data_source = ?",
            arguments: [number]
        )
        for restriction in restrictions {
            try database.execute(
                sql: "INSERT INTO data_source_restrictions (data_source, restriction) VALUES (?, ?)",
                arguments: [number, restriction.rawValue]
            )
        }
    }

    func decode(_ row: Row, in database: Database) throws -> DataSource {
        let number: Int = row["number"]
        return DataSource(
            number: number,
            name: row["name"],
            description: row["description"],
            integrationCode: row["integration_code"],
            idType: DataSource.IDType(rawValue: row["id_type"]) ?? .cookie,
            idDefinition: DataSource.IDDefinition(rawValue: row["id_definition"]) ?? .person,
            idSpelling: IDSpelling(rawValue: row["id_spelling"]) ?? .declared,
            namespace: row["namespace"],
            isGlobal: row["is_global"],
            restrictions: try restrictions(of: number, in: database),
            retentionDays: row["retention_days"]
        )
    }
}
