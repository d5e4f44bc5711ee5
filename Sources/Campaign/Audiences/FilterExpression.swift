// SPDX-License-Identifier: Apache-2.0

/// The meaning of a filter, true or false for every profile.
///
/// An empty field equals nothing, is less or greater than nothing and like nothing, and so does satisfy the
/// negation of these; there is no third truth value as in SQL. `!=`, `not in`, `not like` and `is not empty` are
/// negations.
package indirect enum FilterExpression: Sendable, Hashable {
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
    /// The expression is false; it is no `not` itself.
    case not(FilterExpression)
    /// All of at least two expressions are true; none of them is an `all` itself.
    case all([FilterExpression])
    /// One of at least two expressions is true; none of them is an `any` itself.
    case any([FilterExpression])
}

extension FilterExpression {
    /// All of the expressions, merged with what is an `all` already.
    static func joinedByAnd(_ parts: [FilterExpression]) -> FilterExpression {
        let flat = parts.flatMap { part in
            if case .all(let inner) = part { inner } else { [part] }
        }
        return flat.count == 1 ? flat[0] : .all(flat)
    }

    /// One of the expressions, merged with what is an `any` already.
    static func joinedByOr(_ parts: [FilterExpression]) -> FilterExpression {
        let flat = parts.flatMap { part in
            if case .any(let inner) = part { inner } else { [part] }
        }
        return flat.count == 1 ? flat[0] : .any(flat)
    }

    /// The reverse of the expression; two negations cancel each other.
    static func reversed(_ expression: FilterExpression) -> FilterExpression {
        if case .not(let inner) = expression { inner } else { .not(expression) }
    }

    /// How many times `and` and `or` alternate at most from the outside to the innermost expression.
    var alternations: Int {
        switch self {
        case .compares, .isIn, .isLike, .isEmpty: 0
        case .not(let inner): inner.alternations
        case .all(let parts), .any(let parts): 1 + (parts.map(\.alternations).max() ?? 0)
        }
    }
}

extension FilterExpression: CustomStringConvertible {
    /// The expression in canonical form: lower-case keywords, no parentheses that could be left out.
    package var description: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .compares(let field, let comparison, let value):
            text += "\(field.name) \(comparison.rawValue) \(value.literal(for: field))"
        case .isIn(let field, let values):
            text += "\(field.name) in \(Self.list(values, for: field))"
        case .isLike(let field, let pattern):
            text += "\(field.name) like \(FilterValue.text(pattern.text).literal(for: field))"
        case .isEmpty(let field):
            text += "\(field.name) is empty"
        case .not(.compares(let field, .equal, let value)):
            text += "\(field.name) != \(value.literal(for: field))"
        case .not(.isIn(let field, let values)):
            text += "\(field.name) not in \(Self.list(values, for: field))"
        case .not(.isLike(let field, let pattern)):
            text += "\(field.name) not like \(FilterValue.text(pattern.text).literal(for: field))"
        case .not(.isEmpty(let field)):
            text += "\(field.name) is not empty"
        case .not(let inner):
            text += "not "
            switch inner {
            case .all, .any: inner.writeInParentheses(to: &text)
            default: inner.write(to: &text)
            }
        case .all(let parts):
            for (index, part) in parts.enumerated() {
                if index > 0 { text += " and " }
                if case .any = part { part.writeInParentheses(to: &text) } else { part.write(to: &text) }
            }
        case .any(let parts):
            for (index, part) in parts.enumerated() {
                if index > 0 { text += " or " }
                part.write(to: &text)
            }
        }
    }

    private func writeInParentheses(to text: inout String) {
        text += "("
        write(to: &text)
        text += ")"
    }

    private static func list(_ values: [FilterValue], for field: FilterField) -> String {
        "(" + values.map { $0.literal(for: field) }.joined(separator: ", ") + ")"
    }
}
