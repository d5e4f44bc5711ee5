// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems

extension DataSourceStore {
    /// Names by which privacy services know data sources of all the world (Audience Manager, "data privacy IDs").
    private static let standardNames: [String: DataSourceNumber] = ["CORE": 0, "ECID": DataSource.visitorIDs]

    /// Refuses a number or a code by which privacy requests would find another data source.
    ///
    /// A code that a data source has already stays, whatever it is.
    ///
    /// - Throws: ``Problem`` of kind `people.data-source-refused` or `people.data-source-taken`.
    func confirmDistinct(_ source: DataSource, isNew: Bool, in database: Database) throws {
        if isNew, let other = try holder(ofCode: source.number, in: database) {
            throw Problem(
                .peopleDataSourceTaken,
                "\(source.number) is the integration code of data source \(other) already.",
                field: "number"
            )
        }
        guard let code = source.integrationCode else { return }
        let known = try String.fetchOne(
            database,
            sql: "SELECT integration_code FROM data_sources WHERE number = ?",
            arguments: [source.number]
        )
        guard isNew || code != known else { return }
        if let standard = Self.standardNames[code.uppercased()] {
            throw Problem(
                .peopleDataSourceRefused,
                "Privacy requests mean data source \(standard) by \(code.uppercased()), so it is no integration code.",
                field: "integration-code"
            )
        }
        let other = try Int(code).flatMap { number in
            try Int.fetchOne(
                database,
                sql: "SELECT number FROM data_sources WHERE number = ? AND number <> ?",
                arguments: [number, source.number]
            )
        }
        if let other {
            throw Problem(
                .peopleDataSourceTaken,
                "\(code) is the number of data source \(other), so it is no integration code of another one.",
                field: "integration-code"
            )
        }
    }

    /// The data source whose integration code reads as a number.
    func holder(ofCode number: DataSourceNumber, in database: Database) throws -> DataSourceNumber? {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT number, integration_code FROM data_sources
                WHERE integration_code GLOB '[-+0-9]*' AND CAST(integration_code AS INTEGER) = ? AND number <> ?
                """,
            arguments: [number, number]
        )
        return rows.first { Int($0[1] as String) == number }?[0]
    }

    /// Finds a data source by its number, its integration code or its standard name.
    ///
    /// - Parameters:
    ///   - name: The number or the code; it may be part of something else by mistake, so no message repeats it.
    ///   - database: The database.
    /// - Returns: The data source.
    /// - Throws: ``Problem`` of kind `people.data-source-unknown`.
    func find(named name: String, in database: Database) throws -> DataSource {
        let number = try Int.fetchOne(
            database,
            sql: """
                SELECT number FROM data_sources WHERE number = ? OR integration_code = ?
                ORDER BY number = ? DESC
                """,
            arguments: [Int(name), name, Int(name)]
        )
        guard let number = number ?? Self.standardNames[name] else {
            throw Problem(
                .peopleDataSourceUnknown,
                "What stands before the colon is neither the number nor the integration code of a data source."
            )
        }
        return try find(number, in: database)
    }
}
