// SPDX-License-Identifier: Apache-2.0

import GRDB
import Web

extension DataSourceStore {
    /// The part of the data sources that a request asks for.
    func list(_ page: PageRequest, integrationCode: String?, in database: Database) throws
        -> Listing<Stamped<DataSource>>
    {
        var query = ListQuery(
            "*",
            from: "data_sources",
            key: "number",
            sortable: [
                "dataSourceId": "number", "name": "name", "integrationCode": "integration_code",
                "idType": "id_type", "createTime": "created", "updateTime": "changed",
            ],
            searched: ["number", "name", "description", "integration_code"],
            limit: 100_000
        )
        query.require("integration_code", is: integrationCode)
        return try query.fetch(page, in: database) { Stamped(try decode($0, in: database), $0) }
    }

    /// A data source with its times.
    ///
    /// - Throws: ``Problem`` of kind `people.data-source-unknown`.
    func stamped(_ number: DataSourceNumber, in database: Database) throws -> Stamped<DataSource> {
        let source = try find(number, in: database)
        let times = try Row.fetchOne(
            database,
            sql: "SELECT created, changed FROM data_sources WHERE number = ?",
            arguments: [number]
        )
        return Stamped(source, times)
    }
}
