// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Storage

/// Why a line of an outbound file was not written; the code stands in receipts and in files of rejected lines.
enum OutboundReason: UInt8, CaseIterable, Sendable {
    case noVisitorID
    case forbiddenCharacter
    case invalidUTF8
    case lineTooLong
    case noPlace

    /// The state in which such a line ends.
    var state: LineState { self == .noPlace ? .notRequested : .malformed }

    /// The stable code.
    var code: String {
        switch self {
        case .noVisitorID: "no-visitor-id"
        case .forbiddenCharacter: "forbidden-character"
        case .invalidUTF8: "invalid-utf8"
        case .lineTooLong: "line-too-long"
        case .noPlace: "no-place"
        }
    }

    /// What to do about it.
    var hint: String {
        switch self {
        case .noVisitorID:
            "the template names people by their visitor ID, and this one has none: send an ID-sync file, or use <DP_UUID>"
        case .forbiddenCharacter:
            "the ID holds what ends an ID in the template, or a control character: use another separator, as <TAB>"
        case .invalidUTF8: "the ID is not UTF-8"
        case .lineTooLong: "the line would have more than 102,400 bytes"
        case .noPlace: "the template has no <REMOVED_SEGMENT_LIST>, so it can't say that somebody left"
        }
    }

    /// State and reason as a record of a rejected line writes them.
    var end: RejectedRecords.End { RejectedRecords.End(state, code) }

    /// The reason for a line that could not be written; `nil` for one that was.
    init?(_ problem: LineProblem) {
        switch problem {
        case .none: return nil
        case .emptyID: self = .noVisitorID
        case .noSegments: self = .noPlace
        case .invalidUTF8: self = .invalidUTF8
        case .tooLong: self = .lineTooLong
        default: self = .forbiddenCharacter
        }
    }
}
