// SPDX-License-Identifier: Apache-2.0

import Conditions

/// Which signals realize a rule-based trait: a condition over the signals of one line or call, like
/// `ic == "30608"` or `product contains "shoe" and price >= 100 and not gender == "male"`.
///
/// The operators are those of Audience Manager ("Working with comparison operators in Trait Builder"): `==`, `!=`,
/// `<`, `<=`, `>`, `>=` (also `=>`, as its documents print it), `contains`, `startswith`, `endswith`, `matcheswords`
/// and `matchesregex`, joined by `and`, `or` and `not`. `not` binds closest, then `and`, then `or`. Keywords, keys and
/// values are read in any case.
package struct TraitRule: Sendable, Hashable {
    /// The meaning.
    package let expression: BooleanExpression<TraitCondition>

    /// Reads a rule.
    ///
    /// - Parameter text: The rule as it was written.
    /// - Returns: The rule, whose description reads back as the same rule.
    /// - Throws: ``RuleError`` at the first thing that is wrong. A rule that would hold for a line without any
    ///   signal, like `not gender == "male"` alone, is refused: Audience Manager's NOT is "an implied AND NOT".
    package static func parse(_ text: String) throws(RuleError) -> TraitRule {
        var reader = try RuleReader(rule: text)
        let expression = try reader.expression { reader throws(RuleError) in
            .condition(try TraitCondition.read(&reader))
        }
        guard !expression.holds({ _ in false }) else { throw RuleError(kind: .holdsForNothing, column: 1) }
        return TraitRule(expression: expression)
    }

    /// The keys that the rule asks for.
    package var keys: Set<TraitKey> { Set(expression.conditions.map(\.key)) }
}

extension TraitRule: CustomStringConvertible {
    /// The rule in canonical form.
    package var description: String { expression.description }
}
