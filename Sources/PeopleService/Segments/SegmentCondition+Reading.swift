// SPDX-License-Identifier: Apache-2.0

import Conditions

extension SegmentCondition {
    /// The numbers of realizations that a rule may ask for.
    package static let countRange = 0...1_000_000_000

    /// Reads a condition: a trait, `recency` or `frequency`.
    static func read(_ reader: inout RuleReader) throws(RuleError) -> SegmentCondition {
        if reader.skip(word: "recency") {
            let traits = try openList(&reader)
            guard let window = try window(&reader) else { throw reader.error(.expected(.window)) }
            guard reader.skip(sign: ")") else { throw reader.error(.expected(.windowEnd)) }
            return .recency(traits, window)
        }
        if reader.skip(word: "frequency") {
            let traits = try openList(&reader)
            let window = try window(&reader)
            guard reader.skip(sign: ")") else {
                throw reader.error(.expected(window == nil ? .windowOrEnd : .windowEnd))
            }
            return .frequency(traits, window, try count(&reader))
        }
        guard let trait = number(in: reader.next, unit: "t"), trait > 0 else {
            throw reader.error(.expected(.traitCondition))
        }
        reader.advance()
        return .trait(trait)
    }

    /// The traits of `([101T, 102T]`, ascending and each once.
    private static func openList(_ reader: inout RuleReader) throws(RuleError) -> [SID] {
        guard reader.skip(sign: "("), reader.skip(sign: "[") else {
            throw reader.error(.expected(.traitList))
        }
        var traits: Set<SID> = []
        repeat {
            guard let trait = number(in: reader.next, unit: "t"), trait > 0 else {
                throw reader.error(.expected(.trait))
            }
            traits.insert(trait)
            reader.advance()
        } while reader.skip(sign: ",")
        guard reader.skip(sign: "]") else { throw reader.error(.expected(.listSeparator)) }
        return traits.sorted()
    }

    private static func window(_ reader: inout RuleReader) throws(RuleError) -> SegmentWindow? {
        let isUpper = reader.next.kind == .sign("<=")
        guard isUpper || reader.next.kind == .sign(">=") else { return nil }
        reader.advance()
        guard let days = number(in: reader.next, unit: "d"), SegmentWindow.dayRange.contains(days) else {
            throw reader.error(.expected(.days))
        }
        reader.advance()
        return isUpper ? .atMost(days: days) : .atLeast(days: days)
    }

    private static func count(_ reader: inout RuleReader) throws(RuleError) -> Count {
        guard case .sign(let sign) = reader.next.kind, let make = counts[sign] else {
            throw reader.error(.expected(.countComparison))
        }
        reader.advance()
        guard let number = number(in: reader.next, unit: ""), countRange.contains(number) else {
            throw reader.error(.expected(.count))
        }
        reader.advance()
        return make(number)
    }

    private static let counts: [String: @Sendable (Int) -> Count] = [
        ">=": Count.atLeast, "<=": Count.atMost, "==": Count.exactly,
    ]

    /// The number in a word that ends with a unit in any case; nil when it is something else or too large.
    private static func number(in token: Token, unit: String) -> Int? {
        guard case .word(let word) = token.kind, word.lowercased().hasSuffix(unit) else { return nil }
        let digits = word.utf8.dropLast(unit.utf8.count)
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(String(Substring(digits)))
    }
}
