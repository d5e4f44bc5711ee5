// SPDX-License-Identifier: Apache-2.0

/// Why one record of a CSV file is not well-formed, and where.
package struct CSVFault: Error, Sendable, Hashable {
    /// What is wrong with the record.
    package enum Kind: Sendable, Hashable {
        /// The record has more or fewer fields than the header has columns.
        case wrongColumnCount(expected: Int, actual: Int)
        /// A quote stands within a field that does not start with one.
        case quoteInsideField
        /// Something other than a separator or the end of the line follows a closing quote.
        case textAfterQuote
        /// A quoted field does not end properly before the end of the file or the limit of a record.
        case unclosedQuote
        /// A zero byte.
        case nulByte
        /// Bytes that are not UTF-8.
        case invalidUTF8
        /// A line longer than so many bytes.
        case tooLong(limit: Int)
    }

    /// What is wrong.
    package let kind: Kind

    /// The line on which the record starts, 1-based; the header usually is line 1.
    package let line: Int

    /// The field in which the fault is, 1-based.
    package let column: Int

    /// Makes a fault.
    ///
    /// - Parameters:
    ///   - kind: What is wrong.
    ///   - line: The line on which the record starts, 1-based.
    ///   - column: The field in which the fault is, 1-based.
    package init(_ kind: Kind, line: Int, column: Int) {
        self.kind = kind
        self.line = line
        self.column = column
    }
}

extension CSVFault: CustomStringConvertible {
    /// The reason in words, without the position and without anything of the record.
    package var description: String {
        switch kind {
        case .wrongColumnCount(let expected, let actual):
            "the row has \(actual) \(actual == 1 ? "field" : "fields") instead of \(expected)"
        case .quoteInsideField: "a quote stands inside a field that does not start with one"
        case .textAfterQuote: "text follows a closing quote"
        case .unclosedQuote: "a quote is never closed"
        case .nulByte: "the row has a zero byte"
        case .invalidUTF8: "the row is not UTF-8"
        case .tooLong(let limit): "the row is longer than \(limit) bytes"
        }
    }
}
