// SPDX-License-Identifier: Apache-2.0

/// Conditions joined by `and`, `or` and `not`: the meaning of a rule of a trait or of a segment.
package indirect enum RuleExpression<Condition> {
    /// The condition holds.
    case condition(Condition)
    /// The expression does not hold; it is no `not` itself.
    case not(RuleExpression)
    /// All of at least two expressions hold; none of them is an `all` itself.
    case all([RuleExpression])
    /// One of at least two expressions holds; none of them is an `any` itself.
    case any([RuleExpression])
}

extension RuleExpression: Equatable where Condition: Equatable {}
extension RuleExpression: Hashable where Condition: Hashable {}
extension RuleExpression: Sendable where Condition: Sendable {}

extension RuleExpression {
    /// All of the expressions, merged with what is an `all` already.
    static func joinedByAnd(_ parts: [RuleExpression]) -> RuleExpression {
        let flat = parts.flatMap { part in
            if case .all(let inner) = part { inner } else { [part] }
        }
        return flat.count == 1 ? flat[0] : .all(flat)
    }

    /// One of the expressions, merged with what is an `any` already.
    static func joinedByOr(_ parts: [RuleExpression]) -> RuleExpression {
        let flat = parts.flatMap { part in
            if case .any(let inner) = part { inner } else { [part] }
        }
        return flat.count == 1 ? flat[0] : .any(flat)
    }

    /// The reverse of the expression; two negations cancel each other.
    static func reversed(_ expression: RuleExpression) -> RuleExpression {
        if case .not(let inner) = expression { inner } else { .not(expression) }
    }

    /// Whether the expression holds, asking for no more conditions than needed, from left to right.
    func holds(_ isTrue: (Condition) -> Bool) -> Bool {
        switch self {
        case .condition(let condition): isTrue(condition)
        case .not(let inner): !inner.holds(isTrue)
        case .all(let parts): parts.allSatisfy { $0.holds(isTrue) }
        case .any(let parts): parts.contains { $0.holds(isTrue) }
        }
    }

    /// The same expression with every condition replaced, from left to right.
    func map<Other>(_ replace: (Condition) -> Other) -> RuleExpression<Other> {
        switch self {
        case .condition(let condition): .condition(replace(condition))
        case .not(let inner): .not(inner.map(replace))
        case .all(let parts): .all(parts.map { $0.map(replace) })
        case .any(let parts): .any(parts.map { $0.map(replace) })
        }
    }

    /// The conditions from left to right.
    var conditions: [Condition] {
        switch self {
        case .condition(let condition): [condition]
        case .not(let inner): inner.conditions
        case .all(let parts), .any(let parts): parts.flatMap(\.conditions)
        }
    }

    /// How many expressions are nested in each other at most; 1 for a condition.
    var depth: Int {
        switch self {
        case .condition: 1
        case .not(let inner): 1 + inner.depth
        case .all(let parts), .any(let parts): 1 + (parts.map(\.depth).max() ?? 0)
        }
    }
}

extension RuleExpression: CustomStringConvertible where Condition: CustomStringConvertible {
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
            text += "not "
            if case .condition = inner { inner.write(to: &text) } else { inner.writeInParentheses(to: &text) }
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
