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

/// A mapping as a request describes it; of one that is there, what is left out stays.
struct MappingInput: Decodable, Sendable {
    let sid: Int
    let traitAlias: String?
    private let startDate: Said<Int64>
    private let endDate: Said<Int64>

    private enum CodingKeys: CodingKey {
        case sid, traitAlias, startDate, endDate
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        sid = try fields.decode(Int.self, forKey: .sid)
        traitAlias = try fields.decodeIfPresent(String.self, forKey: .traitAlias)
        startDate = try fields.said(Int64.self, .startDate)
        endDate = try fields.said(Int64.self, .endDate)
    }

    /// The first and the last day.
    ///
    /// - Parameter old: The mapping as it is, if it is there.
    /// - Returns: The days, where there are such.
    /// - Throws: ``Problem`` of kind `people.destination-refused`.
    func days(of old: SegmentMapping?) throws -> (start: Day?, end: Day?) {
        (
            try startDate.applied(to: old?.start) { try Self.day($0, "startDate") },
            try endDate.applied(to: old?.end) { try Self.day($0, "endDate") }
        )
    }

    private static func day(_ moment: Int64, _ field: String) throws -> Day {
        // To the year 5138, after which dates have other numbers of digits.
        guard (0...100_000_000_000_000).contains(moment) else {
            throw Problem(.destinationRefused, "\(field) is in milliseconds since 1970.", field: field)
        }
        return Day(milliseconds: moment)
    }
}

extension Day {
    /// The first moment of the day, in milliseconds since 1970 UTC.
    var milliseconds: Int64 { Int64(number) * 86_400_000 }
}
