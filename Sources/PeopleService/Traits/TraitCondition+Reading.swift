// SPDX-License-Identifier: Apache-2.0

import Conditions

extension TraitCondition {
    /// Reads a condition: `key operator value`.
    ///
    /// A text stands in straight quotes, single or double, and a quote of the same kind in it is doubled. A value
    /// of ASCII letters, digits, `.`, `-`, `+` and `_` needs no quotes.
    static func read(_ reader: inout RuleReader) throws(RuleError) -> TraitCondition {
        guard case .word(let name) = reader.next.kind,
            !ExpressionLimits.connectives.contains(name.lowercased())
        else { throw reader.error(.expected(.signalCondition)) }
        guard let key = TraitKey(name) else { throw reader.error(.keyName) }
        reader.advance()
        return TraitCondition(key: key, test: try test(of: key, &reader))
    }

    private static func test(of key: TraitKey, _ reader: inout RuleReader) throws(RuleError) -> TraitTest {
        switch reader.next.kind {
        case .sign("=="):
            reader.advance()
            return .equals(try operand(of: key, &reader))
        case .sign("!="):
            reader.advance()
            return .differs(try operand(of: key, &reader))
        case .sign(let sign):
            guard let order = TraitTest.Order(rawValue: sign) else { break }
            reader.advance()
            guard let number = text(of: reader.next).flatMap({ TraitNumber($0) }) else {
                throw reader.error(.expected(.number))
            }
            reader.advance()
            return .compares(order, number)
        case .word(let word):
            guard let named = namedOperators[word.lowercased()] else { break }
            reader.advance()
            return named(try nonemptyText(&reader))
        case .text, .literal, .end: break
        }
        guard reader.skip(word: "matchesregex") else { throw reader.error(.expected(.comparison)) }
        return .matchesPattern(try pattern(&reader))
    }

    private static let namedOperators: [String: @Sendable (TraitText) -> TraitTest] = [
        "contains": TraitTest.contains, "startswith": TraitTest.startsWith, "endswith": TraitTest.endsWith,
        "matcheswords": TraitTest.matchesWords,
    ]

    /// What `==` and `!=` compare with; codes are texts even when they look like numbers.
    private static func operand(
        of key: TraitKey,
        _ reader: inout RuleReader
    ) throws(RuleError) -> TraitTest.Operand {
        guard let text = text(of: reader.next) else { throw reader.error(.expected(.value)) }
        defer { reader.advance() }
        if case .word = reader.next.kind, key != .integrationCode, let number = TraitNumber(text) {
            return .number(number)
        }
        return .text(TraitText(text))
    }

    private static func nonemptyText(_ reader: inout RuleReader) throws(RuleError) -> TraitText {
        guard let text = text(of: reader.next) else { throw reader.error(.expected(.value)) }
        guard !text.isEmpty else { throw reader.error(.emptyText) }
        reader.advance()
        return TraitText(text)
    }

    private static func pattern(_ reader: inout RuleReader) throws(RuleError) -> TraitPattern {
        let token = reader.next
        let text = try nonemptyText(&reader).written
        guard text.utf8.count <= TraitPattern.byteLimit else {
            throw reader.error(.patternTooLong(limit: TraitPattern.byteLimit), at: token)
        }
        do {
            return try TraitPattern(text)
        } catch {
            throw reader.error(.pattern(reason: error.reason), at: token, textByte: error.offset)
        }
    }

    /// The text of a token that is a value.
    private static func text(of token: Token) -> String? {
        switch token.kind {
        case .text(let text): text
        case .word(let word): ExpressionLimits.connectives.contains(word.lowercased()) ? nil : word
        case .literal, .sign, .end: nil
        }
    }
}
