// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Problems
import Storage

/// What people do with segments: make, change, pause and delete them.
package struct Segments {
    let service: PeopleService

    package init(_ service: PeopleService) {
        self.service = service
    }

    /// Makes a segment and finds its members.
    ///
    /// - Parameters:
    ///   - name: The name for people.
    ///   - description: What it means.
    ///   - dataSource: The data source that owns it.
    ///   - rule: The rule over traits.
    ///   - mergeRule: The number of the merge rule; `nil` for the default.
    ///   - integrationCode: An alternative name.
    ///   - folder: The folder that it lies in; `nil` for the top.
    /// - Returns: The segment.
    /// - Throws: ``Problem`` of kind `people.rule-refused`, `people.trait-unknown`, `people.merge-rule-unknown`,
    ///   `people.data-source-unknown` or `people.segment-refused`.
    package func create(
        name: String,
        description: String = "",
        dataSource: DataSourceNumber,
        rule: String,
        mergeRule: Int? = nil,
        integrationCode: String? = nil,
        folder: Int? = nil
    ) throws -> Segment {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try service.write { database in
            try add(
                name: name,
                description: description,
                dataSource: dataSource,
                rule: rule,
                mergeRule: mergeRule,
                integrationCode: integrationCode,
                folder: folder,
                in: database
            )
        }
    }

    /// Makes a segment within a transaction, under the lock of the data directory.
    func add(
        name: String,
        description: String,
        dataSource: DataSourceNumber,
        rule: String,
        mergeRule: Int? = nil,
        integrationCode: String? = nil,
        folder: Int? = nil,
        in database: Database
    ) throws -> Segment {
        let parsed = try parse(rule, in: database)
        try confirm(name: name, integrationCode: integrationCode, folder: folder, in: database)
        try confirmRoom(dataSource: dataSource, in: database)
        let merge =
            try mergeRule.map { try MergeRuleStore().find($0, in: database) }
            ?? MergeRuleStore().defaultRule(in: database)
        let time = service.world.milliseconds
        let segment = Segment(
            sid: try Counter.sid.next(in: database),
            name: name,
            description: description,
            dataSource: dataSource,
            folder: folder,
            integrationCode: integrationCode,
            rule: parsed.description,
            mergeRule: merge.number,
            state: .active,
            size: 0,
            evaluated: time
        )
        try SegmentStore().add(segment, traits: parsed.traits, at: time, in: database)
        _ = try SegmentEvaluation(in: database, at: time).evaluate([segment])
        return try SegmentStore().find(segment.sid, in: database)
    }

    /// How many IDs a segment with a rule would have, by data source, without making it.
    ///
    /// - Parameters:
    ///   - rule: The rule over traits.
    ///   - mergeRule: The number of the merge rule; `nil` for the default.
    /// - Returns: The members.
    /// - Throws: As making it does.
    package func estimate(rule: String, mergeRule: Int? = nil) throws -> MemberSet {
        try service.read { database in
            let merge =
                try mergeRule.map { try MergeRuleStore().find($0, in: database) }
                ?? MergeRuleStore().defaultRule(in: database)
            return try SegmentEvaluation(in: database, at: service.world.milliseconds)
                .members(of: parse(rule, in: database), mergeRule: merge.number)
        }
    }

    /// Pauses a segment, or lets it go on: then its members are found anew.
    package func setState(_ state: Segment.State, of sid: SID) throws -> Segment {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try service.write { database in
            let segment = try SegmentStore().find(sid, in: database)
            guard segment.state != state else { return segment }
            let time = service.world.milliseconds
            try SegmentStore().setState(state, of: sid, at: time, in: database)
            if state == .active {
                _ = try SegmentEvaluation(in: database, at: time).evaluate([segment])
            }
            return try SegmentStore().find(sid, in: database)
        }
    }

    /// Reads a rule and makes sure that its traits are there, unless it may lack some.
    func parse(_ text: String, mayLackTraits: Bool = false, in database: Database) throws -> SegmentRule {
        let rule: SegmentRule
        do {
            rule = try SegmentRule.parse(text)
        } catch {
            throw Problem(.ruleRefused, "The rule can't be used; \(error).", field: "rule")
        }
        guard !mayLackTraits else { return rule }
        for sid in rule.traits.sorted() { _ = try TraitStore().find(sid, in: database) }
        for sid in rule.traitsInCounts.sorted() {
            guard try !TraitStore().find(sid, in: database).isOnboarded else {
                throw Problem(
                    .ruleRefused,
                    "Trait \(sid) is onboarded: files bring it once, so recency and frequency say nothing of it.",
                    advice: "Use the trait by itself, or count a rule-based one.",
                    field: "rule"
                )
            }
        }
        return rule
    }

    func confirm(name: String, integrationCode: String?, folder: Int?, in database: Database) throws {
        guard name.isName else {
            throw Problem(
                .peopleSegmentRefused,
                "A segment's name has 1 to 255 characters on one line, not only blanks.",
                field: "name"
            )
        }
        guard integrationCode?.isName ?? true else {
            throw Problem(
                .peopleSegmentRefused,
                "An integration code has 1 to 255 characters on one line, not only blanks.",
                field: "integration-code"
            )
        }
        if let folder { _ = try FolderStore(.segment).find(folder, in: database) }
    }

    private func confirmRoom(dataSource: DataSourceNumber, in database: Database) throws {
        let source = try DataSourceStore().find(dataSource, in: database)
        guard !source.isGlobal else {
            throw Problem(
                .peopleSegmentRefused,
                "Data source \(source.number) is one of all the world; a segment belongs to one of yours.",
                field: "data-source"
            )
        }
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM segments") ?? 0
        guard count < Segment.limit else {
            throw Problem(.peopleSegmentRefused, "There are \(Segment.limit) segments, which is the limit.")
        }
    }
}
