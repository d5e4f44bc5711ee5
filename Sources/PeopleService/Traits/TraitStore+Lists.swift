// SPDX-License-Identifier: Apache-2.0

import GRDB
import Web

extension TraitStore {
    /// Which traits a request asks for.
    struct Filter: Sendable {
        let dataSource: DataSourceNumber?
        /// The folder; 0 for the top, `nil` for all.
        let folder: Int?
        let integrationCode: String?

        init(_ query: Query) throws {
            dataSource = try query.number("dataSourceId", in: 0...Int(Int32.max))
            folder = try query.number("folderId", in: 0...Int(Int32.max))
            integrationCode = query["integrationCode"]
        }
    }

    /// The part of the traits that a request asks for.
    func list(_ page: PageRequest, _ filter: Filter, in database: Database) throws -> Listing<Stamped<Trait>>
    {
        var query = ListQuery(
            "*",
            from: "traits",
            key: "sid",
            sortable: [
                "sid": "sid", "name": "name", "description": "description", "dataSourceId": "data_source",
                "folderId": "folder", "integrationCode": "integration_code", "ttl": "lifetime_days",
                "createTime": "created", "updateTime": "changed",
            ],
            searched: ["sid", "name", "description", "integration_code", "rule"],
            limit: Self.limit
        )
        query.require("data_source", is: filter.dataSource)
        query.require("coalesce(folder, 0)", is: filter.folder)
        query.require("integration_code", is: filter.integrationCode)
        return try query.fetch(page, in: database) { Stamped(Trait($0), $0) }
    }

    /// A trait with its times.
    ///
    /// - Throws: ``Problem`` of kind `people.trait-unknown`.
    func stamped(_ sid: SID, in database: Database) throws -> Stamped<Trait> {
        let trait = try find(sid, in: database)
        let times = try Row.fetchOne(
            database,
            sql: "SELECT created, changed FROM traits WHERE sid = ?",
            arguments: [sid]
        )
        return Stamped(trait, times)
    }
}
