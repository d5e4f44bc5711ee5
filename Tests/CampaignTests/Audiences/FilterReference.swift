// SPDX-License-Identifier: Apache-2.0

import Conditions

@testable import Campaign

/// Evaluates filters over rows in memory the plain way, to compare with SQLite.
enum FilterReference {
    static func matches(_ expression: FilterExpression, _ row: [String: FilterValue]) -> Bool {
        switch expression {
        case .not(let inner): !matches(inner, row)
        case .all(let parts): parts.allSatisfy { matches($0, row) }
        case .any(let parts): parts.contains { matches($0, row) }
        case .condition(let condition): matches(condition, row)
        }
    }

    private static func matches(_ condition: FilterCondition, _ row: [String: FilterValue]) -> Bool {
        switch condition {
        case .isEmpty(let field): isEmpty(field, row)
        case .isIn(let field, let values): values.contains { equals(field, $0, row) }
        case .compares(let field, .equal, let value): equals(field, value, row)
        case .compares(let field, let comparison, let value): compares(field, comparison, value, row)
        case .isLike(let field, let pattern): isLike(field, pattern, row)
        }
    }

    private static func isEmpty(_ field: FilterField, _ row: [String: FilterValue]) -> Bool {
        guard let value = row[field.name] else { return true }
        if value == .text("") { return true }
        return field.emptyNumber.map { value == .integer($0) } ?? false
    }

    private static func equals(_ field: FilterField, _ value: FilterValue, _ row: [String: FilterValue])
        -> Bool
    {
        if value == .text("") { return isEmpty(field, row) }
        if field.kind == .boolean { return (row[field.name] ?? .integer(0)) == value }
        guard let actual = row[field.name] else { return false }
        if case .text(let left) = actual, case .text(let right) = value {
            return left.utf8.elementsEqual(right.utf8)
        }
        return actual == value
    }

    private static func compares(
        _ field: FilterField,
        _ comparison: FilterCondition.Comparison,
        _ value: FilterValue,
        _ row: [String: FilterValue]
    ) -> Bool {
        guard let actual = row[field.name], actual != .text("") else { return false }
        let isLess: Bool
        let isGreater: Bool
        switch (actual, value) {
        case (.text(let left), .text(let right)):
            isLess = left.utf8.lexicographicallyPrecedes(right.utf8)
            isGreater = right.utf8.lexicographicallyPrecedes(left.utf8)
        case (.integer(let left), .integer(let right)): (isLess, isGreater) = (left < right, left > right)
        case (.real(let left), .real(let right)): (isLess, isGreater) = (left < right, left > right)
        default: return false
        }
        return switch comparison {
        case .equal: !isLess && !isGreater
        case .less: isLess
        case .lessOrEqual: !isGreater
        case .greater: isGreater
        case .greaterOrEqual: !isLess
        }
    }

    private static func isLike(
        _ field: FilterField,
        _ pattern: FilterPattern,
        _ row: [String: FilterValue]
    ) -> Bool {
        let text: String = if case .text(let text)? = row[field.name] { text } else { "" }
        if text.isEmpty { return pattern.text.isEmpty }
        return matches(pattern.parts[...], text.unicodeScalars[...])
    }

    private static func matches(
        _ parts: ArraySlice<FilterPattern.Part>,
        _ text: Substring.UnicodeScalarView
    ) -> Bool {
        guard let part = parts.first else { return text.isEmpty }
        let rest = parts.dropFirst()
        switch part {
        case .any: return matches(rest, text) || (!text.isEmpty && matches(parts, text.dropFirst()))
        case .one: return !text.isEmpty && matches(rest, text.dropFirst())
        case .literal(let scalar): return text.first == scalar && matches(rest, text.dropFirst())
        }
    }
}
