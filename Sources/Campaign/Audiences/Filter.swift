// SPDX-License-Identifier: Apache-2.0

/// Which profiles a query audience has: a condition over their fields, like `country = "FR" and age >= 18`.
///
/// The language stands in `docs/filters.md`.
package struct Filter: Sendable, Hashable {
    /// The greatest length of a filter, in bytes of UTF-8.
    package static let byteLimit = 65_536

    /// How many times `and` and `or` may be nested in each other.
    package static let alternationLimit = 32

    /// The meaning.
    package let expression: FilterExpression

    /// Reads a filter.
    ///
    /// - Parameters:
    ///   - text: The filter as it was written.
    ///   - fields: The fields that it may name, by their names.
    /// - Returns: The filter, whose description reads back as the same filter.
    /// - Throws: ``FilterError`` at the first thing that is wrong.
    package static func parse(_ text: String, fields: [String: FilterField]) throws(FilterError) -> Filter {
        let bytes = Array(text.utf8)
        guard bytes.count <= byteLimit else {
            throw FilterError(kind: .tooLong(limit: byteLimit), column: 1)
        }
        var parser = try FilterParser(bytes, fields: fields)
        let filter = Filter(expression: try parser.parse())
        guard filter.expression.alternations <= alternationLimit else {
            throw FilterError(kind: .tooManyAlternations(limit: alternationLimit), column: 1)
        }
        guard filter.description.utf8.count <= byteLimit else {
            throw FilterError(kind: .tooLong(limit: byteLimit), column: 1)
        }
        return filter
    }
}

extension Filter: CustomStringConvertible {
    /// The filter in canonical form.
    package var description: String { expression.description }
}
