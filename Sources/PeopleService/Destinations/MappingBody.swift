// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Web

/// A segment that a destination gets, as the API shows it, with the names of Audience Manager's.
struct MappingBody: Encodable, Sendable {
    /// The segment's number, which names the mapping too.
    let mappingId: Int
    let destinationId: Int
    let traitType: String
    let sid: Int
    let elementName: String
    let elementDescription: String
    let elementStatus: String
    let traitAlias: String
    /// The first moment of the first day and of the last one, in milliseconds since 1970.
    let startDate: Int64?
    let endDate: Int64?
    let sentCount: Int
    let sentTime: Int64?
    /// Why nothing can leave, if nothing can.
    let obstacle: String?

    init(_ mapping: SegmentMapping, in database: Database) throws {
        let segment = try SegmentStore().list(limit: 1, after: mapping.segment - 1, in: database)
            .first { $0.sid == mapping.segment }
        mappingId = mapping.segment
        destinationId = mapping.destination
        traitType = "SEGMENT"
        sid = mapping.segment
        elementName = segment?.name ?? ""
        elementDescription = segment?.description ?? ""
        elementStatus = segment?.state.apiName ?? "DELETED"
        traitAlias = mapping.alias
        startDate = mapping.start?.milliseconds
        endDate = mapping.end?.milliseconds
        sentCount = mapping.sentCount
        sentTime = mapping.sentAt
        obstacle = try segment.flatMap { segment in
            let destination = try DestinationStore().find(mapping.destination, in: database)
            return try Destinations.obstacle(segment, destination, in: database)?.summary
        }
    }
}

/// A mapping as a request describes it.
struct MappingInput: Decodable, Sendable {
    let sid: Int
    let traitAlias: String?
    let startDate: Int64?
    let endDate: Int64?

    /// The days of the moments.
    func days() throws -> (start: Day?, end: Day?) {
        for (moment, field) in [(startDate, "startDate"), (endDate, "endDate")] {
            // To the year 5138, after which dates have other numbers of digits.
            guard (0...100_000_000_000_000).contains(moment ?? 0) else {
                throw Problem(.destinationRefused, "\(field) is in milliseconds since 1970.", field: field)
            }
        }
        return (startDate.map { Day(milliseconds: $0) }, endDate.map { Day(milliseconds: $0) })
    }
}

extension Day {
    /// The first moment of the day, in milliseconds since 1970 UTC.
    var milliseconds: Int64 { Int64(number) * 86_400_000 }
}
