// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Web

extension DestinationStore {
    /// The part of the destinations that a request asks for.
    func list(_ page: PageRequest, containing segment: SID?, in database: Database) throws
        -> Listing<Stamped<Destination>>
    {
        var query = ListQuery(
            "*",
            from: "destinations",
            key: "number",
            sortable: [
                "destinationId": "number", "name": "name", "description": "description",
                "dataSourceId": "key_data_source", "status": "is_paused", "createTime": "created",
                "updateTime": "changed",
            ],
            searched: ["number", "name", "description", "alias"],
            limit: Destination.limit
        )
        if let segment {
            query.require("number IN (SELECT destination FROM mappings WHERE segment = ?)", [segment])
        }
        return try query.fetch(page, in: database) { Stamped(try decode($0, in: database), $0) }
    }

    /// A destination with its times.
    ///
    /// - Throws: ``Problem`` of kind `people.destination-unknown`.
    func stamped(_ number: Int, in database: Database) throws -> Stamped<Destination> {
        let destination = try find(number, in: database)
        let times = try Row.fetchOne(
            database,
            sql: "SELECT created, changed FROM destinations WHERE number = ?",
            arguments: [number]
        )
        return Stamped(destination, times)
    }

    /// The mapping of a segment.
    ///
    /// - Throws: ``Problem`` of kind `people.destination-unknown`.
    func mapping(of segment: SID, to destination: Int, in database: Database) throws -> SegmentMapping {
        _ = try find(destination, in: database)
        let found = try mappings(of: destination, in: database).first { $0.segment == segment }
        guard let found else { throw Self.unmapped(segment, destination) }
        return found
    }

    /// A segment that isn't mapped to a destination.
    static func unmapped(_ segment: SID, _ destination: Int) -> Problem {
        Problem(.destinationUnknown, "Segment \(segment) is not mapped to destination \(destination).")
    }
}

extension SegmentMapping {
    /// Whether its last day is over.
    func hasEnded(on today: Day) -> Bool { end.map { $0 < today } ?? false }

    /// The same mapping with another last day.
    func ending(_ day: Day) -> SegmentMapping {
        SegmentMapping(
            destination: destination,
            segment: segment,
            alias: alias,
            start: start.map { min($0, day) },
            end: day,
            sentCount: sentCount,
            sentAt: sentAt,
            sentAlias: sentAlias
        )
    }
}
