// SPDX-License-Identifier: Apache-2.0

/// Reads conditions joined by `and`, `or` and `not` by recursive descent, with a limited length and depth; the single
/// conditions are read by the language.
///
/// ```
/// any      = all { "or" all }
/// all      = negation { "and" negation }
/// negation = "not" negation | "(" any ")" | condition
/// ```
package struct ExpressionReader<Failure: SyntaxError> {
    private let bytes: [UInt8]
    private let tokens: [Token]
    private var position = 0
    private var depth = 0

    /// Makes a reader of one text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - syntax: What the words of its language are made of.
    /// - Throws: The language's error when the text is too long or can't be split into words.
    package init(_ text: String, _ syntax: TokenSyntax) throws(Failure) {
        bytes = Array(text.utf8)
        guard bytes.count <= ExpressionLimits.bytes else {
            throw Failure(.tooLong(limit: ExpressionLimits.bytes), column: 1)
        }
        do throws(TokenSyntax.Misplaced) {
            tokens = try syntax.split(bytes)
        } catch {
            throw Failure(error.fault, column: Self.column(ofByte: error.offset, in: bytes))
        }
    }

    /// Reads the whole text.
    ///
    /// - Parameter condition: Reads one condition, or its negation where the language has a word for that.
    /// - Returns: The meaning, whose description reads back as the same.
    /// - Throws: The language's error at the first thing that is wrong.
    package mutating func expression<Condition: WrittenCondition>(
        of condition: (inout ExpressionReader) throws(Failure) -> BooleanExpression<Condition>
    ) throws(Failure) -> BooleanExpression<Condition> {
        guard tokens.count > 1 else { throw failure(.empty) }
        let expression = try any(condition)
        guard next.kind == .end else { throw failure(.noConnective) }
        guard expression.description.utf8.count <= ExpressionLimits.bytes else {
            throw Failure(.tooLong(limit: ExpressionLimits.bytes), column: 1)
        }
        return expression
    }

    /// The token that is read next.
    package var next: Token { tokens[position] }

    /// Goes behind the next token, which is not the end.
    package mutating func advance() {
        position += 1
    }

    /// The position of the next token, of another one, or of a byte of its text in quotes; in characters, 1-based.
    package func column(of token: Token? = nil, textByte: Int? = nil) -> Int {
        let token = token ?? next
        return Self.column(
            ofByte: textByte.map { token.offset(ofTextByte: $0, in: bytes) } ?? token.offset,
            in: bytes
        )
    }

    /// Goes behind the next token if it is this keyword.
    package mutating func skip(word: String) -> Bool {
        guard next.isWord(word) else { return false }
        position += 1
        return true
    }

    /// Goes behind the next token if it is this sign.
    package mutating func skip(sign: String) -> Bool {
        guard next.kind == .sign(sign) else { return false }
        position += 1
        return true
    }

    private static func column(ofByte offset: Int, in bytes: [UInt8]) -> Int {
        String(decoding: bytes[..<offset], as: UTF8.self).count + 1
    }

    private func failure(_ fault: SyntaxFault) -> Failure {
        Failure(fault, column: column())
    }

    private mutating func any<Condition>(
        _ condition: (inout ExpressionReader) throws(Failure) -> BooleanExpression<Condition>
    ) throws(Failure) -> BooleanExpression<Condition> {
        var parts = [try all(condition)]
        while skip(word: "or") { parts.append(try all(condition)) }
        return .joinedByOr(parts)
    }

    private mutating func all<Condition>(
        _ condition: (inout ExpressionReader) throws(Failure) -> BooleanExpression<Condition>
    ) throws(Failure) -> BooleanExpression<Condition> {
        var parts = [try negation(condition)]
        while skip(word: "and") { parts.append(try negation(condition)) }
        return .joinedByAnd(parts)
    }

    private mutating func negation<Condition>(
        _ condition: (inout ExpressionReader) throws(Failure) -> BooleanExpression<Condition>
    ) throws(Failure) -> BooleanExpression<Condition> {
        guard depth <= ExpressionLimits.depth else { throw failure(.tooDeep(limit: ExpressionLimits.depth)) }
        if skip(word: "not") {
            depth += 1
            defer { depth -= 1 }
            return .reversed(try negation(condition))
        }
        guard skip(sign: "(") else { return try condition(&self) }
        depth += 1
        defer { depth -= 1 }
        let inner = try any(condition)
        guard skip(sign: ")") else { throw failure(.noClosingParenthesis) }
        return inner
    }
}

/// How long and how deep a text of conditions may be.
package enum ExpressionLimits {
    /// The greatest length of a text and of its canonical form, in bytes of UTF-8.
    package static let bytes = 65_536

    /// How deep parentheses and `not` may be nested.
    package static let depth = 200

    /// The words that join conditions, and so are neither names nor values without quotes.
    package static let connectives: Set<String> = ["and", "or", "not"]
}
