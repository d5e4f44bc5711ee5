// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Web

extension ReceiptStore {
    /// Which receipts a request asks for.
    struct Filter: Sendable {
        let kind: Receipt.Kind?
        let state: Receipt.State?
        let dataSource: DataSourceNumber?
        let destination: Int?
        /// Only those of runs that began since, in milliseconds since 1970.
        let since: Int?

        init(_ query: Query) throws {
            kind = try query["kind"].map { name in
                guard let kind = Receipt.Kind(rawValue: name) else {
                    throw Problem(
                        .requestRefused,
                        "kind is onboarding, id-sync or outbound.",
                        field: "kind"
                    )
                }
                return kind
            }
            state = try query["state"].map { name in
                guard let state = Receipt.State(rawValue: name) else {
                    throw Problem(.requestRefused, "There is no such state of a run.", field: "state")
                }
                return state
            }
            dataSource = try query.number("dataSourceId", in: 0...Int(Int32.max))
            destination = try query.number("destinationId", in: 0...Int(Int32.max))
            since = try query.number("startedSince", in: 0...100_000_000_000_000)
        }
    }

    /// How many receipts a request gets that asks for everything: the newest ones.
    static let limit = 1_000

    /// The part of the receipts that a request asks for, the newest first unless it says otherwise.
    func list(_ page: PageRequest, _ filter: Filter, in database: Database) throws -> Listing<Receipt> {
        var query = ListQuery(
            "content",
            from: "receipts",
            key: "number",
            sortable: [
                "id": "number", "kind": "kind", "state": "state", "account": "account",
                "dataSourceId": "data_source", "destinationId": "destination", "startTime": "started",
            ],
            searched: [
                "'P' || number", "account",
                // The names of the files.
                "(SELECT group_concat(json_extract(value, '$.name')) FROM json_each(content, '$.files'))",
            ],
            limit: Self.limit,
            isNewestFirst: true
        )
        query.require("kind", is: filter.kind?.rawValue)
        query.require("state", is: filter.state?.rawValue)
        query.require("data_source", is: filter.dataSource)
        query.require("destination", is: filter.destination)
        if let since = filter.since { query.require("started >= ?", [since]) }
        return try query.fetch(page, in: database) { try decode($0["content"]) }
    }
}
