// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Terminal

/// What a data source is used for.
struct DataSourceUsage {
    /// Things of one kind that use it.
    private struct Users {
        let noun: String
        let table: String
        let key: String
        let condition: String
    }

    private static let namesShown = 10

    private static let kinds = [
        Users(noun: "trait", table: "traits", key: "sid", condition: "data_source = ?"),
        Users(noun: "segment", table: "segments", key: "sid", condition: "data_source = ?"),
        Users(
            noun: "destination",
            table: "destinations",
            key: "number",
            condition: "key_data_source = ?"
        ),
        Users(
            noun: "data source",
            table: "data_sources",
            key: "number",
            condition: "namespace = ?1 AND number <> ?1"
        ),
    ]

    private static let mergeRules = Users(
        noun: "merge rule",
        table: "merge_rules",
        key: "number",
        condition: "number IN (SELECT merge_rule FROM merge_rule_sources WHERE data_source = ?)"
    )

    /// What uses it, a phrase with numbers and names for each kind of thing.
    let phrases: [String]

    /// Looks for what uses a data source.
    ///
    /// - Parameters:
    ///   - source: The data source.
    ///   - withMergeRules: Whether merge rules that count its IDs are users, too.
    ///   - database: The database.
    /// - Throws: What the database answers.
    init(of source: DataSource, withMergeRules: Bool = true, in database: Database) throws {
        var phrases: [String] = []
        for users in Self.kinds + (withMergeRules ? [Self.mergeRules] : []) {
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT \(users.key), name FROM \(users.table) WHERE \(users.condition)
                    ORDER BY \(users.key) LIMIT ?
                    """,
                arguments: [source.number, Self.namesShown + 1]
            )
            guard !rows.isEmpty else { continue }
            let names = rows.prefix(Self.namesShown).map { "\($0[0] as Int) “\($0[1] as String)”" }
            let noun = rows.count == 1 ? users.noun : users.noun + "s"
            let rest = rows.count > Self.namesShown ? ", …" : ""
            phrases.append("\(noun) \(names.joined(separator: ", "))\(rest)")
        }
        if source.namespace == source.number {
            let ids = try IDStore().members(of: .dataSource(source.number), in: database).count
            if ids > 0 { phrases.append("\(ids.grouped) IDs of people") }
        }
        self.phrases = phrases
    }
}
