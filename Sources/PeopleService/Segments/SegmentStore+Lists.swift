// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Web

extension SegmentStore {
    /// Which segments a request asks for.
    struct Filter: Sendable {
        let dataSource: DataSourceNumber?
        /// The folder; 0 for the top, `nil` for all.
        let folder: Int?
        let integrationCode: String?
        let mergeRule: Int?
        let state: Segment.State?
        /// A trait to which the rule refers.
        let trait: SID?
        /// Only those changed since, in milliseconds since 1970.
        let since: Int?

        init(_ query: Query) throws {
            let numbers = 0...Int(Int32.max)
            dataSource = try query.number("dataSourceId", in: numbers)
            folder = try query.number("folderId", in: numbers)
            integrationCode = query["integrationCode"]
            mergeRule = try query.number("mergeRuleDataSourceId", in: numbers)
            trait = try query.number("containsTrait", in: numbers)
            since = try query.number("updatedSince", in: 0...100_000_000_000_000)
            state = try query["status"].map { try Segment.State(apiName: $0, of: .requestRefused) }
        }
    }

    /// The part of the segments that a request asks for.
    func list(_ page: PageRequest, _ filter: Filter, in database: Database) throws -> Listing<
        Stamped<Segment>
    > {
        var query = ListQuery(
            Self.columns + ", created, changed",
            from: "segments",
            key: "sid",
            sortable: [
                "sid": "sid", "name": "name", "description": "description", "dataSourceId": "data_source",
                "folderId": "folder", "integrationCode": "integration_code", "status": "state",
                "size": "size",
                "createTime": "created", "updateTime": "changed",
            ],
            searched: ["sid", "name", "description", "integration_code", "rule"],
            limit: Segment.limit
        )
        query.require("data_source", is: filter.dataSource)
        query.require("coalesce(folder, 0)", is: filter.folder)
        query.require("integration_code", is: filter.integrationCode)
        query.require("merge_rule", is: filter.mergeRule)
        query.require("state", is: filter.state?.rawValue)
        if let trait = filter.trait {
            query.require("sid IN (SELECT segment FROM segment_traits WHERE trait = ?)", [trait])
        }
        if let since = filter.since { query.require("changed >= ?", [since]) }
        return try query.fetch(page, in: database) { Stamped(Segment($0), $0) }
    }

    /// Whether there is a segment of a number.
    func isThere(_ sid: SID, in database: Database) throws -> Bool {
        try Int.fetchOne(database, sql: "SELECT 1 FROM segments WHERE sid = ?", arguments: [sid]) != nil
    }

    /// A segment with its times.
    ///
    /// - Throws: ``Problem`` of kind `people.segment-unknown`.
    func stamped(_ sid: SID, in database: Database) throws -> Stamped<Segment> {
        let segment = try find(sid, in: database)
        let times = try Row.fetchOne(
            database,
            sql: "SELECT created, changed FROM segments WHERE sid = ?",
            arguments: [sid]
        )
        return Stamped(segment, times)
    }

    /// The data sources of the traits to which the rule of a segment refers.
    func traitDataSources(of sid: SID, in database: Database) throws -> [DataSourceNumber] {
        try Int.fetchAll(
            database,
            sql: """
                SELECT DISTINCT data_source FROM segment_traits JOIN traits ON traits.sid = segment_traits.trait
                WHERE segment = ? ORDER BY data_source
                """,
            arguments: [sid]
        )
    }

    /// The traits of the rule of a segment that were deleted.
    func missingTraits(of sid: SID, in database: Database) throws -> [SID] {
        try Int.fetchAll(
            database,
            sql: """
                SELECT trait FROM segment_traits
                WHERE segment = ? AND trait NOT IN (SELECT sid FROM traits) ORDER BY trait
                """,
            arguments: [sid]
        )
    }

    /// The segments whose rules name traits that were deleted, by number, with these traits.
    func withMissingTraits(in database: Database) throws -> [(segment: SID, traits: [SID])] {
        try Int.fetchAll(
            database,
            sql: """
                SELECT DISTINCT segment FROM segment_traits
                WHERE trait NOT IN (SELECT sid FROM traits) ORDER BY segment LIMIT ?
                """,
            arguments: [Segment.limit]
        )
        .map { ($0, try missingTraits(of: $0, in: database)) }
    }

    /// Segments that use a merge rule.
    ///
    /// - Parameters:
    ///   - rule: The merge rule.
    ///   - limit: How many are named at most.
    ///   - database: The database.
    /// - Returns: Numbers and names of the first ones, and how many there are.
    /// - Throws: What the database answers.
    func users(of rule: MergeRule, limit: Int, in database: Database) throws -> (names: [String], count: Int)
    {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT sid, name FROM segments WHERE merge_rule = ? ORDER BY sid LIMIT ?",
            arguments: [rule.number, limit]
        )
        let count = try Int.fetchOne(
            database,
            sql: "SELECT count(*) FROM segments WHERE merge_rule = ?",
            arguments: [rule.number]
        )
        return (rows.map { "\($0[0] as Int) “\($0[1] as String)”" }, count ?? 0)
    }
}

extension Segment.State {
    /// The name in the API.
    var apiName: String { self == .active ? "ACTIVE" : "INACTIVE" }

    /// Reads a name of the API.
    init(apiName name: String, of kind: ProblemKind) throws {
        switch name {
        case "ACTIVE": self = .active
        case "INACTIVE": self = .paused
        default: throw Problem(kind, "status is ACTIVE or INACTIVE.", field: "status")
        }
    }
}
