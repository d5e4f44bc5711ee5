// SPDX-License-Identifier: Apache-2.0

/// Conditions joined by `and`, `or` and `not`: the meaning of a filter or a rule.
///
/// The two functions that join and the one that reverses keep the form flat; who makes the cases by hand keeps it too.
package indirect enum BooleanExpression<Condition> {
    /// The condition holds.
    case condition(Condition)
    /// The expression does not hold; it is no `not` itself.
    case not(BooleanExpression)
    /// All of at least two expressions hold; none of them is an `all` itself.
    case all([BooleanExpression])
    /// One of at least two expressions holds; none of them is an `any` itself.
    case any([BooleanExpression])
}

extension BooleanExpression: Equatable where Condition: Equatable {}
extension BooleanExpression: Hashable where Condition: Hashable {}
extension BooleanExpression: Sendable where Condition: Sendable {}

extension BooleanExpression {
    /// All of the expressions, merged with what is an `all` already.
    package static func joinedByAnd(_ parts: [BooleanExpression]) -> BooleanExpression {
        let flat = parts.flatMap { part in
            if case .all(let inner) = part { inner } else { [part] }
        }
        return flat.count == 1 ? flat[0] : .all(flat)
    }

    /// One of the expressions, merged with what is an `any` already.
    package static func joinedByOr(_ parts: [BooleanExpression]) -> BooleanExpression {
        let flat = parts.flatMap { part in
            if case .any(let inner) = part { inner } else { [part] }
        }
        return flat.count == 1 ? flat[0] : .any(flat)
    }

    /// The reverse of the expression; two negations cancel each other.
    package static func reversed(_ expression: BooleanExpression) -> BooleanExpression {
        if case .not(let inner) = expression { inner } else { .not(expression) }
    }

    /// Whether the expression holds, asking for no more conditions than needed, from left to right.
    package func holds(_ isTrue: (Condition) -> Bool) -> Bool {
        switch self {
        case .condition(let condition): isTrue(condition)
        case .not(let inner): !inner.holds(isTrue)
        case .all(let parts): parts.allSatisfy { $0.holds(isTrue) }
        case .any(let parts): parts.contains { $0.holds(isTrue) }
        }
    }

    /// The same expression with every condition replaced, from left to right.
    package func map<Other>(_ replace: (Condition) -> Other) -> BooleanExpression<Other> {
        switch self {
        case .condition(let condition): .condition(replace(condition))
        case .not(let inner): .not(inner.map(replace))
        case .all(let parts): .all(parts.map { $0.map(replace) })
        case .any(let parts): .any(parts.map { $0.map(replace) })
        }
    }

    /// The conditions from left to right.
    package var conditions: [Condition] {
        switch self {
        case .condition(let condition): [condition]
        case .not(let inner): inner.conditions
        case .all(let parts), .any(let parts): parts.flatMap(\.conditions)
        }
    }

    /// How many times `and` and `or` alternate at most from the outside to the innermost condition.
    package var alternations: Int {
        switch self {
        case .condition: 0
        case .not(let inner): inner.alternations
        case .all(let parts), .any(let parts): 1 + (parts.map(\.alternations).max() ?? 0)
        }
    }

    /// How many expressions are nested in each other at most; 1 for a condition.
    package var depth: Int {
        switch self {
        case .condition: 1
        case .not(let inner): 1 + inner.depth
        case .all(let parts), .any(let parts): 1 + (parts.map(\.depth).max() ?? 0)
        }
    }
}

extension BooleanExpression: CustomStringConvertible where Condition: WrittenCondition {
    /// The expression in canonical form: lower-case keywords, no parentheses that could be left out.
    package var description: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .condition(let condition):
            text += condition.description
        case .not(let inner):
            if case .condition(let condition) = inner {
                text += condition.negatedDescription
            } else {
                text += "not "
                inner.writeInParentheses(to: &text)
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
}

/// A condition that is written as a language of conditions has it.
package protocol WrittenCondition: CustomStringConvertible {
    /// How the negation of the condition is written.
    var negatedDescription: String { get }
}

extension WrittenCondition {
    /// `not` before the condition.
    package var negatedDescription: String { "not \(description)" }
}
