// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The result of a command: JSON keys for programs, a text for people.
package protocol Report: Encodable {
    /// The text for people, without a newline at the end.
    var text: String { get }
}

/// JSON as every command prints it: sorted keys, two spaces, slashes unescaped.
package enum JSONText {
    /// Encodes a value.
    ///
    /// - Parameter value: Any value.
    /// - Returns: JSON text without a newline at the end.
    /// - Throws: `EncodingError` when the value can't be written as JSON.
    package static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// A table for people: columns padded to their widest cell, numbers to the right.
package struct TextTable {
    private let titles: [String]
    private var rows: [[String]] = []

    /// Starts a table.
    ///
    /// - Parameter titles: The column titles.
    package init(_ titles: String...) {
        self.titles = titles
    }

    /// Adds a row with one cell for each title.
    package mutating func add(_ cells: String...) {
        precondition(cells.count == titles.count, "a row has one cell for each title")
        rows.append(cells)
    }

    /// The lines of the table, without a newline at the end.
    package var text: String {
        let all = [titles] + rows
        let widths = titles.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        let isNumber = titles.indices.map { column in
            !rows.isEmpty
                && rows.allSatisfy { row in row[column].allSatisfy { $0.isNumber || ",.–-+%".contains($0) } }
        }
        return all.map { row in
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return isNumber[column] ? padding + row[column] : row[column] + padding
            }
            return cells.joined(separator: "  ").trimmingSuffix(" ")
        }
        .joined(separator: "\n")
    }
}

extension String {
    fileprivate func trimmingSuffix(_ character: Character) -> String {
        var text = Substring(self)
        while text.last == character { text.removeLast() }
        return String(text)
    }
}

extension BinaryInteger {
    /// The number with a comma between thousands, like `2,612,004`.
    package var grouped: String {
        let digits = String(magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (self < 0 ? "-" : "") + text
    }
}

extension Double {
    /// Seconds as people read them: `0.42 s`, `12.3 s`, `3 min 20 s`.
    package var secondsText: String {
        if self >= 120 {
            return "\(Int(self) / 60) min \(Int(self) % 60) s"
        }
        return String(format: self < 10 ? "%.2f s" : "%.1f s", self)
    }
}
