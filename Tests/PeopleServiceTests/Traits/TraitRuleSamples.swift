// SPDX-License-Identifier: Apache-2.0

import Conditions
import Surroundings

@testable import PeopleService

/// Random trait rules, and random signals that such rules ask for.
enum TraitRuleSamples {
    /// A key and a value as they come in a line.
    typealias TextSignal = (key: String, value: String)

    private static let keys = ["ic", "a", "B", "c_price", "d-1"]
    private static let values = [
        "1", "01", "1.0", "-2.5", "100", "1e2", "red", "RED", "Red shoe", "shoes red", "red,blue", "é", "É",
        "", "x_red", "a\"b", "9007199254740992", "9007199254740993",
    ]
    private static let patterns = ["r.*d", "[0-9]+", ".*(shoe|blue)s?.*", "É", "x?_?red"]

    static func rule(depth: Int, _ random: inout SeededNumbers) -> TraitRule {
        while true {
            let expression = expression(depth: depth, &random)
            if !expression.holds({ _ in false }) { return TraitRule(expression: expression) }
        }
    }

    static func line(_ random: inout SeededNumbers) -> [TextSignal] {
        (0..<Int.random(in: 0...5, using: &random)).map { _ in
            let key = random.pick(keys + ["unasked"])
            let value = random.pick(values + ["unknown"])
            return (random.next() % 2 == 0 ? key : key.uppercased(), value)
        }
    }

    private static func expression(
        depth: Int,
        _ random: inout SeededNumbers
    ) -> BooleanExpression<TraitCondition> {
        guard depth > 0, random.next() % 3 > 0 else { return .condition(condition(&random)) }
        let count = Int.random(in: 2...3, using: &random)
        return switch random.next() % 4 {
        case 0: .reversed(expression(depth: depth - 1, &random))
        case 1: .joinedByAnd((0..<count).map { _ in expression(depth: depth - 1, &random) })
        default: .joinedByOr((0..<count).map { _ in expression(depth: depth - 1, &random) })
        }
    }

    private static func condition(_ random: inout SeededNumbers) -> TraitCondition {
        guard let key = TraitKey(random.pick(keys)) else { preconditionFailure("the keys are valid") }
        return TraitCondition(key: key, test: test(of: key, &random))
    }

    private static func test(of key: TraitKey, _ random: inout SeededNumbers) -> TraitTest {
        let text = TraitText(random.pick(values))
        let number = TraitNumber(text.written) ?? TraitNumber("7")
        guard let number else { preconditionFailure("7 is a number") }
        let isNumber = key != .integrationCode && random.next() % 2 == 0
        let operand: TraitTest.Operand = isNumber ? .number(number) : .text(text)
        switch random.next() % 10 {
        case 0..<4: return .equals(operand)
        case 4: return .differs(operand)
        case 5: return .compares(random.pick(TraitTest.Order.allCases), number)
        case 6 where !text.written.isEmpty: return .contains(text)
        case 7 where !text.written.isEmpty: return .matchesWords(text)
        case 8 where !text.written.isEmpty:
            return random.next() % 2 == 0 ? .startsWith(text) : .endsWith(text)
        default:
            let pattern = try? TraitPattern(random.pick(patterns))
            return pattern.map(TraitTest.matchesPattern) ?? .equals(operand)
        }
    }
}
