// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Storage

/// Why a row of an ID-sync file linked nothing; the code stands in receipts and in files of rejected lines.
///
/// A row with another number of columns is not among them: it refuses the file.
enum IDSyncReason: UInt8, CaseIterable, Sendable {
    case none
    case emptyRow
    case trailingSeparator
    case nulByte
    case invalidUTF8
    case emptyID
    case rowTooLong
    case sameID
    case wrongMasterID
    case forbiddenCharacter
    case wrongIDSpelling
    case masterNotSynced
    case optedOut

    /// The state in which such a row ends.
    var state: LineState {
        switch self {
        case .none: .matched
        case .masterNotSynced: .unknown
        case .optedOut: .suppressed
        default: .malformed
        }
    }

    /// The stable code.
    var code: String {
        switch self {
        case .none: "none"
        case .emptyRow: "empty-line"
        case .trailingSeparator: "trailing-tab-or-blank"
        case .nulByte: "nul-byte"
        case .invalidUTF8: "invalid-utf8"
        case .emptyID: "empty-id"
        case .rowTooLong: "line-too-long"
        case .sameID: "same-id"
        case .wrongMasterID: "wrong-master-id"
        case .forbiddenCharacter: "forbidden-character"
        case .wrongIDSpelling: "wrong-id-spelling"
        case .masterNotSynced: "master-not-synced"
        case .optedOut: "opted-out"
        }
    }

    /// What to do about it.
    var hint: String {
        switch self {
        case .none: ""
        case .emptyRow: "the row is empty"
        case .trailingSeparator: "a row ends with its last ID: no tab or blank behind it"
        case .nulByte: "the row holds a zero byte: the file is damaged or no text"
        case .invalidUTF8: "the row is not UTF-8"
        case .emptyID: "each column holds an ID; leave the row out where one is not known"
        case .rowTooLong: "a row has at most 102,400 bytes"
        case .sameID: "all IDs of the row are one and the same, so there is nothing to link"
        case .wrongMasterID: "the first ID is not written as those of the first data source in the name are"
        case .forbiddenCharacter: "an ID holds no colon and no %3A"
        case .wrongIDSpelling: "an ID is not written as those of its column's data source are"
        case .masterNotSynced:
            "no device of the first ID is known: send an ID-sync file with its device, then deliver the row again"
        case .optedOut: "the person has opted out (error 171)"
        }
    }

    /// State and reason as a record of a rejected line writes them.
    var end: RejectedRecords.End { Self.ends[Int(rawValue)] }

    private static let ends = allCases.map { RejectedRecords.End($0.state, $0.code) }

    /// The reason for a row that does not follow its grammar.
    init(_ problem: IDSyncRowProblem) {
        switch problem {
        case .empty: self = .emptyRow
        case .trailingSeparator: self = .trailingSeparator
        case .nulByte: self = .nulByte
        case .invalidUTF8: self = .invalidUTF8
        case .emptyID: self = .emptyID
        case .tooLong: self = .rowTooLong
        }
    }

    /// The reason for an ID that its data source does not accept.
    ///
    /// - Parameters:
    ///   - id: The ID, in UTF-8.
    ///   - spelling: How the IDs of its column are written.
    ///   - isMaster: Whether it stands in the first column.
    init(refusing id: UnsafeRawBufferPointer, of spelling: IDSpelling, isMaster: Bool) {
        if isMaster {
            self = .wrongMasterID
        } else if spelling == .declared, id.count <= IDSpelling.largestByteCount {
            self = .forbiddenCharacter
        } else {
            self = .wrongIDSpelling
        }
    }
}
