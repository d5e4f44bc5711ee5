// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

/// The merge rules of the installation.
package struct MergeRuleStore {
    package init() {}

    /// Makes the rule with which every installation begins.
    ///
    /// It uses the profile that was signed in last, so that segments can leave under declared IDs, and takes the first
    /// three cross-device data sources as they are created.
    func storeFirst(in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO merge_rules (number, name, across, devices, is_default, follows_new_sources, created)
                SELECT 1, 'Last authenticated profile', 'last', 'device', 1, 1, 0
                WHERE NOT EXISTS (SELECT 1 FROM merge_rules)
                """
        )
    }

    /// What rules that follow new data sources did with one.
    package struct Following: Sendable, Equatable {
        /// The names of the rules that took it.
        package var taking: [String] = []
        /// The names of the rules that did not: its restrictions would forbid what is sent by them already.
        package var sparing: [String] = []
    }

    /// Lets rules that follow new data sources take one.
    ///
    /// - Returns: What the rules did.
    package func follow(_ source: DataSource, in database: Database) throws -> Following {
        var following = Following()
        guard source.idType == .crossDevice, source.namespace == source.number else { return following }
        let numbers = try Int.fetchAll(
            database,
            sql: """
                SELECT number FROM merge_rules
                WHERE follows_new_sources = 1
                    AND (SELECT count(*) FROM merge_rule_sources WHERE merge_rule = merge_rules.number) < ?
                ORDER BY number LIMIT 100
                """,
            arguments: [MergeRule.largestSourceCount]
        )
        for number in numbers {
            let name = try find(number, in: database).name
            guard try !forbids(source.restrictions, what: number, in: database) else {
                following.sparing.append(name)
                continue
            }
            try database.execute(
                sql: "INSERT INTO merge_rule_sources (merge_rule, data_source) VALUES (?, ?)",
                arguments: [number, source.number]
            )
            following.taking.append(name)
        }
        return following
    }

    /// Whether restrictions would forbid that segments of a rule are sent where they are sent now.
    private func forbids(
        _ restrictions: Set<ExportRestriction>,
        what rule: Int,
        in database: Database
    ) throws -> Bool {
        let labels = try String.fetchSet(
            database,
            sql: """
                SELECT label FROM destination_labels
                WHERE destination IN (SELECT destination FROM mappings JOIN segments ON sid = segment
                    WHERE merge_rule = ?)
                """,
            arguments: [rule]
        )
        return restrictions.contains { labels.contains($0.rawValue) }
    }

    /// Finds a rule by its number.
    ///
    /// - Throws: ``Problem`` of kind `people.merge-rule-unknown`.
    func find(_ number: Int, in database: Database) throws -> MergeRule {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT * FROM merge_rules WHERE number = ?",
            arguments: [number]
        )
        guard let row else { throw Problem(.mergeRuleUnknown, "There is no merge rule \(number).") }
        return try decode(row, in: database)
    }

    /// The rule of new segments.
    func defaultRule(in database: Database) throws -> MergeRule {
        let number = try Int.fetchOne(database, sql: "SELECT number FROM merge_rules WHERE is_default = 1")
        return try find(number ?? 1, in: database)
    }

    /// All rules by number.
    func list(in database: Database) throws -> [MergeRule] {
        try Row.fetchAll(database, sql: "SELECT * FROM merge_rules ORDER BY number LIMIT \(MergeRule.limit)")
            .map { try decode($0, in: database) }
    }

    /// Adds a rule.
    ///
    /// - Parameters:
    ///   - rule: The rule; its number is given here.
    ///   - time: The current time, in milliseconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Returns: The rule with its number.
    /// - Throws: ``Problem`` of kind `people.merge-rule-refused` or `people.data-source-unknown`.
    func add(_ rule: MergeRule, at time: Int64, in database: Database) throws -> MergeRule {
        try confirm(rule, in: database)
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM merge_rules") ?? 0
        guard count < MergeRule.limit else {
            throw Problem(.mergeRuleRefused, "There are \(MergeRule.limit) merge rules, which is the limit.")
        }
        let number =
            try Int.fetchOne(database, sql: "SELECT coalesce(max(number), 0) + 1 FROM merge_rules") ?? 1
        if rule.isDefault { try database.execute(sql: "UPDATE merge_rules SET is_default = 0") }
        try database.execute(
            sql: """
                INSERT INTO merge_rules (number, name, across, devices, is_default, follows_new_sources, created)
                VALUES (?, ?, ?, ?, ?, 0, ?)
                """,
            arguments: [
                number, rule.name, rule.across.rawValue, rule.devices.rawValue, rule.isDefault, time,
            ]
        )
        try store(rule.sources, rule.restrictions, of: number, in: database)
        return try find(number, in: database)
    }

    /// Changes everything of a rule but its number.
    ///
    /// - Throws: ``Problem`` of kind `people.merge-rule-refused` or `people.data-source-unknown`.
    func update(_ rule: MergeRule, in database: Database) throws {
        try confirm(rule, in: database)
        if rule.isDefault { try database.execute(sql: "UPDATE merge_rules SET is_default = 0") }
        try database.execute(
            sql: """
                UPDATE merge_rules SET name = ?, across = ?, devices = ?, is_default = ?, follows_new_sources = ?
                WHERE number = ?
                """,
            arguments: [
                rule.name, rule.across.rawValue, rule.devices.rawValue, rule.isDefault,
                rule.followsNewSources,
                rule.number,
            ]
        )
        for table in ["merge_rule_sources", "merge_rule_restrictions"] {
            try database.execute(sql: "DELETE FROM \(table) WHERE merge_rule = ?", arguments: [rule.number])
        }
        try store(rule.sources, rule.restrictions, of: rule.number, in: database)
        try Counter.change.next(in: database)
    }

    /// Deletes a rule that nothing uses.
    func delete(_ number: Int, in database: Database) throws {
        try database.execute(sql: "DELETE FROM merge_rules WHERE number = ?", arguments: [number])
        try Counter.change.next(in: database)
    }

    private func store(
        _ sources: [DataSourceNumber],
        _ restrictions: Set<ExportRestriction>,
        of number: Int,
        in database: Database
    ) throws {
        for source in sources {
            try database.execute(
                sql: "INSERT INTO merge_rule_sources (merge_rule, data_source) VALUES (?, ?)",
                arguments: [number, source]
            )
        }
        for restriction in restrictions {
            try database.execute(
                sql: "INSERT INTO merge_rule_restrictions (merge_rule, restriction) VALUES (?, ?)",
                arguments: [number, restriction.rawValue]
            )
        }
    }

    private func confirm(_ rule: MergeRule, in database: Database) throws {
        func refuse(_ summary: String, _ field: String) -> Problem {
            Problem(.mergeRuleRefused, summary, field: field)
        }
        guard rule.name.isName else {
            throw refuse("A merge rule's name has 1 to 255 characters on one line, not only blanks.", "name")
        }
        let taken = try Int.fetchOne(
            database,
            sql: "SELECT number FROM merge_rules WHERE name = ? AND number <> ?",
            arguments: [rule.name, rule.number]
        )
        if let taken { throw refuse("Merge rule \(taken) has this name already.", "name") }
        // One that follows new data sources may wait for its first one.
        let mayWait = rule.across != .none && rule.followsNewSources
        guard (rule.across == .none) == rule.sources.isEmpty || mayWait else {
            throw rule.across == .none
                ? refuse("A rule that counts no declared IDs has no data sources.", "data-source")
                : refuse("A rule that counts declared IDs names 1 to 3 of their data sources.", "data-source")
        }
        guard Set(rule.sources).count == rule.sources.count else {
            throw refuse("A merge rule names each data source once.", "data-source")
        }
        guard rule.sources.count <= MergeRule.largestSourceCount else {
            throw refuse(
                "A merge rule has at most \(MergeRule.largestSourceCount) data sources.",
                "data-source"
            )
        }
        guard rule.across != .none || rule.devices == .device else {
            throw refuse("A rule that counts no declared IDs counts the device itself.", "devices")
        }
        for number in rule.sources {
            let source = try DataSourceStore().find(number, in: database)
            guard source.idType == .crossDevice else {
                throw refuse("Data source \(number) is not of type cross-device.", "data-source")
            }
        }
    }

    private func decode(_ row: Row, in database: Database) throws -> MergeRule {
        let number: Int = row["number"]
        let restrictions = try String.fetchSet(
            database,
            sql: "SELECT restriction FROM merge_rule_restrictions WHERE merge_rule = ?",
            arguments: [number]
        )
        return MergeRule(
            number: number,
            name: row["name"],
            across: MergeRule.Across(rawValue: row["across"]) ?? .none,
            devices: MergeRule.Devices(rawValue: row["devices"]) ?? .device,
            sources: try Int.fetchAll(
                database,
                sql: "SELECT data_source FROM merge_rule_sources WHERE merge_rule = ? ORDER BY data_source",
                arguments: [number]
            ),
            isDefault: row["is_default"],
            restrictions: Set(restrictions.compactMap(ExportRestriction.init)),
            followsNewSources: row["follows_new_sources"]
        )
    }
}
