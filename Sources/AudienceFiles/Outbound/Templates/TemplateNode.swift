// SPDX-License-Identifier: Apache-2.0

/// One piece of a parsed template.
enum TemplateNode: Sendable, Hashable {
    /// Bytes that are written as they are.
    case text([UInt8])

    /// Something that is the same in the whole file.
    case value(TemplateValue)

    /// The moment of the export.
    case timestamp(TimestampFormat?)

    /// The number of the part, in a file name.
    case partNumber

    /// The ID that the line is about, `DP_UUID`.
    case id

    /// The ID of the browser or device, `UUID` and `MCID`.
    case visitorID

    /// All IDs of the person in the key data source, `DP_UUID_LIST`.
    case ids(separator: [UInt8])

    /// Pairs of data source and ID as JSON, `DPUUIDS`; 0 stands for any number of IDs.
    case idPairs(dataSources: [Int], maximumCount: Int)

    /// The segments that the person is in, or was removed from.
    case segments(TemplateSegments, TemplateForm)

    /// The traits that the person has.
    case traits(TemplateForm)

    /// What follows up to ``endOfCondition`` is left out unless all of these lists have an entry.
    case condition(Set<TemplateSegments>)

    /// The end of a condition.
    case endOfCondition
}

/// Which of the two lists of a line.
enum TemplateSegments: String, Sendable, Hashable, CaseIterable {
    case added = "SEGMENT_LIST"
    case removed = "REMOVED_SEGMENT_LIST"
}

/// How a list is written: each element in turn, and something between them.
struct TemplateForm: Sendable, Hashable {
    /// The pieces of one element.
    var pieces: [Piece]

    /// What stands between two elements.
    var separator: [UInt8]

    /// A piece of an element.
    enum Piece: Sendable, Hashable {
        case text([UInt8])
        case value(TemplateValue)
        case segmentNumber
        case segmentAlias
        case lastUpdateTime
        case lastRealizationTime
        case traitNumber
        case traitType
        case traitRealizationTime
    }
}

/// Something that is the same in the whole file.
enum TemplateValue: Sendable, Hashable {
    case dataProvider
    case keyDataSource
    case destination
    case partner
    case alias
    case mode
    case syncType
}
