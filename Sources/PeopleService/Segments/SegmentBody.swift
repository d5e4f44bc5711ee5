// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Problems
import Web

/// A segment as the API shows it, with the names of Audience Manager's.
struct SegmentBody: Encodable, Sendable {
    let sid: Int
    let pid: Int
    let name: String
    let description: String
    let dataSourceId: Int
    let folderId: Int
    let integrationCode: String?
    let segmentRule: String
    /// The number of the merge rule, under the name that Audience Manager gives it.
    let mergeRuleDataSourceId: Int
    let status: String
    let traitDataSourceIds: [Int]
    /// The traits of the rule that were deleted, which nobody has.
    let missingTraits: [Int]
    let size: Int
    let evaluatedTime: Int64
    let createTime: Int64
    let updateTime: Int64

    init(_ stamped: Stamped<Segment>, in database: Database) throws {
        let segment = stamped.value
        sid = segment.sid
        pid = PeopleRoutes.company
        name = segment.name
        description = segment.description
        dataSourceId = segment.dataSource
        folderId = segment.folder ?? 0
        integrationCode = segment.integrationCode
        segmentRule = segment.rule
        mergeRuleDataSourceId = segment.mergeRule
        status = segment.state.apiName
        traitDataSourceIds = try SegmentStore().traitDataSources(of: segment.sid, in: database)
        missingTraits = try SegmentStore().missingTraits(of: segment.sid, in: database)
        size = segment.size
        evaluatedTime = segment.evaluated
        createTime = stamped.created
        updateTime = stamped.changed
    }
}

/// A segment as a request describes it.
struct SegmentInput: Decodable, Sendable {
    let name: String
    let description: String?
    let dataSourceId: Int
    let folderId: Int?
    let integrationCode: String?
    let segmentRule: String
    let mergeRuleDataSourceId: Int?
    let status: String?

    /// The folder; `nil` for the top.
    var folder: Int? { folderId == 0 ? nil : folderId }

    /// Whether it follows its people; it does unless the request says otherwise.
    func state() throws -> Segment.State {
        try status.map { try Segment.State(apiName: $0, of: .peopleSegmentRefused) } ?? .active
    }

    /// Changes a segment to what the request says; what it doesn't say is empty, or stays if there is no empty.
    func apply(to segment: inout Segment) throws {
        guard dataSourceId == segment.dataSource else {
            throw Problem(
                .peopleSegmentRefused,
                "Segment \(segment.sid) stays with its data source \(segment.dataSource).",
                field: "dataSourceId"
            )
        }
        segment.name = name
        segment.description = try APIText.description(description)
        segment.folder = folder
        segment.integrationCode = integrationCode
        segment.rule = segmentRule
        segment.mergeRule = mergeRuleDataSourceId ?? segment.mergeRule
        segment.state = try state()
    }
}

/// The rule of a segment that isn't made yet.
struct EstimateInput: Decodable, Sendable {
    let segmentRule: String
    let mergeRuleDataSourceId: Int?
}

/// Who would be in a segment.
struct EstimateBody: Encodable, Sendable {
    struct Portion: Encodable, Sendable {
        let dataSourceId: Int
        let size: Int
    }

    /// All IDs, of devices and people.
    let size: Int
    /// The same by data source, those without any left out.
    let dataSources: [Portion]

    init(_ members: MemberSet, in database: Database) throws {
        size = members.count
        dataSources = try DataSourceStore().list(limit: 100_000, in: database).compactMap { source in
            let known = try IDStore().members(of: .dataSource(source.number), in: database)
            let count = known.intersectionCount(members)
            return count > 0 ? Portion(dataSourceId: source.number, size: count) : nil
        }
    }
}
