// SPDX-License-Identifier: Apache-2.0

import Conditions

/// What a filter asks of one field, true or false for every profile.
///
/// An empty field equals nothing, is less or greater than nothing and like nothing, and so does satisfy the
/// negation of these; there is no third truth value as in SQL. `!=`, `not in`, `not like` and `is not empty` are
/// negations.
package enum FilterCondition: Sendable, Hashable {
    /// How a field is compared with a value.
    package enum Comparison: String, Sendable, CaseIterable {
        /// The field has this value.
        case equal = "="
        /// The field is less than the value.
        case less = "<"
        /// The field is the value or less.
        case lessOrEqual = "<="
        /// The field is greater than the value.
        case greater = ">"
        /// The field is the value or greater.
        case greaterOrEqual = ">="
    }

    /// The field compares with the value like this; `= ""` means that the field is empty.
    case compares(FilterField, Comparison, FilterValue)
    /// The field equals one of the values.
    case isIn(FilterField, [FilterValue])
    /// The field matches the pattern.
    case isLike(FilterField, FilterPattern)
    /// The field has no value, or an empty text.
    case isEmpty(FilterField)
}

/// The meaning of a filter.
package typealias FilterExpression = BooleanExpression<FilterCondition>

extension FilterCondition: WrittenCondition {
    /// The condition in canonical form.
    package var description: String {
        switch self {
        case .compares(let field, let comparison, let value):
            "\(field.name) \(comparison.rawValue) \(value.literal(for: field))"
        case .isIn(let field, let values):
            "\(field.name) in \(Self.list(values, for: field))"
        case .isLike(let field, let pattern):
            "\(field.name) like \(FilterValue.text(pattern.text).literal(for: field))"
        case .isEmpty(let field):
            "\(field.name) is empty"
        }
    }

    /// The negation in canonical form.
    package var negatedDescription: String {
        switch self {
        case .compares(let field, .equal, let value):
            "\(field.name) != \(value.literal(for: field))"
        case .compares:
            "not \(description)"
        case .isIn(let field, let values):
            "\(field.name) not in \(Self.list(values, for: field))"
        case .isLike(let field, let pattern):
            "\(field.name) not like \(FilterValue.text(pattern.text).literal(for: field))"
        case .isEmpty(let field):
            "\(field.name) is not empty"
        }
    }

    private static func list(_ values: [FilterValue], for field: FilterField) -> String {
        "(" + values.map { $0.literal(for: field) }.joined(separator: ", ") + ")"
    }
}
