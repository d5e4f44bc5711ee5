// SPDX-License-Identifier: Apache-2.0

import Conditions
import Surroundings

@testable import PeopleService

/// Random segment rules, and random people with the traits 1 to 5.
enum SegmentSamples {
    static let today = Day(20_000)

    static func rule(depth: Int, _ random: inout SeededNumbers) -> SegmentRule {
        while true {
            let expression = expression(depth: depth, &random)
            if !expression.holds(\.holdsForNobody) { return SegmentRule(expression: expression) }
        }
    }

    static func person(_ random: inout SeededNumbers) -> [SID: [Day: Int]] {
        var person: [SID: [Day: Int]] = [:]
        for trait in 1...5 where random.next() % 3 > 0 {
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let day = today + -Int.random(in: -1...9, using: &random)
                person[trait, default: [:]][day, default: 0] += Int.random(in: 1...3, using: &random)
            }
        }
        return person
    }

    private static func expression(
        depth: Int,
        _ random: inout SeededNumbers
    ) -> BooleanExpression<SegmentCondition> {
        guard depth > 0, random.next() % 3 > 0 else { return .condition(condition(&random)) }
        let count = Int.random(in: 2...3, using: &random)
        return switch random.next() % 3 {
        case 0: .reversed(expression(depth: depth - 1, &random))
        case 1: .joinedByAnd((0..<count).map { _ in expression(depth: depth - 1, &random) })
        default: .joinedByOr((0..<count).map { _ in expression(depth: depth - 1, &random) })
        }
    }

    private static func condition(_ random: inout SeededNumbers) -> SegmentCondition {
        let traits = Set(
            (0..<Int.random(in: 1...3, using: &random)).map { _ in Int.random(in: 1...6, using: &random) }
        )
        let days = Int.random(in: 1...8, using: &random)
        let window: SegmentWindow = random.next() % 2 == 0 ? .atMost(days: days) : .atLeast(days: days)
        let number = Int.random(in: 0...9, using: &random)
        let count: SegmentCondition.Count =
            switch random.next() % 4 {
            case 0: .atMost(number)
            case 1: .exactly(number)
            default: .atLeast(random.next() % 10 == 0 ? 1_000_000_000 : number)
            }
        return switch random.next() % 4 {
        case 0: .trait(traits.min() ?? 1)
        case 1: .recency(traits.sorted(), window)
        case 2: .frequency(traits.sorted(), nil, count)
        default: .frequency(traits.sorted(), window, count)
        }
    }
}
