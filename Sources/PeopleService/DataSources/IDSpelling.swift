// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How the IDs of a data source are written; an ID of another form is no ID of it.
///
/// The forms of the global data sources are those of Audience Manager, "global data sources".
package enum IDSpelling: String, Sendable, CaseIterable {
    /// 38 decimal digits: Audience Manager's device IDs and Experience Cloud IDs.
    case visitorID = "visitor-id"
    /// Hex in lower case, 8-4-4-4-12 digits: Android, Roku, Fire TV, LG.
    case lowerCaseUUID = "lower-case-uuid"
    /// Hex in upper case, 8-4-4-4-12 digits: iOS.
    case upperCaseUUID = "upper-case-uuid"
    /// Letters, digits and hyphens: Windows, Samsung, Vizio.
    case alphanumeric
    /// Any text without tab, line end and colon, in no form of the product's making.
    case declared

    /// The largest ID, in bytes of UTF-8.
    package static let largestByteCount = 1_024

    /// Whether an ID is of this form.
    ///
    /// - Parameter id: The ID, in UTF-8; tabs and line ends have been refused already.
    /// - Returns: Whether it is.
    @inline(__always)
    package func accepts(_ id: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .visitorID:
            guard id.count == 38 else { return false }
            var strays: UInt8 = 0
            for byte in id { strays |= byte &- 0x30 > 9 ? 1 : 0 }
            return strays == 0
        case .lowerCaseUUID:
            return Self.isUUID(id, letters: 0x61)
        case .upperCaseUUID:
            return Self.isUUID(id, letters: 0x41)
        case .alphanumeric:
            guard !id.isEmpty, id.count <= 64 else { return false }
            return id.allSatisfy { byte in
                byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 <= 25 || byte == 0x2D
            }
        case .declared:
            return !id.isEmpty && id.count <= Self.largestByteCount && !Self.holdsColon(id)
        }
    }

    /// What an ID of this form looks like, for people.
    package var example: String {
        switch self {
        case .visitorID: "38 decimal digits"
        case .lowerCaseUUID: "hex in lower case, 8-4-4-4-12 digits"
        case .upperCaseUUID: "hex in upper case, 8-4-4-4-12 digits"
        case .alphanumeric: "letters and digits"
        case .declared: "1 to 1,024 bytes of text without tab and colon"
        }
    }

    /// Whether an ID holds a colon, plain or percent-encoded.
    private static func holdsColon(_ id: UnsafeRawBufferPointer) -> Bool {
        guard let start = id.baseAddress else { return false }
        if memchr(start, 0x3A, id.count) != nil { return true }
        guard memchr(start, 0x25, id.count) != nil else { return false }
        return id.indices.contains {
            id[$0...].starts(with: "%3A".utf8) || id[$0...].starts(with: "%3a".utf8)
        }
    }

    private static func isUUID(_ id: UnsafeRawBufferPointer, letters: UInt8) -> Bool {
        guard id.count == 36 else { return false }
        var strays: UInt8 = 0
        for (place, byte) in id.enumerated() {
            switch place {
            case 8, 13, 18, 23: strays |= byte ^ 0x2D
            default: strays |= byte &- 0x30 <= 9 || byte &- letters <= 5 ? 0 : 1
            }
        }
        return strays == 0
    }
}
