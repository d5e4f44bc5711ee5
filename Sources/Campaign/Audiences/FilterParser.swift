// SPDX-License-Identifier: Apache-2.0

/// Reads a filter by recursive descent, with checked types and a limited depth.
///
/// ```
/// any       = all { "or" all }
/// all       = negation { "and" negation }
/// negation  = "not" negation | "(" any ")" | condition
/// condition = field ( comparison value | ["not"] "in" "(" value { "," value } ")"
///           | ["not"] "like" text | "is" ["not"] "empty" )
/// ```
struct FilterParser {
    /// How deep parentheses and `not` may be nested.
    static let depthLimit = 200

    private let bytes: [UInt8]
    private let fields: [String: FilterField]
    private let tokens: [FilterToken]
    private var position = 0
    private var depth = 0

    /// Makes a parser for one text.
    ///
    /// - Parameters:
    ///   - bytes: The text, UTF-8.
    ///   - fields: The fields by their names.
    /// - Throws: ``FilterError`` when the text can't be split into words.
    init(_ bytes: [UInt8], fields: [String: FilterField]) throws(FilterError) {
        self.bytes = bytes
        self.fields = fields
        tokens = try FilterToken.split(bytes)
    }

    /// Reads the whole text.
    ///
    /// - Returns: Its meaning.
    /// - Throws: ``FilterError`` at the first thing that is wrong.
    mutating func parse() throws(FilterError) -> FilterExpression {
        guard tokens.count > 1 else { throw error(.empty) }
        let expression = try any()
        guard next.kind == .end else { throw error(.expected(.connective)) }
        return expression
    }

    private var next: FilterToken { tokens[position] }

    private func error(_ kind: FilterError.Kind) -> FilterError {
        FilterToken.error(kind, at: next.offset, in: bytes)
    }

    private mutating func skip(word: String) -> Bool {
        guard next.isWord(word) else { return false }
        position += 1
        return true
    }

    private mutating func skip(sign: String) -> Bool {
        guard next.kind == .sign(sign) else { return false }
        position += 1
        return true
    }

    private mutating func any() throws(FilterError) -> FilterExpression {
        var parts = [try all()]
        while skip(word: "or") { parts.append(try all()) }
        return .joinedByOr(parts)
    }

    private mutating func all() throws(FilterError) -> FilterExpression {
        var parts = [try negation()]
        while skip(word: "and") { parts.append(try negation()) }
        return .joinedByAnd(parts)
    }

    private mutating func negation() throws(FilterError) -> FilterExpression {
        guard depth <= Self.depthLimit else { throw error(.tooDeep(limit: Self.depthLimit)) }
        if skip(word: "not") {
            depth += 1
            defer { depth -= 1 }
            return .reversed(try negation())
        }
        guard skip(sign: "(") else { return try condition() }
        depth += 1
        defer { depth -= 1 }
        let inner = try any()
        guard skip(sign: ")") else { throw error(.expected(.closingParenthesis)) }
        return inner
    }

    private mutating func condition() throws(FilterError) -> FilterExpression {
        guard case .word(let name) = next.kind, !Self.keywords.contains(name.lowercased()) else {
            throw error(.expected(.condition))
        }
        guard let field = fields[name] else {
            throw error(.unknownField(nearest: FilterField.nearest(to: name, in: fields.keys)))
        }
        position += 1
        if skip(word: "is") {
            let isNegated = skip(word: "not")
            guard skip(word: "empty") else { throw error(.expected(.empty)) }
            return isNegated ? .not(.isEmpty(field)) : .isEmpty(field)
        }
        if case .sign(let sign) = next.kind, sign != "(", sign != ")", sign != "," {
            return try comparison(of: field, sign: sign)
        }
        let isNegated = skip(word: "not")
        let inner: FilterExpression
        if next.isWord("in") {
            inner = try list(for: field)
        } else if next.isWord("like") {
            inner = try pattern(for: field)
        } else {
            throw error(.expected(isNegated ? .inOrLike : .comparison))
        }
        return isNegated ? .not(inner) : inner
    }

    private mutating func comparison(
        of field: FilterField,
        sign: String
    ) throws(FilterError) -> FilterExpression {
        let comparison = FilterExpression.Comparison(rawValue: sign)
        guard comparison == nil || comparison == .equal || field.hasOrder else { throw notAllowed(field) }
        position += 1
        let value = try value(for: field)
        return comparison.map { .compares(field, $0, value) } ?? .not(.compares(field, .equal, value))
    }

    private mutating func list(for field: FilterField) throws(FilterError) -> FilterExpression {
        guard field.kind != .boolean else { throw notAllowed(field) }
        position += 1
        guard skip(sign: "(") else { throw error(.expected(.openingParenthesis)) }
        var values = [try value(for: field)]
        while skip(sign: ",") { values.append(try value(for: field)) }
        guard skip(sign: ")") else { throw error(.expected(.listSeparator)) }
        return .isIn(field, values)
    }

    private mutating func pattern(for field: FilterField) throws(FilterError) -> FilterExpression {
        guard field.kind == .string else { throw notAllowed(field) }
        position += 1
        guard case .text(let text) = next.kind else { throw error(.expected(.pattern)) }
        guard text.utf8.count <= FilterPattern.byteLimit else {
            throw error(.patternTooLong(limit: FilterPattern.byteLimit))
        }
        position += 1
        return .isLike(field, FilterPattern(text: text))
    }

    private mutating func value(for field: FilterField) throws(FilterError) -> FilterValue {
        guard let value = field.value(of: next.kind) else {
            throw error(.wrongValue(field: field.name, expected: field.valueForm))
        }
        position += 1
        return value
    }

    private func notAllowed(_ field: FilterField) -> FilterError {
        error(.operatorNotAllowed(field: field.name, allowed: field.allowedOperators))
    }

    private static let keywords: Set<String> = [
        "and", "or", "not", "in", "like", "is", "empty", "true", "false",
    ]
}
