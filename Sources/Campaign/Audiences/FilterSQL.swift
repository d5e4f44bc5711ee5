// SPDX-License-Identifier: Apache-2.0

import Conditions

/// Turns filters into conditions of SQLite, with every value of the filter bound and none in the SQL.
///
/// Negations are pushed down to the single conditions, which then are never NULL where it matters: under `AND` and
/// `OR` alone NULL acts as false, and each negated condition decides what an empty column means.
package enum FilterSQL {
    /// A condition with its values, in the order of the question marks.
    private struct Fragment {
        var sql: String
        var arguments: [FilterValue] = []
        /// The depth of the tree of expressions.
        var depth = 1
    }

    /// Compiles a filter.
    ///
    /// - Parameter filter: The filter.
    /// - Returns: A condition for WHERE (outside of WHERE its NULL means false) and the values to bind, in order.
    package static func compile(_ filter: Filter) -> (sql: String, arguments: [FilterValue]) {
        let fragment = compile(filter.expression, isNegated: false)
        return (fragment.sql, fragment.arguments)
    }

    private static func compile(_ expression: FilterExpression, isNegated: Bool) -> Fragment {
        switch expression {
        case .not(let inner):
            compile(inner, isNegated: !isNegated)
        case .all(let parts):
            join(parts.map { compile($0, isNegated: isNegated) }, isNegated ? "OR" : "AND")
        case .any(let parts):
            join(parts.map { compile($0, isNegated: isNegated) }, isNegated ? "AND" : "OR")
        case .condition(let condition):
            compile(condition, isNegated: isNegated)
        }
    }

    private static func compile(_ condition: FilterCondition, isNegated: Bool) -> Fragment {
        switch condition {
        case .isEmpty(let field):
            isEmpty(field, isNegated: isNegated)
        case .compares(let field, .equal, let value):
            equals(field, value, isNegated: isNegated)
        case .compares(let field, let comparison, let value):
            negatable(compares(field, comparison, value), isNegated: isNegated)
        case .isIn(let field, let values):
            negatable(isIn(field, values), isNegated: isNegated)
        case .isLike(let field, let pattern):
            isLike(field, pattern, isNegated: isNegated)
        }
    }

    private static func negatable(_ fragment: Fragment, isNegated: Bool) -> Fragment {
        guard isNegated else { return fragment }
        return Fragment(
            sql: "NOT coalesce(\(fragment.sql), 0)",
            arguments: fragment.arguments,
            depth: fragment.depth + 2
        )
    }

    private static func isEmpty(_ field: FilterField, isNegated: Bool) -> Fragment {
        let column = field.column
        if let emptyNumber = field.emptyNumber {
            let sql =
                isNegated
                ? "(\(column) IS NOT NULL AND \(column) <> ?)" : "(\(column) IS NULL OR \(column) = ?)"
            return Fragment(sql: sql, arguments: [.integer(emptyNumber)], depth: 3)
        }
        guard field.isKeptAsText else {
            return Fragment(sql: isNegated ? "\(column) IS NOT NULL" : "\(column) IS NULL", depth: 2)
        }
        return Fragment(
            sql: isNegated ? "\(column) <> ''" : "(\(column) IS NULL OR \(column) = '')",
            depth: 3
        )
    }

    private static func equals(_ field: FilterField, _ value: FilterValue, isNegated: Bool) -> Fragment {
        switch value {
        case .text(""):
            return isEmpty(field, isNegated: isNegated)
        case .integer(0) where field.kind == .boolean:
            // An empty boolean reads as false.
            return Fragment(
                sql: "\(field.column) \(isNegated ? "IS" : "IS NOT") ?",
                arguments: [.integer(1)],
                depth: 2
            )
        default:
            return Fragment(
                sql: "\(field.column) \(isNegated ? "IS NOT" : "IS") ?",
                arguments: [value],
                depth: 2
            )
        }
    }

    private static func compares(
        _ field: FilterField,
        _ comparison: FilterCondition.Comparison,
        _ value: FilterValue
    ) -> Fragment {
        let sql = "\(field.column) \(comparison.rawValue) ?"
        let mayMatchEmptyText =
            switch comparison {
            case .less, .lessOrEqual: field.isKeptAsText
            case .greaterOrEqual: value == .text("")
            case .equal, .greater: false
            }
        guard mayMatchEmptyText else { return Fragment(sql: sql, arguments: [value], depth: 2) }
        return Fragment(sql: "(\(sql) AND \(field.column) <> '')", arguments: [value], depth: 3)
    }

    private static func isIn(_ field: FilterField, _ values: [FilterValue]) -> Fragment {
        let present = values.filter { $0 != .text("") }
        let marks = present.map { _ in "?" }.joined(separator: ", ")
        let list = Fragment(sql: "\(field.column) IN (\(marks))", arguments: present, depth: 2)
        guard present.count < values.count else { return list }
        return present.isEmpty
            ? isEmpty(field, isNegated: false) : join([isEmpty(field, isNegated: false), list], "OR")
    }

    private static func isLike(_ field: FilterField, _ pattern: FilterPattern, isNegated: Bool) -> Fragment {
        switch pattern.parts {
        case []:
            return isEmpty(field, isNegated: isNegated)
        case [.any]:
            return isEmpty(field, isNegated: !isNegated)
        default:
            let glob = Fragment(sql: "\(field.column) GLOB ?", arguments: [.text(pattern.glob)], depth: 2)
            return negatable(glob, isNegated: isNegated)
        }
    }

    /// Joins conditions two by two, shallow ones first, so that thousands of them stay within the limits of SQLite
    /// (expressions 1,000 deep, 100 places on the stack of the parser, of which a left operand takes the fewest).
    private static func join(_ fragments: [Fragment], _ connective: String) -> Fragment {
        var leaves = fragments.enumerated()
            .sorted { ($0.element.depth, $0.offset) < ($1.element.depth, $1.offset) }
            .map(\.element)[...]
        var pairs: [Fragment] = []
        var firstPair = 0
        func takeShallowest() -> Fragment? {
            if firstPair < pairs.count, leaves.first.map({ $0.depth > pairs[firstPair].depth }) ?? true {
                firstPair += 1
                return pairs[firstPair - 1]
            }
            return leaves.popFirst()
        }
        while leaves.count + pairs.count - firstPair > 1 {
            guard let shallow = takeShallowest(), let deep = takeShallowest() else { break }
            let (left, right) = shallow.depth < deep.depth ? (deep, shallow) : (shallow, deep)
            pairs.append(
                Fragment(
                    sql: "(\(left.sql) \(connective) \(right.sql))",
                    arguments: left.arguments + right.arguments,
                    depth: deep.depth + 1
                )
            )
        }
        return takeShallowest() ?? Fragment(sql: "NULL")
    }
}
