// SPDX-License-Identifier: Apache-2.0

import Conditions
import Foundation

@testable import PeopleService

/// What trait rules mean, written down without a thought of speed.
enum TraitReference {
    static func holds(_ rule: TraitRule, _ line: [TraitRuleSamples.TextSignal]) throws -> Bool {
        try holds(rule.expression, line)
    }

    /// The number of signals that none of the rules asks for.
    static func unused(_ rules: [TraitRule], _ line: [TraitRuleSamples.TextSignal]) -> Int {
        let conditions = rules.flatMap(\.expression.conditions)
        return line.count { signal in
            !conditions.contains { condition in
                guard condition.key.name == signal.key.lowercased() else { return false }
                guard case .equals(.text(let text)) = condition.test else { return true }
                return text.written.lowercased() == signal.value.lowercased()
            }
        }
    }

    private static func holds(
        _ expression: BooleanExpression<TraitCondition>,
        _ line: [TraitRuleSamples.TextSignal]
    ) throws -> Bool {
        switch expression {
        case .not(let inner): return try !holds(inner, line)
        case .all(let parts): return try parts.allSatisfy { try holds($0, line) }
        case .any(let parts): return try parts.contains { try holds($0, line) }
        case .condition(let condition):
            let values = line.filter { $0.key.lowercased() == condition.key.name }.map(\.value)
            if case .differs(let operand) = condition.test {
                return !values.isEmpty && values.allSatisfy { !isEqual($0, operand) }
            }
            return try values.contains { try passes($0, condition.test) }
        }
    }

    private static func passes(_ value: String, _ test: TraitTest) throws -> Bool {
        let folded = value.lowercased()
        switch test {
        case .equals(let operand), .differs(let operand): return isEqual(value, operand)
        case .compares(let order, let number):
            guard let value = decimal(value), let number = decimal(number.description) else { return false }
            return switch order {
            case .less: value < number
            case .lessOrEqual: value <= number
            case .greater: value > number
            case .greaterOrEqual: value >= number
            }
        case .contains(let text): return folded.contains(text.written.lowercased())
        case .startsWith(let text): return folded.hasPrefix(text.written.lowercased())
        case .endsWith(let text): return folded.hasSuffix(text.written.lowercased())
        case .matchesWords(let text):
            let text = text.written.lowercased()
            return folded.indices.contains { start in
                folded[start...].hasPrefix(text) && !isWord(folded[..<start].last)
                    && !isWord(folded[start...].dropFirst(text.count).first)
            }
        case .matchesPattern(let pattern):
            return try Regex(pattern.text).ignoresCase().wholeMatch(in: value) != nil
        }
    }

    private static func isEqual(_ value: String, _ operand: TraitTest.Operand) -> Bool {
        switch operand {
        case .text(let text): value.lowercased() == text.written.lowercased()
        case .number(let number): decimal(value) == decimal(number.description)
        }
    }

    /// The number that a text is as a whole.
    private static func decimal(_ text: String) -> Decimal? {
        Double(text) == nil ? nil : Decimal(string: text)
    }

    private static func isWord(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
    }
}
