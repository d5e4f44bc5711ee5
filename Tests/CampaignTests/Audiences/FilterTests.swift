// SPDX-License-Identifier: Apache-2.0

import Conditions
import Surroundings
import Testing

@testable import Campaign

@Suite struct FilterTests {
    private func canonical(_ text: String) throws(FilterError) -> String {
        try Filter.parse(text, fields: FilterSamples.fields).description
    }

    private func failure(_ text: String) -> FilterError? {
        do throws(FilterError) {
            _ = try Filter.parse(text, fields: FilterSamples.fields)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("country=\"FR\" and birthDate<1990-01-01", "country = \"FR\" and birthDate < 1990-01-01"),
        (
            "lastName like '%@example.com' OR NOT (cusScore >= 10 AND lastName IS empty)",
            "lastName like \"%@example.com\" or not (cusScore >= 10.0 and lastName is empty)"
        ),
        ("country in('FR' ,\"DE\")", "country in (\"FR\", \"DE\")"),
        ("blackList = TRUE", "blackList = true"), ("blackList <> false", "blackList != false"),
        ("created >= 2024-01-01T00:00:00Z", "created >= 2024-01-01T00:00:00Z"),
        ("created >= 2024-01-01", "created >= 2024-01-01T00:00:00Z"),
        ("created < \"2024-01-01T02:30:00.5+02:30\"", "created < 2024-01-01T00:00:00.500Z"),
        ("gender = female", "gender = \"female\""), ("gender = 2", "gender = \"female\""),
        ("gender not in (Male, 'unknown')", "gender not in (\"male\", \"unknown\")"),
        ("cusTier = gold or cusTier = 'no tier'", "cusTier = \"gold\" or cusTier = \"no tier\""),
        ("cusVisits > -5 and cusScore < 1e-7", "cusVisits > -5 and cusScore < 1e-07"),
        ("birthDate = '1990-01-31'", "birthDate = 1990-01-31"),
        ("country = 'it''s'", "country = \"it's\""), ("country = \"a\"\"b\"", "country = 'a\"b'"),
        ("country = \"a\"\"'b\"", "country = \"a\"\"'b\""),
        ("not country = 'FR'", "country != \"FR\""), ("not not country = 'FR'", "country = \"FR\""),
        ("not country != 'FR'", "country = \"FR\""),
        ("not country is not empty", "country is empty"), ("not not not cusVisits < 3", "not cusVisits < 3"),
        (
            "not (not (country = 'A' and lastName = 'B')) and lastName = 'C'",
            "country = \"A\" and lastName = \"B\" and lastName = \"C\""
        ), ("not cusVisits < 3", "not cusVisits < 3"),
        ("((country = 'A'))", "country = \"A\""),
        (
            "country = 'A' or country = 'B' and not (country = 'C' or lastName = 'D')",
            "country = \"A\" or country = \"B\" and not (country = \"C\" or lastName = \"D\")"
        ),
        (
            "(country = 'A' or country = 'B') and (country = 'C' and (lastName = 'D'))",
            "(country = \"A\" or country = \"B\") and country = \"C\" and lastName = \"D\""
        ),
    ])
    func `filters read as their canonical form`(text: String, expected: String) throws {
        #expect(try canonical(text) == expected)
        #expect(try canonical(expected) == expected)
    }

    @Test func `and binds closer than or, and not closest`() throws {
        let fields = FilterSamples.fields
        #expect(
            try Filter.parse("country = 'A' or not country = 'B' and country = 'C'", fields: fields)
                == Filter.parse("country = 'A' or ((not (country = 'B')) and country = 'C')", fields: fields)
        )
        #expect(
            try Filter.parse("not country = 'A' and country = 'B'", fields: fields)
                != Filter.parse("not (country = 'A' and country = 'B')", fields: fields)
        )
    }

    @Test(arguments: [
        ("", 1, FilterError.Kind.syntax(.empty)), ("  \n", 4, .syntax(.empty)),
        ("mobilPhone = '1'", 1, .unknownField(nearest: "mobilePhone")),
        ("country = 'FR' and Country = 'DE'", 20, .unknownField(nearest: "country")),
        ("colour = 'red'", 1, .unknownField(nearest: nil)),
        ("country == 'FR'", 10, .wrongValue(field: "country", expected: "a text in quotes")),
        ("country = FR", 11, .wrongValue(field: "country", expected: "a text in quotes")),
        ("country", 8, .expected(.comparison)), ("country not = 'A'", 13, .expected(.inOrLike)),
        ("country = 'FR", 11, .syntax(.unclosedText)), ("country = “FR”", 11, .syntax(.typographicQuote)),
        ("lastName = 'é' ; drop", 16, .syntax(.unexpectedCharacter)),
        ("country = 'A' country = 'B'", 15, .syntax(.noConnective)),
        ("(country = 'A'", 15, .syntax(.noClosingParenthesis)),
        ("country in 'A'", 12, .expected(.openingParenthesis)),
        ("country in ('A' 'B')", 17, .expected(.listSeparator)),
        ("country in ()", 13, .wrongValue(field: "country", expected: "a text in quotes")),
        ("country is full", 12, .expected(.empty)), ("country like 5", 14, .expected(.pattern)),
        ("and country = 'A'", 1, .expected(.condition)), ("country = 'A' or", 17, .expected(.condition)),
        ("birthDate < 1990-02-30", 13, .wrongValue(field: "birthDate", expected: "a day like 1990-01-31")),
        ("cusVisits = 1.5", 13, .wrongValue(field: "cusVisits", expected: "a whole number")),
        ("cusVisits = 9223372036854775808", 13, .wrongValue(field: "cusVisits", expected: "a whole number")),
        ("cusScore = 1e999", 12, .wrongValue(field: "cusScore", expected: "a number like 12.5")),
        ("cusScore = 0x10", 12, .wrongValue(field: "cusScore", expected: "a number like 12.5")),
        ("blackList = 2", 13, .wrongValue(field: "blackList", expected: "true or false")),
        ("gender = 3", 10, .wrongValue(field: "gender", expected: "one of unknown, male, female")),
        ("cusTier = Gold", 11, .wrongValue(field: "cusTier", expected: "one of gold, silver, no tier")),
        ("gender < 2", 8, .operatorNotAllowed(field: "gender", allowed: "=, !=, in and is empty")),
        ("blackList in (true)", 11, .operatorNotAllowed(field: "blackList", allowed: "=, != and is empty")),
        ("country = 'a\u{0}b'", 11, .syntax(.unclosedText)),
    ])
    func `errors name the column and what was expected`(text: String, column: Int, kind: FilterError.Kind) {
        #expect(failure(text) == FilterError(kind: kind, column: column))
    }

    @Test func `errors read well`() {
        #expect(
            failure("mobilPhone = '1'").map { "\($0)" }
                == "column 1: there is no such field; did you mean mobilePhone?"
        )
        #expect(
            failure("birthDate < 'x'").map { "\($0)" }
                == "column 13: birthDate is compared with a day like 1990-01-31"
        )
    }

    @Test func `hostile texts are refused, not followed`() {
        let condition = "country = 'A'"
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + condition + String(repeating: ")", count: depth)
        }
        #expect(failure(nested(200)) == nil)
        #expect(failure(nested(201))?.kind == .syntax(.tooDeep(limit: 200)))
        #expect(failure(String(repeating: "(", count: 60_000))?.kind == .syntax(.tooDeep(limit: 200)))
        #expect(failure(String(repeating: "not ", count: 200) + condition) == nil)
        #expect(
            failure(String(repeating: "not ", count: 201) + condition)?.kind == .syntax(.tooDeep(limit: 200))
        )
        #expect(failure(String(repeating: " ", count: 65_537))?.kind == .syntax(.tooLong(limit: 65_536)))
        #expect(failure("country = '" + String(repeating: "a", count: 65_000) + "'") == nil)
        #expect(
            failure("country like '" + String(repeating: "a", count: 5_000) + "'")?.kind
                == .patternTooLong(limit: 4096)
        )
        #expect(
            failure("gender in (" + Array(repeating: "0", count: 30_000).joined(separator: ",") + ")")?.kind
                == .syntax(.tooLong(limit: 65_536))
        )
        var alternating = condition
        for _ in 0..<20 { alternating = "\(condition) or (\(condition) and (\(alternating)))" }
        #expect(failure(alternating)?.kind == .tooManyAlternations(limit: 32))
    }

    @Test func `random filters read back from their canonical form`() throws {
        var random = SeededNumbers(seed: 21)
        for _ in 0..<5_000 {
            let filter = Filter(expression: FilterSamples.expression(depth: 5, &random))
            #expect(try Filter.parse(filter.description, fields: FilterSamples.fields) == filter)
        }
    }

    @Test func `filters with words changed never crash, and accepted ones read back`() throws {
        var random = SeededNumbers(seed: 22)
        let words = [
            "country", "gender", "cusScore", "created", "=", "!=", "<", ">=", "in", "not", "like", "is",
            "empty", "(",
            ")", ",", "'FR'", "\"x", "1", "1990-01-01", "2024-01-01T10:00Z", "and", "or", "female", "true",
            "é", "-",
        ]
        var accepted = 0
        var refused = 0
        for _ in 0..<5_000 {
            var parts = FilterSamples.expression(depth: 2, &random).description.split(separator: " ").map(
                String.init
            )
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let position = Int.random(in: 0..<parts.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: parts[position] = words[Int.random(in: 0..<words.count, using: &random)]
                case 1: parts.insert(words[Int.random(in: 0..<words.count, using: &random)], at: position)
                default: if parts.count > 1 { parts.remove(at: position) }
                }
            }
            guard let form = try? canonical(parts.joined(separator: " ")) else {
                refused += 1
                continue
            }
            accepted += 1
            #expect(try canonical(form) == form)
        }
        #expect(accepted > 100)
        #expect(refused > 1_000)
    }
}
