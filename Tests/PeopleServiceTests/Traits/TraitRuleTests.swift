// SPDX-License-Identifier: Apache-2.0

import Conditions
import Surroundings
import Testing

@testable import PeopleService

@Suite struct TraitRuleTests {
    private func failure(_ text: String) -> RuleError? {
        do throws(RuleError) {
            _ = try TraitRule.parse(text)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("ic==\"30608\"", "ic == \"30608\""), ("ic == 30608", "ic == \"30608\""),
        ("IC == '0052'", "ic == \"0052\""),
        (
            "(c_make==\"A\") AND (c_model==\"B\") AND (c_search==\"1\")",
            "c_make == \"A\" and c_model == \"B\" and c_search == \"1\""
        ),
        ("(a== \"1\" OR b==\"1\") AND (c==\"new\")", "(a == \"1\" or b == \"1\") and c == \"new\""),
        ("(price >= 1.00 AND price <= 100.00)", "price >= 1 and price <= 100"),
        ("price => 5", "price >= 5"), ("price > \"5\"", "price > 5"), ("price < -0", "price < 0"),
        ("price == 1e20", "price == 1e+20"), ("price == +1.50", "price == 1.5"),
        ("price == \"1.50\"", "price == \"1.50\""), ("price == 1.", "price == \"1.\""),
        ("color == blue or color != Red", "color == \"blue\" or color != \"Red\""),
        ("h_accept-language startswith 'es'", "h_accept-language startswith \"es\""),
        (
            "p CONTAINS shoe and p EndsWith x and p MatchesWords \"red shoe\"",
            "p contains \"shoe\" and p endswith \"x\" and p matcheswords \"red shoe\""
        ),
        ("p matchesregex \".*(a|b)\\d\"", "p matchesregex \".*(a|b)\\d\""),
        ("a == \"x\" AND NOT (b == \"y\" or c == 'z')", "a == \"x\" and not (b == \"y\" or c == \"z\")"),
        ("not not a == \"x\"", "a == \"x\""), ("a==x and not not not b==y", "a == \"x\" and not b == \"y\""),
        ("a == 'it''s'", "a == \"it's\""), ("a == '\"'", "a == \"\"\"\""),
        ("a == \"\"\"b\"", "a == \"\"\"b\""),
        ("contains contains \"contains\"", "contains contains \"contains\""),
        ("---Price == x", "price == \"x\""),
    ])
    func `rules read as their canonical form`(text: String, expected: String) throws {
        let rule = try TraitRule.parse(text)
        #expect(rule.description == expected)
        #expect(try TraitRule.parse(expected) == rule)
    }

    @Test func `and binds closer than or, and not closest`() throws {
        #expect(
            try TraitRule.parse("a == 1 or not b == 2 and c == 3 or d == 4").expression
                == TraitRule.parse("a == 1 or ((not (b == 2)) and c == 3) or d == 4").expression
        )
    }

    @Test(arguments: ["price123", "123price", "price-123", "c_price123", "a", "_a", "A-"])
    func `key names have a letter`(name: String) throws {
        #expect(try TraitRule.parse("\(name) == 1").keys.map(\.name) == [name.lowercased()])
    }

    @Test(arguments: [
        ("123", 1, RuleError.Kind.keyName), ("-", 1, .keyName), ("_", 1, .keyName), ("a.b", 1, .keyName),
        ("price!123", 6, .syntax(.unexpectedCharacter)), ("preis€", 6, .syntax(.unexpectedCharacter)),
        ("price 123", 7, .expected(.comparison)), ("\"price\"", 1, .expected(.signalCondition)),
    ])
    func `other key names are refused`(name: String, column: Int, kind: RuleError.Kind) {
        #expect(failure("\(name) == \"1\"") == RuleError(kind: kind, column: column))
    }

    @Test(arguments: [
        ("", 1, RuleError.Kind.syntax(.empty)), (" \n", 3, .syntax(.empty)),
        ("a", 2, .expected(.comparison)), ("a = \"b\"", 3, .expected(.comparison)),
        ("a like \"b\"", 3, .expected(.comparison)), ("a ==", 5, .expected(.value)),
        ("a == and", 6, .expected(.value)), ("a == (", 6, .expected(.value)),
        ("price > cheap", 9, .expected(.number)), ("price > \"\"", 9, .expected(.number)),
        ("price > 1e999", 9, .expected(.number)), ("price > 0x10", 9, .expected(.number)),
        ("price > nan", 9, .expected(.number)), ("a contains", 11, .expected(.value)),
        ("a contains \"\"", 12, .emptyText), ("a matchesregex ''", 16, .emptyText),
        ("a == \"x\" b == \"y\"", 10, .syntax(.noConnective)),
        ("a == \"x\" or", 12, .expected(.signalCondition)),
        ("a == x, b == y", 7, .syntax(.noConnective)),
        ("(a == x", 8, .syntax(.noClosingParenthesis)), ("a == x)", 7, .syntax(.noConnective)),
        ("()", 2, .expected(.signalCondition)), ("and == x", 1, .expected(.signalCondition)),
        ("a == \"x", 6, .syntax(.unclosedText)), ("a == 'é\u{0}'", 6, .syntax(.unclosedText)),
        ("a == “x”", 6, .syntax(.typographicQuote)),
        ("a == \"é\" & b == 1", 10, .syntax(.unexpectedCharacter)),
        ("a matchesregex \"x(y\"", 20, .pattern(reason: "missing closing parenthesis")),
        ("a matchesregex \"é\"\"(\"", 21, .pattern(reason: "missing closing parenthesis")),
        ("a matchesregex '*x'", 17, .pattern(reason: "quantifier does not follow a repeatable item")),
        ("a matchesregex \"\\C\"", 19, .pattern(reason: "using \\C is disabled by the application")),
        ("not a == \"x\"", 1, .holdsForNothing), ("a == x or not b == y", 1, .holdsForNothing),
        ("not (a == x and b == y)", 1, .holdsForNothing),
    ])
    func `errors name the column and what was expected`(text: String, column: Int, kind: RuleError.Kind) {
        #expect(failure(text) == RuleError(kind: kind, column: column))
    }

    @Test func `errors read well`() {
        #expect(
            failure("price > cheap").map { "\($0)" } == "column 9: expected a number like 12.5"
        )
        #expect(
            failure("a matchesregex '('").map { "\($0)" }
                == "column 18: the regular expression does not compile: missing closing parenthesis"
        )
    }

    @Test func `hostile texts are refused, not followed`() {
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "a == x" + String(repeating: ")", count: depth)
        }
        #expect(failure(nested(200)) == nil)
        #expect(failure(nested(201))?.kind == .syntax(.tooDeep(limit: 200)))
        #expect(failure(String(repeating: "(", count: 60_000))?.kind == .syntax(.tooDeep(limit: 200)))
        #expect(failure(String(repeating: "not ", count: 200) + "a == x") == nil)
        #expect(
            failure(String(repeating: "not ", count: 201) + "a == x")?.kind == .syntax(.tooDeep(limit: 200))
        )
        #expect(failure(String(repeating: " ", count: 65_537))?.kind == .syntax(.tooLong(limit: 65_536)))
        let short = Array(repeating: "a==b", count: 8_000).joined(separator: " or ")
        #expect(short.utf8.count <= 65_536)
        #expect(failure(short)?.kind == .syntax(.tooLong(limit: 65_536)))
        let long = String(repeating: "a", count: 4_097)
        #expect(failure("a contains \(long)") == nil)
        #expect(
            failure("a matchesregex \(long)") == RuleError(kind: .patternTooLong(limit: 4096), column: 16)
        )
    }

    @Test func `patterns that would fill the memory do not compile`() {
        let nested = "(((a{1,500}){1,500}){1,500}){1,500}"
        let duration = ContinuousClock().measure {
            #expect(
                failure("a matchesregex \"\(nested)\"")?.kind
                    == .pattern(reason: "regular expression is too large")
            )
            #expect(failure("a matchesregex \"\(String(repeating: "(", count: 4_000))\"") != nil)
        }
        #expect(duration < .seconds(20))
    }

    @Test func `random rules read back from their canonical form`() throws {
        var random = SeededNumbers(seed: 31)
        for _ in 0..<5_000 {
            let rule = TraitRuleSamples.rule(depth: 5, &random)
            #expect(try TraitRule.parse(rule.description) == rule)
        }
    }

    @Test func `rules with words changed never crash, and accepted ones read back`() throws {
        var random = SeededNumbers(seed: 32)
        let words = [
            "a", "ic", "==", "!=", "=>", "<", "contains", "matchesregex", "matcheswords", "(", ")", "[", ",",
            "'x'", "\"", "\"(\"", "12", "and", "or", "not", "é", "-", "1e5",
        ]
        var accepted = 0
        for _ in 0..<5_000 {
            var parts = TraitRuleSamples.rule(depth: 2, &random).description
                .split(separator: " ").map(String.init)
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let position = Int.random(in: 0..<parts.count, using: &random)
                parts[position] = words[Int.random(in: 0..<words.count, using: &random)]
            }
            guard let rule = try? TraitRule.parse(parts.joined(separator: " ")) else { continue }
            accepted += 1
            #expect(try TraitRule.parse(rule.description) == rule)
        }
        #expect((500..<4_500).contains(accepted))
    }
}
