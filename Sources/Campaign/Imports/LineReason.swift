// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Matching

/// Why a line ended in its state; the code stands in receipts and in files of rejected lines.
enum LineReason: UInt8, CaseIterable, Sendable {
    case none
    case unknownID
    case emptyLine
    case noSegments
    case emptyID
    case tooManyFields
    case nulByte
    case lineTooLong
    case invalidUTF8
    case forbiddenCharacter
    case badSegment
    case badSignal
    case wrongLength
    case notHex
    case notDigits
    case badPadding
    case invalidText
    case notAnAddress
    case optedOut
    case overLineLimit
    case notRequested

    /// The stable code.
    var code: String {
        switch self {
        case .none: "none"
        case .unknownID: "unknown-id"
        case .emptyLine: "empty-line"
        case .noSegments: "no-segments"
        case .emptyID: "empty-id"
        case .tooManyFields: "too-many-fields"
        case .nulByte: "nul-byte"
        case .lineTooLong: "line-too-long"
        case .invalidUTF8: "invalid-utf8"
        case .forbiddenCharacter: "forbidden-character"
        case .badSegment: "bad-segment"
        case .badSignal: "bad-signal"
        case .wrongLength: "wrong-length"
        case .notHex: "not-hex"
        case .notDigits: "not-digits"
        case .badPadding: "bad-padding"
        case .invalidText: "invalid-text"
        case .notAnAddress: "not-an-address"
        case .optedOut: "opted-out-of-sharing"
        case .overLineLimit: "over-200-lines"
        case .notRequested: "not-requested"
        }
    }

    /// What to do about it.
    var hint: String {
        switch self {
        case .none: ""
        case .unknownID:
            "no profile has this ID: load the profile or link the visitor ID, then retry the receipt"
        case .emptyLine: "the line is empty"
        case .noSegments: "a line is an ID and a list of segments"
        case .emptyID: "the line starts with a separator: the ID is missing"
        case .tooManyFields: "a line has an ID, a list of segments and at most a list of removed ones"
        case .nulByte: "the line holds a zero byte: the file is damaged or no text"
        case .lineTooLong: "a line has at most 102,400 bytes"
        case .invalidUTF8: "the ID is not UTF-8"
        case .forbiddenCharacter: "an ID holds no tab, colon, %3A or control character"
        case .badSegment: "segments are separated by commas, without blanks in them"
        case .badSignal: "write signals like d_sid=24 or \"key\"=\"value\""
        case .wrongLength:
            "the ID has not the length of this data source's IDs: ask the partner for the template, run data-sources doctor"
        case .notHex: "the ID is neither hex nor base64: run data-sources doctor"
        case .notDigits: "a visitor ID is 38 decimal digits"
        case .badPadding: "decrypting failed: another key, IV or a damaged ID; run data-sources doctor"
        case .invalidText: "the ID, or its decrypted text, is not UTF-8"
        case .notAnAddress: "the decrypted text is no address of the data source's channel"
        case .optedOut: "the profile has opted out of sharing (ccpaOptOut)"
        case .overLineLimit: "a file holds at most 200 lines of one user"
        case .notRequested: "define an audience for one of its segments, then retry the receipt"
        }
    }

    /// The reason behind a code.
    init?(code: String) {
        guard let reason = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = reason
    }

    /// The reason for a line that does not follow its grammar.
    init(_ problem: LineProblem) {
        self =
            switch problem {
            case .none: .none
            case .emptyLine: .emptyLine
            case .noSegments: .noSegments
            case .emptyID: .emptyID
            case .tooManyFields: .tooManyFields
            case .nulByte: .nulByte
            case .tooLong: .lineTooLong
            case .invalidUTF8: .invalidUTF8
            case .forbiddenCharacter: .forbiddenCharacter
            }
    }

    /// The reason for an ID that is not of its form.
    init(_ reason: Reconciliation.Reason) {
        self =
            switch reason {
            case .none: .none
            case .wrongLength: .wrongLength
            case .notHex: .notHex
            case .notDigits: .notDigits
            case .forbiddenCharacter: .forbiddenCharacter
            case .invalidText: .invalidText
            case .badPadding: .badPadding
            case .notAnAddress: .notAnAddress
            }
    }
}
