// SPDX-License-Identifier: Apache-2.0

import Conditions
import Surroundings
import Testing

@testable import PeopleService

@Suite struct SegmentRuleTests {
    private func failure(_ text: String) -> RuleError? {
        do throws(RuleError) {
            _ = try SegmentRule.parse(text)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("101T and frequency([102T] <= 5D) >= 3", "101T and frequency([102T] <= 5D) >= 3"),
        ("FREQUENCY([123T,456T] <= 5D) >= 3", "frequency([123T, 456T] <= 5D) >= 3"),
        ("(1t OR 2t) AND NOT 3t", "(1T or 2T) and not 3T"),
        ("Recency ( [ 2T , 1T,2T ] <=5d )", "recency([1T, 2T] <= 5D)"),
        ("recency([1T]>=5D)", "recency([1T] >= 5D)"), ("recency([1T] => 5D)", "recency([1T] >= 5D)"),
        ("frequency([1T,2T])=>3", "frequency([1T, 2T]) >= 3"),
        ("frequency([1T]>=2D)==3", "frequency([1T] >= 2D) == 3"),
        ("frequency([1T])>=1 and frequency([1T])<=5", "frequency([1T]) >= 1 and frequency([1T]) <= 5"),
        ("frequency([1T]) <= 5 and 2T", "frequency([1T]) <= 5 and 2T"),
        ("(frequency([1000T] <= 2D) >= 5)", "frequency([1000T] <= 2D) >= 5"),
        ("not not 007T", "7T"), ("1T and (2T and 3T) or (4T or 5T)", "1T and 2T and 3T or 4T or 5T"),
        ("1T and not (2T or frequency([3T]) == 0)", "1T and not (2T or frequency([3T]) == 0)"),
        ("not frequency([1T]) == 0", "not frequency([1T]) == 0"),
    ])
    func `rules read as their canonical form`(text: String, expected: String) throws {
        let rule = try SegmentRule.parse(text)
        #expect(rule.description == expected)
        #expect(try SegmentRule.parse(expected) == rule)
    }

    @Test(arguments: [
        ("", 1, RuleError.Kind.syntax(.empty)), ("101", 1, .expected(.traitCondition)),
        ("0T", 1, .expected(.traitCondition)), ("-1T", 1, .expected(.traitCondition)),
        ("T", 1, .expected(.traitCondition)), ("\"1T\"", 1, .expected(.traitCondition)),
        ("99999999999999999999T", 1, .expected(.traitCondition)), ("101T and", 9, .expected(.traitCondition)),
        ("101T 102T", 6, .syntax(.noConnective)), ("1T & 2T", 4, .syntax(.unexpectedCharacter)),
        ("(1T or 2T", 10, .syntax(.noClosingParenthesis)), ("1T)", 3, .syntax(.noConnective)),
        ("recency", 8, .expected(.traitList)), ("recency(1T <= 5D)", 9, .expected(.traitList)),
        ("recency([] <= 5D)", 10, .expected(.trait)), ("recency([1] <= 5D)", 10, .expected(.trait)),
        ("recency([1T,] <= 5D)", 13, .expected(.trait)),
        ("recency([1T 2T] <= 5D)", 13, .expected(.listSeparator)),
        ("recency([1T])", 13, .expected(.window)), ("recency([1T] == 5D)", 14, .expected(.window)),
        ("recency([1T] < 5D)", 14, .expected(.window)), ("recency([1T] <= 0D)", 17, .expected(.days)),
        ("recency([1T] <= 5)", 17, .expected(.days)), ("recency([1T] <= -5D)", 17, .expected(.days)),
        ("recency([1T] <= 100001D)", 17, .expected(.days)), ("recency([1T] <= 5D", 19, .expected(.windowEnd)),
        ("recency([1T] <= 5D) >= 3", 21, .syntax(.noConnective)),
        ("frequency([1T]", 15, .expected(.windowOrEnd)), ("frequency([1T] <= 5D", 21, .expected(.windowEnd)),
        ("frequency([1T])", 16, .expected(.countComparison)),
        ("frequency([1T]) > 3", 17, .expected(.countComparison)),
        ("frequency([1T]) != 3", 17, .expected(.countComparison)),
        ("frequency([1T]) >=", 19, .expected(.count)),
        ("frequency([1T]) >= 3T", 20, .expected(.count)), ("frequency([1T]) >= -1", 20, .expected(.count)),
        ("frequency([1T]) >= 1000000001", 20, .expected(.count)),
        ("frequency([1T] <= 0D) >= 3", 19, .expected(.days)),
        ("frequency([1000T]) <= 5", 1, .holdsForNothing), ("frequency([1T]) == 0", 1, .holdsForNothing),
        ("frequency([1T]) >= 0", 1, .holdsForNothing), ("frequency([1T] <= 5D) <= 5", 1, .holdsForNothing),
        ("1T or frequency([1T]) <= 5", 1, .holdsForNothing), ("not 3T", 1, .holdsForNothing),
        ("not recency([3T] <= 5D)", 1, .holdsForNothing), ("1T or not 3T", 1, .holdsForNothing),
    ])
    func `errors name the column and what was expected`(text: String, column: Int, kind: RuleError.Kind) {
        #expect(failure(text) == RuleError(kind: kind, column: column))
    }

    @Test func `errors read well`() {
        #expect(
            failure("101").map { "\($0)" }
                == "column 1: expected a trait like 101T, frequency, recency, \"not\" or \"(\""
        )
        #expect(
            failure("not 3T").map(\.reason)
                == "the rule would hold where nothing is known; join it by \"and\" to something that must be there"
        )
    }

    @Test func `rules know their traits, and those whose days and numbers matter`() throws {
        let rule = try SegmentRule.parse(
            "(1T or 2T) and not frequency([3T, 1T]) <= 2 and recency([4T, 5T] <= 1D)"
        )
        #expect(rule.traits == [1, 2, 3, 4, 5])
        #expect(rule.traitsInCounts == [1, 3, 4, 5])
    }

    @Test func `hostile texts are refused, not followed`() {
        #expect(failure(String(repeating: "(", count: 60_000))?.kind == .syntax(.tooDeep(limit: 200)))
        #expect(failure(String(repeating: "not ", count: 202) + "1T")?.kind == .syntax(.tooDeep(limit: 200)))
        #expect(
            failure(String(repeating: "1T or ", count: 11_000) + "1T")?.kind
                == .syntax(.tooLong(limit: 65_536))
        )
        let many = (1...8_000).map { "\($0)T" }.joined(separator: ",")
        #expect(failure("recency([\(many)] <= 5D)") == nil)
    }

    @Test func `random rules read back from their canonical form`() throws {
        var random = SeededNumbers(seed: 41)
        for _ in 0..<5_000 {
            let rule = SegmentSamples.rule(depth: 5, &random)
            #expect(try SegmentRule.parse(rule.description) == rule)
        }
    }
}
