// SPDX-License-Identifier: Apache-2.0

import Conditions

/// Which profiles a query audience has: a condition over their fields, like `country = "FR" and age >= 18`.
///
/// The language stands in `docs/filters.md`.
package struct Filter: Sendable, Hashable {
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
        var reader = try FilterReader(filter: text)
        let expression = try reader.expression { reader throws(FilterError) in
            try reader.condition(of: fields)
        }
        let filter = Filter(expression: expression)
        guard filter.expression.alternations <= alternationLimit else {
            throw FilterError(kind: .tooManyAlternations(limit: alternationLimit), column: 1)
        }
        return filter
    }
}

extension Filter: CustomStringConvertible {
    /// The filter in canonical form.
    package var description: String { expression.description }
}
