// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Surroundings
import Testing

@testable import PeopleService

@Suite struct TraitMatcherTests {
    /// Takes the signals of an inbound line, then ends it.
    ///
    /// - Parameters:
    ///   - text: The signals, as an inbound file holds them.
    ///   - line: What finds the traits.
    /// - Returns: The positions of the traits, ascending, and the number of signals that no rule asks for.
    private func find(_ text: [UInt8], _ line: inout TraitLine) -> (traits: [Int32], unused: Int) {
        text.withUnsafeBytes { bytes in
            for signal in SignalList(bytes) {
                switch signal {
                case .integrationCode(let code): line.take(integrationCode: code)
                case .keyValue(let key, let value): line.take(key: key, value: value)
                case .addTrait, .removeTrait, .problem: Issue.record("not a signal that rules read")
                }
            }
            var traits: [Int32] = []
            let unused = line.finish(&traits)
            return (traits.sorted(), unused)
        }
    }

    private func holds(_ rule: String, _ signals: String) throws -> Bool {
        var line = TraitLine(for: TraitMatcher([(1, try TraitRule.parse(rule))]))
        return find(Array(signals.utf8), &line).traits == [0]
    }

    @Test(arguments: [
        ("ic == \"30608\"", "30608", true), ("ic == \"30608\"", "ic=30608", true),
        ("ic == \"30608\"", "\"IC\"=\"30608\"", true), ("ic == \"30608\"", "30609", false),
        ("ic == 52", "052", false), ("ic == 52", "ic=52.0", false), ("ic > 50", "52", true),
        ("gender == \"female\"", "\"Gender\"=\"FEMALE\"", true), ("GENDER == FEMALE", "gender=female", true),
        ("gender == \"female\"", "gender=male", false), ("gender == \"female\"", "sex=female", false),
        ("a == \"é\"", "a=É", true), ("a == \"Ⱥ\"", "a=ⱥ", true), ("a == \"K\"", "a=\u{212A}", true),
        ("a == \"ss\"", "a=ß", false), ("a == \"e\u{301}\"", "a=é", false), ("a == \"İ\"", "a=i", false),
        ("a == 1", "a=1.0", true), ("a == 1", "a=+1e0", true), ("a == 1", "a=one", false),
        ("a == \"1\"", "a=1.0", false), ("a == \"\"", "a=", true),
        ("a != red", "a=blue", true), ("a != red", "a=RED", false), ("a != red", "b=blue", false),
        ("a != red", "a=blue,a=red", false), ("a != red", "a=blue,a=green", true),
        ("a != 1", "a=1.0", false), ("a != 1", "a=x", true),
        ("not a == red and b == x", "a=blue,b=x", true), ("not a == red and b == x", "b=x", true),
        ("not a == red and b == x", "a=red,a=blue,b=x", false),
        ("a == 9007199254740993", "a=9007199254740992", false),
        ("a == 9007199254740993", "a=9007199254740993.0", true),
        ("a == 9007199254740993", "a=0.9007199254740993e16", true),
        ("a != 4111111111111111111", "a=4111111111111111112", true),
        ("a < 9007199254740993", "a=9007199254740992", true),
        ("a < -9007199254740992", "a=-9007199254740993", true),
        ("a >= 1e18", "a=999999999999999999", false), ("a > 999999999999999999", "a=1e18", true),
        ("a > 0.1", "a=0.10000000000000000000001", true),
        ("price >= 1.00 and price <= 100.00", "price=100", true), ("price > 5", "price=10", true),
        ("price > 5", "price=5", false), ("price => 5", "price=5.0", true), ("price < 10", "price=9", true),
        ("price < 10", "price=-1e3", true), ("price <= 5", "price=5.000001", false),
        ("price > 5", "price=expensive", false), ("not price > 5 and price != x", "price=dear", true),
        ("price > 5", "price=", false), ("price > 5", "price=1,price=7", true),
        ("price > 5", "price=0x10", false),
        ("price > 5", "price=inf", false), ("price > 5", "price=\"1,000\"", false),
        ("p contains \"shoe\"", "p=Red SHOES", true), ("p contains \"shoe\"", "p=sho", false),
        ("p contains \"aab\"", "p=aaab", true), ("p contains \"É\"", "p=x", false),
        ("p startswith \"es\"", "p=ES-mx", true), ("p startswith \"es\"", "p=fres", false),
        ("p endswith \"mx\"", "p=es-MX", true), ("p endswith \"mx\"", "p=mx-es", false),
        ("p endswith \"longer\"", "p=er", false),
        ("p matcheswords \"shoe\"", "p=red shoe", true), ("p matcheswords \"shoe\"", "p=red shoes", false),
        ("p matcheswords \"shoe\"", "p=shoes or shoe", true),
        ("p matcheswords \"red shoe\"", "p=a-red shoe!", true),
        ("p matcheswords \"red shoe\"", "p=shoe red", false), ("p matcheswords \"shoe\"", "p=my_shoe", false),
        ("p matcheswords \"caf\"", "p=café", false), ("p matcheswords \"café\"", "p=un CAFÉ", true),
        ("p matchesregex \"sho+e\"", "p=SHOOOE", true), ("p matchesregex \"sho+e\"", "p=red shoe", false),
        ("p matchesregex \".*sho+e.*\"", "p=red shoes", true), ("p matchesregex \"a|ab\"", "p=ab", true),
        ("p matchesregex \"^É$\"", "p=é", true), ("p matchesregex \"x*\"", "p=", true),
        ("p matchesregex \"(\\w)\\1\"", "p=zZ", true),
    ])
    func `operators hold as documented`(rule: String, signals: String, expected: Bool) throws {
        #expect(try holds(rule, signals) == expected)
    }

    @Test func `a pattern that backtracks without end is given up soon, and told`() throws {
        let rules = ["(a+)+b", "(a|aa)+b", "(.*)*x(.*)*y", "((a*)*)*c", "(?:a?){30}a{30}b"]
        for pattern in rules {
            let rule = try TraitRule.parse("p matchesregex \"\(pattern)\"")
            var line = TraitLine(for: TraitMatcher([(1, rule)]))
            let signals = Array("p=\(String(repeating: "a", count: 20_000))".utf8)
            let duration = ContinuousClock().measure {
                for _ in 0..<10 { #expect(find(signals, &line).traits.isEmpty) }
            }
            // Without a limit the first of them would take longer than the universe is old.
            #expect(duration < .seconds(20))
            #expect(line.abandonedMatches == 10)
            #expect(find(Array("p=aaa".utf8), &line).traits.isEmpty)
            #expect(line.abandonedMatches == 10)
        }
    }

    @Test func `deep recursion of a pattern is bounded`() throws {
        let rule = try TraitRule.parse("p matchesregex \"(\\((?1)*\\))+\"")
        var line = TraitLine(for: TraitMatcher([(1, rule)]))
        let open = Array("p=".utf8) + [UInt8](repeating: UInt8(ascii: "("), count: 100_000)
        #expect(find(open, &line).traits.isEmpty)
        #expect(line.abandonedMatches == 1)
    }

    @Test func `signals that no rule asks for are counted`() throws {
        let rules = ["ic == \"1\" or ic == \"2\"", "a == \"x\" and b > 5", "c != \"z\""]
        var line = TraitLine(
            for: TraitMatcher(try rules.enumerated().map { ($0.offset, try TraitRule.parse($0.element)) })
        )
        #expect(find(Array("1,2,3,1".utf8), &line) == ([0], 1))
        #expect(find(Array("a=x,a=y,b=1,c=z,d=1".utf8), &line) == ([], 2))
        #expect(find(Array("a=X,b=6,c=a".utf8), &line) == ([1, 2], 0))
        #expect(find([], &line) == ([], 0))
    }

    @Test func `a trait may have several positions, and its traits are kept in order`() throws {
        let rule = try TraitRule.parse("a == x")
        let matcher = TraitMatcher([(9, rule), (7, try TraitRule.parse("a contains x")), (9, rule)])
        var line = TraitLine(for: matcher)
        #expect(matcher.traits == [9, 7, 9])
        #expect(find(Array("a=x,a=x".utf8), &line).traits == [0, 1, 2])
    }

    @Test func `values that are not UTF-8 are compared as they are`() throws {
        let rules = ["a == x", "a contains \"É\"", "a matchesregex \".*b.*\"", "a matchesregex \"b.*\""]
        var line = TraitLine(
            for: TraitMatcher(try rules.enumerated().map { ($0.offset, try TraitRule.parse($0.element)) })
        )
        #expect(find(Array("a=".utf8) + [0xFF, 0x58], &line).traits.isEmpty)
        #expect(find(Array("a=".utf8) + [0xC3, 0xA9, 0xFF, 0x62], &line).traits == [1])
        #expect(find(Array("a=".utf8) + [0xC3, 0x62, 0xE2, 0x82], &line).traits.isEmpty)
    }

    @Test func `lines of any length are taken`() throws {
        var line = TraitLine(
            for: TraitMatcher([(1, try TraitRule.parse("a endswith \"end\" and b contains \"é\""))])
        )
        let long = String(repeating: "Ⱥ", count: 30_000)
        #expect(find(Array("a=\(long)end,b=É".utf8), &line).traits == [0])
        #expect(find(Array("a=\(long)end,b=E".utf8), &line).traits.isEmpty)
    }

    @Test func `random rules and lines agree with the reference`() throws {
        var random = SeededNumbers(seed: 33)
        for _ in 0..<60 {
            let rules = (0..<40).map { _ in TraitRuleSamples.rule(depth: 2, &random) }
            let matcher = TraitMatcher(rules.enumerated().map { ($0.offset, $0.element) })
            var line = TraitLine(for: matcher)
            for _ in 0..<40 {
                let signals = TraitRuleSamples.line(&random)
                let expected = try rules.indices.filter { try TraitReference.holds(rules[$0], signals) }
                var traits: [Int32] = []
                let bytes = signals.map { (Array($0.key.utf8), Array($0.value.utf8)) }
                let unused = take(bytes[...], &line, &traits)
                #expect(traits.sorted() == expected.map(Int32.init))
                #expect(unused == TraitReference.unused(rules, signals))
            }
        }
    }

    /// Takes signals whose bytes stay where they are until the line ends.
    private func take(
        _ signals: ArraySlice<([UInt8], [UInt8])>,
        _ line: inout TraitLine,
        _ traits: inout [Int32]
    ) -> Int {
        guard let (key, value) = signals.first else { return line.finish(&traits) }
        return key.withUnsafeBytes { key in
            value.withUnsafeBytes { value in
                line.take(key: key, value: value)
                return take(signals.dropFirst(), &line, &traits)
            }
        }
    }
}
