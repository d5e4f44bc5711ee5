// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems

extension DataSourceStore {
    /// Names by which privacy services know data sources of all the world (Audience Manager, "data privacy IDs").
    private static let standardNames: [String: DataSourceNumber] = ["CORE": 0, "ECID": DataSource.visitorIDs]

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
