// SPDX-License-Identifier: Apache-2.0

import Surroundings
import Testing

@testable import PeopleService

@Suite struct SegmentEvaluationTests {
    private static let today = SegmentSamples.today

    /// A person who realized trait 1 three times two days ago and once ten days ago, and trait 2 once five days ago.
    private static let person: [SID: [Day: Int]] = [
        1: [today + -2: 3, today + -10: 1], 2: [today + -5: 1],
    ]

    private func holdsInBits(_ rule: SegmentRule, _ person: [SID: [Day: Int]]) -> Bool {
        SegmentBits(of: [[:], person]).members(of: rule, among: 2, on: Self.today) == [2]
    }

    @Test(arguments: [
        ("1T", true), ("3T", false), ("1T and 2T", true), ("1T and not 2T", false), ("1T and not 3T", true),
        ("3T or 2T", true),
        ("recency([1T] <= 2D)", true), ("recency([1T] <= 1D)", false), ("recency([2T] <= 5D)", true),
        ("recency([2T] <= 4D)", false), ("recency([1T, 2T] <= 2D)", true), ("recency([2T, 3T] <= 2D)", false),
        ("recency([2T] >= 5D)", true), ("recency([2T] >= 6D)", false), ("recency([1T] >= 2D)", true),
        ("recency([1T] >= 3D)", false), ("recency([1T, 2T] >= 5D)", false), ("recency([3T] >= 1D)", false),
        ("1T and not recency([3T] <= 5D)", true),
        ("frequency([1T]) >= 4", true), ("frequency([1T]) >= 5", false), ("frequency([1T, 2T]) >= 5", true),
        ("frequency([1T, 2T]) == 5", true), ("frequency([1T, 2T]) >= 6", false),
        ("frequency([1T] <= 5D) >= 3", true), ("frequency([1T] <= 5D) >= 4", false),
        ("frequency([1T] <= 1D) >= 1", false), ("frequency([1T] >= 10D) == 1", true),
        ("frequency([1T] >= 11D) >= 1", false), ("frequency([1T, 2T] >= 5D) == 2", true),
        ("1T and frequency([1T] <= 5D) <= 3", true), ("1T and frequency([1T] <= 5D) <= 2", false),
        ("2T and frequency([3T]) == 0", true), ("2T and frequency([3T]) <= 0", true),
        ("1T and frequency([2T]) >= 0", true), ("1T and frequency([1T]) <= 1000000000", true),
        ("frequency([1T]) >= 1000000000", false), ("frequency([1T]) == 1000000000", false),
        ("frequency([1T]) >= 1 and frequency([1T]) <= 5", true),
    ])
    func `rules hold as documented, for one and in bits`(text: String, expected: Bool) throws {
        let rule = try SegmentRule.parse(text)
        #expect(rule.holds(for: Self.person, on: Self.today) == expected)
        #expect(holdsInBits(rule, Self.person) == expected)
        #expect(!rule.holds(for: [:], on: Self.today))
    }

    @Test func `a trait without a day is not there, and a later day is recent`() throws {
        #expect(!(try SegmentRule.parse("1T")).holds(for: [1: [:]], on: Self.today))
        let tomorrow: [SID: [Day: Int]] = [1: [Self.today + 1: 1]]
        #expect(try SegmentRule.parse("recency([1T] <= 1D)").holds(for: tomorrow, on: Self.today))
        #expect(!(try SegmentRule.parse("recency([1T] >= 1D)")).holds(for: tomorrow, on: Self.today))
    }

    @Test(arguments: [0, 1, 63, 64, 65, 1_000, 64 * 256, 64 * 256 + 1, 40_000])
    func `random rules hold for the same people in bits as one by one`(count: Int) {
        var random = SeededNumbers(seed: UInt64(count))
        let kinds = (0..<200).map { _ in SegmentSamples.person(&random) }
        let people = (0..<count).map { _ in kinds[Int.random(in: 0..<kinds.count, using: &random)] }
        let bits = SegmentBits(of: people)
        var members = 0
        for _ in 0..<(count > 1_000 ? 10 : 200) {
            let rule = SegmentSamples.rule(depth: 3, &random)
            var expected = ContiguousArray<UInt64>(repeating: 0, count: (count + 63) / 64)
            for (position, person) in people.enumerated() where rule.holds(for: person, on: Self.today) {
                expected[position / 64] |= 1 << UInt64(position % 64)
            }
            #expect(bits.members(of: rule, among: count, on: Self.today) == expected, "\(rule)")
            members += expected.reduce(0) { $0 + $1.nonzeroBitCount }
        }
        #expect(count < 63 || members > count)
    }

    @Test func `every evaluation of the empty person is false`() {
        var random = SeededNumbers(seed: 43)
        for _ in 0..<2_000 {
            let rule = SegmentSamples.rule(depth: 4, &random)
            #expect(!rule.holds(for: [:], on: Self.today))
        }
    }

    @Test func `errors of the closures come through`() throws {
        struct Gone: Error {}
        let program = SegmentProgram(try SegmentRule.parse("1T"))
        #expect(throws: Gone.self) {
            try program.members(
                among: 1,
                on: Self.today,
                presence: { _ throws(Gone) in throw Gone() },
                realizations: { _ throws(Gone) in [] }
            )
        }
    }

    @Test func `large numbers of realizations are counted exactly`() throws {
        let person: [SID: [Day: Int]] = [1: [Self.today: 300], 2: [Self.today + -1: 211]]
        for (text, expected) in [
            ("frequency([1T, 2T]) == 511", true), ("frequency([1T, 2T]) >= 511", true),
            ("frequency([1T, 2T]) >= 512", false), ("frequency([1T, 2T]) == 255", false),
            ("1T and frequency([1T, 2T]) <= 510", false), ("1T and frequency([1T, 2T]) <= 511", true),
        ] {
            let rule = try SegmentRule.parse(text)
            #expect(rule.holds(for: person, on: Self.today) == expected)
            #expect(holdsInBits(rule, person) == expected)
        }
    }
}
