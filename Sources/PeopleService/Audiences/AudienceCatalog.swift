// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage
import Web

/// The segments as whoever picks one sees them, and those into which others share.
///
/// Campaign shares an audience by files that bring an onboarded trait (`d_sid=…`); what people pick is a segment over
/// that trait. The two are made together.
package struct AudienceCatalog {
    /// A segment of the catalog.
    struct Entry: Sendable {
        let segment: Stamped<Segment>
        let dataSourceName: String
        /// The onboarded trait into which others share, where the segment is just that.
        let trait: SID?
        /// The numbers of the destinations that it is mapped to today or later.
        let destinations: [Int]
        /// What their files call it, each name once.
        let aliases: [String]
    }

    /// The aliases of a segment, one on each line.
    private static let aliases =
        "(SELECT group_concat(alias, char(10)) FROM mappings WHERE mappings.segment = segments.sid)"

    private let service: PeopleService

    package init(_ service: PeopleService) {
        self.service = service
    }

    /// Makes an onboarded trait and a segment over it.
    ///
    /// - Parameters:
    ///   - name: The name of both.
    ///   - description: What they mean.
    ///   - dataSource: The data source whose IDs the files bring.
    /// - Returns: The numbers of the trait, which files name, and of the segment, which people pick.
    /// - Throws: ``Problem`` of kind `people.audience-taken`, `people.trait-refused`, `people.segment-refused` or
    ///   `people.data-source-unknown`.
    package func create(name: String, description: String = "", dataSource: DataSourceNumber) throws -> (
        trait: SID, segment: SID
    ) {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try service.write { database in
            try confirmFree(name, dataSource, in: database)
            let trait = try TraitStore().add(at: service.world.milliseconds, in: database) { sid in
                Trait(
                    sid: sid,
                    name: name,
                    description: description,
                    dataSource: dataSource,
                    lifetimeDays: Trait.defaultLifetimeDays
                )
            }
            let segment = try Segments(service).add(
                name: name,
                description: description,
                dataSource: dataSource,
                rule: "\(trait.sid)T",
                in: database
            )
            return (trait.sid, segment.sid)
        }
    }

    /// The part of the catalog that a request asks for.
    func list(_ page: PageRequest, dataSource: DataSourceNumber?, in database: Database) throws
        -> Listing<Entry>
    {
        var query = ListQuery(
            SegmentStore.columns + ", created, changed",
            from: "segments",
            key: "sid",
            sortable: [
                "id": "sid", "name": "name", "size": "size", "active": "state", "modified": "evaluated",
                "dataSourceId": "data_source",
            ],
            searched: ["sid", "name", "description", "integration_code", Self.aliases],
            limit: Segment.limit
        )
        query.require("data_source", is: dataSource)
        return try query.fetch(page, in: database) { row in
            try entry(Stamped(Segment(row), row), in: database)
        }
    }

    /// One segment of the catalog.
    ///
    /// - Throws: ``Problem`` of kind `people.segment-unknown`.
    func find(_ sid: SID, in database: Database) throws -> Entry {
        try entry(SegmentStore().stamped(sid, in: database), in: database)
    }

    private func entry(_ segment: Stamped<Segment>, in database: Database) throws -> Entry {
        let sole = segment.value.rule.wholeMatch(of: /([0-9]+)T/).flatMap { Int($0.1) }
        let trait = try sole.map { try TraitStore().list(limit: 1, after: $0 - 1, in: database) }?.first
        let isShared = trait.map { $0.sid == sole && $0.isOnboarded } ?? false
        let mappings = try Row.fetchAll(
            database,
            sql: """
                SELECT destination, alias FROM mappings
                WHERE segment = ? AND (end_day IS NULL OR end_day >= ?) ORDER BY destination
                """,
            arguments: [segment.value.sid, service.today.number]
        )
        return Entry(
            segment: segment,
            dataSourceName: try DataSourceStore().find(segment.value.dataSource, in: database).name,
            trait: isShared ? sole : nil,
            destinations: mappings.map { $0["destination"] },
            aliases: Set(mappings.map { $0["alias"] as String }).sorted()
        )
    }

    private func confirmFree(_ name: String, _ dataSource: DataSourceNumber, in database: Database) throws {
        let taken = try Int.fetchOne(
            database,
            sql: "SELECT sid FROM segments WHERE name = ? AND data_source = ?",
            arguments: [name, dataSource]
        )
        guard let taken else { return }
        throw Problem(
            .audienceTaken,
            "Segment \(taken) of data source \(dataSource) has this name already.",
            field: "name"
        )
    }
}

extension ProblemKind {
    package static let audienceTaken = ProblemKind(
        "people.audience-taken",
        status: 409,
        meaning: "The data source has a segment of this name already.",
        advice: "Use the segment that is there, or choose another name."
    )
}
