// SPDX-License-Identifier: Apache-2.0

/// A field that a filter may name, with the column it stands for.
package struct FilterField: Sendable, Hashable {
    /// What values the field takes, and how the column keeps them.
    package enum Kind: Sendable, Hashable {
        /// Text, kept as TEXT.
        case string
        /// A whole number of 64 bits, kept as INTEGER.
        case integer
        /// A decimal number, kept as REAL.
        case number
        /// True or false, kept as INTEGER 1 or 0; empty reads as false.
        case boolean
        /// A day, kept as TEXT `YYYY-MM-DD`.
        case date
        /// A moment, kept as INTEGER milliseconds since 1970 UTC.
        case dateTime
        /// One of some names, kept as its number, INTEGER.
        case choice([String: Int64])
        /// One of some texts, kept as TEXT.
        case enumeration([String])
    }

    /// The name in filters.
    package let name: String

    /// The column in SQL.
    package let column: String

    /// What values the field takes.
    package let kind: Kind

    /// The number that stands for an empty value besides NULL, for choices like `unknown`.
    package let emptyNumber: Int64?

    /// Makes a field.
    ///
    /// - Parameters:
    ///   - name: The name in filters: a letter or `_`, then letters, digits and `_`; no keyword.
    ///   - column: The column: a plain SQL identifier, maybe behind the name of a table and a dot.
    ///   - kind: What values the field takes.
    ///   - emptyNumber: The number that stands for an empty value besides NULL.
    package init(_ name: String, column: String, kind: Kind, emptyNumber: Int64? = nil) {
        precondition(
            !column.isEmpty && column.utf8.allSatisfy(Self.isColumnByte),
            "a column is an identifier"
        )
        self.name = name
        self.column = column
        self.kind = kind
        self.emptyNumber = emptyNumber
    }

    private static func isColumnByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }

    /// Whether the column is TEXT, where an empty text counts as empty like NULL.
    var isKeptAsText: Bool {
        switch kind {
        case .string, .date, .enumeration: true
        default: false
        }
    }
}
