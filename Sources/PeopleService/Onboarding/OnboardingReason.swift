// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Storage

/// Why a line of an inbound file ended in its state; the code stands in receipts and in files of rejected lines.
enum OnboardingReason: UInt8, CaseIterable, Sendable {
    case none
    case emptyLine
    case noSignals
    case emptyID
    case tooManyFields
    case nulByte
    case lineTooLong
    case invalidUTF8
    case forbiddenCharacter
    case wrongIDSpelling
    case unknownID
    case noTraitRealized
    case overLineLimit
    case optedOut

    /// The state in which such a line ends.
    var state: LineState {
        switch self {
        case .none: .matched
        case .unknownID: .unknown
        case .noTraitRealized: .notRequested
        case .overLineLimit: .excess
        case .optedOut: .suppressed
        default: .malformed
        }
    }

    /// Whether the line was looked at: not so those that are beyond a limit or of people who opted out.
    var isProcessed: Bool { self != .overLineLimit && self != .optedOut }

    /// The stable code.
    var code: String {
        switch self {
        case .none: "none"
        case .emptyLine: "empty-line"
        case .noSignals: "no-signals"
        case .emptyID: "empty-id"
        case .tooManyFields: "too-many-fields"
        case .nulByte: "nul-byte"
        case .lineTooLong: "line-too-long"
        case .invalidUTF8: "invalid-utf8"
        case .forbiddenCharacter: "forbidden-character"
        case .wrongIDSpelling: "wrong-id-spelling"
        case .unknownID: "unknown-id"
        case .noTraitRealized: "no-trait-realized"
        case .overLineLimit: "over-200-lines"
        case .optedOut: "opted-out"
        }
    }

    /// What to do about it.
    var hint: String {
        switch self {
        case .none: ""
        case .emptyLine: "the line is empty"
        case .noSignals: "a line is an ID, a tab and a list of signals"
        case .emptyID: "the line starts with a tab: the ID is missing"
        case .tooManyFields: "a line has an ID and one list of signals"
        case .nulByte: "the line holds a zero byte: the file is damaged or no text"
        case .lineTooLong: "a line has at most 102,400 bytes"
        case .invalidUTF8: "the ID is not UTF-8"
        case .forbiddenCharacter: "an ID holds no tab, colon or %3A"
        case .wrongIDSpelling: "the ID is not written as those of the file's data source are"
        case .unknownID:
            "nobody has met this ID: send an ID-sync file that names it, then deliver the line again"
        case .noTraitRealized: "no trait was made for these signals, or it belongs to another data source"
        case .overLineLimit: "a file holds at most 200 lines of one user"
        case .optedOut: "the person has opted out (error 171)"
        }
    }

    /// State and reason as a record of a rejected line writes them.
    var end: RejectedRecords.End { Self.ends[Int(rawValue)] }

    private static let ends = allCases.map { RejectedRecords.End($0.state, $0.code) }

    /// The reason for a line that does not follow its grammar.
    init(_ problem: LineProblem) {
        switch problem {
        case .none: self = .none
        case .emptyLine: self = .emptyLine
        case .noSegments: self = .noSignals
        case .emptyID: self = .emptyID
        case .tooManyFields: self = .tooManyFields
        case .nulByte: self = .nulByte
        case .tooLong: self = .lineTooLong
        case .invalidUTF8: self = .invalidUTF8
        case .forbiddenCharacter: self = .forbiddenCharacter
        }
    }
}
