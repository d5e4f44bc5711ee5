// SPDX-License-Identifier: Apache-2.0

/// Reads a rule by recursive descent, with a limited length and depth; the conditions are read by the language.
///
/// ```
/// any      = all { "or" all }
/// all      = negation { "and" negation }
/// negation = "not" negation | "(" any ")" | condition
/// ```
struct RuleReader {
    /// The greatest length of a rule, in bytes of UTF-8.
    static let byteLimit = 65_536

    /// How deep parentheses and `not` may be nested.
    static let depthLimit = 200

    /// The words that join conditions, and so are neither keys nor values without quotes.
    static let connectives: Set<String> = ["and", "or", "not"]

    private let bytes: [UInt8]
    private let tokens: [RuleToken]
    private var position = 0
    private var depth = 0

    /// Makes a reader of one rule.
    ///
    /// - Throws: ``RuleError`` when the text is too long or can't be split into words.
    init(_ text: String) throws(RuleError) {
        bytes = Array(text.utf8)
        guard bytes.count <= Self.byteLimit else {
            throw RuleError(kind: .tooLong(limit: Self.byteLimit), column: 1)
        }
        tokens = try RuleToken.split(bytes)
    }

    /// Reads the whole text.
    ///
    /// - Parameter condition: Reads one condition.
    /// - Returns: The meaning.
    /// - Throws: ``RuleError`` at the first thing that is wrong.
    mutating func expression<Condition: CustomStringConvertible>(
        of condition: (inout RuleReader) throws(RuleError) -> Condition
    ) throws(RuleError) -> RuleExpression<Condition> {
        guard tokens.count > 1 else { throw error(.empty) }
        let expression = try any(condition)
        guard next.kind == .end else { throw error(.expected(.connective)) }
        guard expression.description.utf8.count <= Self.byteLimit else {
            throw RuleError(kind: .tooLong(limit: Self.byteLimit), column: 1)
        }
        return expression
    }

    /// The token that is read next.
    var next: RuleToken { tokens[position] }

    /// Goes behind the next token, which is not the end.
    mutating func advance() {
        position += 1
    }

    /// An error at the next token, or at a byte of a token's text.
    func error(_ kind: RuleError.Kind, at token: RuleToken? = nil, textByte: Int? = nil) -> RuleError {
        let token = token ?? next
        let offset = textByte.map { token.offset(ofTextByte: $0, in: bytes) } ?? token.offset
        return RuleToken.error(kind, at: offset, in: bytes)
    }

    /// Goes behind the next token if it is this keyword.
    mutating func skip(word: String) -> Bool {
        guard next.isWord(word) else { return false }
        position += 1
        return true
    }

    /// Goes behind the next token if it is this sign.
    mutating func skip(sign: String) -> Bool {
        guard next.kind == .sign(sign) else { return false }
        position += 1
        return true
    }

    private mutating func any<Condition>(
        _ condition: (inout RuleReader) throws(RuleError) -> Condition
    ) throws(RuleError) -> RuleExpression<Condition> {
        var parts = [try all(condition)]
        while skip(word: "or") { parts.append(try all(condition)) }
        return .joinedByOr(parts)
    }

    private mutating func all<Condition>(
        _ condition: (inout RuleReader) throws(RuleError) -> Condition
    ) throws(RuleError) -> RuleExpression<Condition> {
        var parts = [try negation(condition)]
        while skip(word: "and") { parts.append(try negation(condition)) }
        return .joinedByAnd(parts)
    }

    private mutating func negation<Condition>(
        _ condition: (inout RuleReader) throws(RuleError) -> Condition
    ) throws(RuleError) -> RuleExpression<Condition> {
        guard depth <= Self.depthLimit else { throw error(.tooDeep(limit: Self.depthLimit)) }
        if skip(word: "not") {
            depth += 1
            defer { depth -= 1 }
            return .reversed(try negation(condition))
        }
        guard skip(sign: "(") else { return .condition(try condition(&self)) }
        depth += 1
        defer { depth -= 1 }
        let inner = try any(condition)
        guard skip(sign: ")") else { throw error(.expected(.closingParenthesis)) }
        return inner
    }
}
