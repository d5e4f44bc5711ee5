// SPDX-License-Identifier: Apache-2.0

import Conditions

/// Who is in a segment: a condition over traits, like `101T and frequency([102T] <= 5D) >= 3` or
/// `(1T or 2T) and not 3T`.
///
/// The language is that of Audience Manager's segment expressions ("Code syntax used in the segment expression
/// editor"): traits as `101T`, `recency` and `frequency` over lists of traits and whole UTC days, joined by `and`, `or`
/// and `not`. `not` binds closest, then `and`, then `or`. Words are read in any case, spaces are free, and `=>` is
/// `>=`.
package struct SegmentRule: Sendable, Hashable {
    /// The meaning.
    package let expression: BooleanExpression<SegmentCondition>

    /// Reads a rule.
    ///
    /// - Parameter text: The rule as it was written.
    /// - Returns: The rule, whose description reads back as the same rule.
    /// - Throws: ``RuleError`` at the first thing that is wrong. A rule that holds for a person without any trait, like
    ///   `frequency([1T]) <= 5` or `not 3T` alone, is refused, because it takes in everybody who was never seen;
    ///   Audience Manager refuses the former "as it would qualify too many users".
    package static func parse(_ text: String) throws(RuleError) -> SegmentRule {
        var reader = try RuleReader(rule: text)
        let expression = try reader.expression { reader throws(RuleError) in
            .condition(try SegmentCondition.read(&reader))
        }
        guard !expression.holds(\.holdsForNobody) else { throw RuleError(kind: .holdsForNothing, column: 1) }
        return SegmentRule(expression: expression)
    }

    /// The traits that the rule refers to.
    package var traits: Set<SID> { Set(expression.conditions.flatMap(\.traits)) }

    /// The traits in `recency` and `frequency`, which must be rule-based or folder traits of one's own.
    package var traitsInCounts: Set<SID> {
        Set(expression.conditions.filter(\.isCount).flatMap(\.traits))
    }

    /// Whether the rule holds for one person.
    ///
    /// - Parameters:
    ///   - realizations: How often, at least once, the person realized which trait on which day, without what its time
    ///     to live has ended. A trait is there if it has a day.
    ///   - today: The day on which the rule is asked.
    /// - Returns: Whether the person is in the segment.
    package func holds(for realizations: [SID: [Day: Int]], on today: Day) -> Bool {
        expression.holds { $0.holds(for: realizations, on: today) }
    }
}

extension SegmentRule: CustomStringConvertible {
    /// The rule in canonical form.
    package var description: String { expression.description }
}

extension SegmentCondition {
    fileprivate func holds(for realizations: [SID: [Day: Int]], on today: Day) -> Bool {
        switch self {
        case .trait(let trait):
            return realizations[trait].map { !$0.isEmpty } ?? false
        case .recency(let traits, let window):
            let days = traits.flatMap { realizations[$0].map { Array($0.keys) } ?? [] }
            return days.max().map { window.includes($0, on: today) } ?? false
        case .frequency(let traits, let window, let count):
            var sum = 0
            for trait in traits {
                for (day, times) in realizations[trait] ?? [:] {
                    if window?.includes(day, on: today) ?? true { sum += times }
                }
            }
            return count.includes(sum)
        }
    }
}
