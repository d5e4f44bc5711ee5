// SPDX-License-Identifier: Apache-2.0

import Conditions

/// The rules of many traits, made ready to find which of them the signals of a line realize.
///
/// Never changes, so that all workers share one; each looks for traits with a ``TraitLine`` of its own. A rule that
/// only compares with `==`, joined by `or`, costs one look-up per signal however many rules there are; other rules are
/// evaluated for the lines that have a signal that one of their conditions asks for; of conditions joined by `and`, the
/// one whose keys occur in the fewest rules decides that.
package struct TraitMatcher: Sendable {
    /// A condition of a rule that is evaluated.
    enum Condition {
        /// The line has this key and value, by their number.
        case value(Int32)
        /// The values of the key, by its number, pass the test.
        case test(key: Int32, TraitTest)
    }

    /// A rule that is evaluated.
    struct Evaluated {
        /// The position of its trait.
        let trait: Int32
        /// Its meaning.
        let expression: BooleanExpression<Condition>
    }

    /// What a signal leads to.
    enum Lead {
        /// The trait at this position is realized.
        case trait(Int32)
        /// The rule at this position of ``evaluated`` may hold.
        case evaluation(Int32)
    }

    /// The traits, in the order given; positions count from 0.
    package let traits: [SID]

    /// The keys that rules ask for.
    private(set) var keys = TraitWords()
    /// The values that rules compare with by `==`; the group is the number of the key.
    private(set) var values = TraitWords()
    /// What each of ``values`` leads to.
    private(set) var leads: [[Lead]] = []
    /// Whether rules compare the key with values by `==`.
    private(set) var hasValues: [Bool] = []
    /// Whether rules test the key in another way.
    private(set) var isTested: [Bool] = []
    /// The rules that may hold if the key is there, as positions in ``evaluated``.
    private(set) var testers: [[Int32]] = []
    /// The rules that are evaluated.
    private(set) var evaluated: [Evaluated] = []
    /// The number of the key of integration codes; -1 if no rule asks for one.
    private(set) var integrationCodeKey: Int32 = -1

    /// Makes the rules of traits ready.
    ///
    /// - Parameter rules: The traits, fewer than 2³¹, each with its rule; a trait may come more than once, and then has
    ///   several positions.
    package init(_ rules: [(trait: SID, rule: TraitRule)]) {
        traits = rules.map(\.trait)
        var uses: [TraitKey: Int] = [:]
        for (_, rule) in rules {
            for key in rule.keys { uses[key, default: 0] += 1 }
        }
        for (position, (_, rule)) in rules.enumerated() {
            if let alternatives = Self.alternatives(of: rule.expression) {
                for (key, text) in alternatives {
                    leads[Int(number(of: text, key))].append(.trait(Int32(position)))
                }
            } else {
                addEvaluated(rule, trait: Int32(position), uses)
            }
        }
        integrationCodeKey = keys.find(TraitKey.integrationCode)
    }

    /// The keys and texts of a rule that is nothing but `==` joined by `or`; nil for other rules.
    private static func alternatives(
        of expression: BooleanExpression<TraitCondition>
    ) -> [(TraitKey, TraitText)]? {
        let parts = if case .any(let parts) = expression { parts } else { [expression] }
        var alternatives: [(TraitKey, TraitText)] = []
        for part in parts {
            guard case .condition(let condition) = part, case .equals(.text(let text)) = condition.test else {
                return nil
            }
            alternatives.append((condition.key, text))
        }
        return alternatives
    }

    private mutating func addEvaluated(_ rule: TraitRule, trait: Int32, _ uses: [TraitKey: Int]) {
        let position = Int32(evaluated.count)
        let deciding = Set(Self.decidingPart(of: rule.expression, uses).conditions)
        let expression = rule.expression.map { condition in
            let isDeciding = deciding.contains(condition)
            if case .equals(.text(let text)) = condition.test {
                let value = number(of: text, condition.key)
                if isDeciding { leads[Int(value)].append(.evaluation(position)) }
                return Condition.value(value)
            }
            let key = number(of: condition.key)
            isTested[Int(key)] = true
            if isDeciding { testers[Int(key)].append(position) }
            return .test(key: key, condition.test)
        }
        evaluated.append(Evaluated(trait: trait, expression: expression))
    }

    /// A part without which the expression does not hold, and which does not hold without signals.
    private static func decidingPart(
        of expression: BooleanExpression<TraitCondition>,
        _ uses: [TraitKey: Int]
    ) -> BooleanExpression<TraitCondition> {
        guard case .all(let parts) = expression else { return expression }
        func cost(_ part: BooleanExpression<TraitCondition>) -> Int {
            part.conditions.reduce(0) { $0 + uses[$1.key, default: 0] }
        }
        let candidates = parts.filter { part in !part.holds { _ in false } }
        return candidates.min { cost($0) < cost($1) } ?? expression
    }

    private mutating func number(of text: TraitText, _ key: TraitKey) -> Int32 {
        let key = number(of: key)
        hasValues[Int(key)] = true
        let value = values.number(of: text.folded, group: key)
        if leads.count < values.count { leads.append([]) }
        return value
    }

    private mutating func number(of key: TraitKey) -> Int32 {
        let number = keys.number(of: Array(key.name.utf8))
        if testers.count < keys.count {
            testers.append([])
            hasValues.append(false)
            isTested.append(false)
        }
        return number
    }
}

extension TraitWords {
    /// The number of a key; -1 if it is not among the words.
    fileprivate func find(_ key: TraitKey) -> Int32 {
        Array(key.name.utf8).withUnsafeBytes { find($0) }
    }
}
