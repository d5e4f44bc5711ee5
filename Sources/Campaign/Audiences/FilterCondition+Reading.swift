// SPDX-License-Identifier: Apache-2.0

import Conditions

/// Reads filters.
typealias FilterReader = ExpressionReader<FilterError>

extension FilterReader {
    /// Makes a reader of one filter.
    ///
    /// - Throws: ``FilterError`` when the text is too long or can't be split into words.
    init(filter text: String) throws(FilterError) {
        try self.init(text, .filters)
    }

    /// Reads a condition, with checked types.
    ///
    /// ```
    /// condition = field ( comparison value | ["not"] "in" "(" value { "," value } ")"
    ///           | ["not"] "like" text | "is" ["not"] "empty" )
    /// ```
    ///
    /// - Parameter fields: The fields by their names.
    /// - Returns: The condition, or the negation of one.
    /// - Throws: ``FilterError`` at the first thing that is wrong.
    mutating func condition(of fields: [String: FilterField]) throws(FilterError) -> FilterExpression {
        guard case .word(let name) = next.kind, !filterKeywords.contains(name.lowercased()) else {
            throw error(.expected(.condition))
        }
        guard let field = fields[name] else {
            throw error(.unknownField(nearest: FilterField.nearest(to: name, in: fields.keys)))
        }
        advance()
        if skip(word: "is") {
            let isNegated = skip(word: "not")
            guard skip(word: "empty") else { throw error(.expected(.empty)) }
            return Self.condition(.isEmpty(field), isNegated: isNegated)
        }
        if case .sign(let sign) = next.kind, sign != "(", sign != ")", sign != "," {
            return try comparison(of: field, sign: sign)
        }
        let isNegated = skip(word: "not")
        let inner: FilterCondition
        if next.isWord("in") {
            inner = try list(for: field)
        } else if next.isWord("like") {
            inner = try pattern(for: field)
        } else {
            throw error(.expected(isNegated ? .inOrLike : .comparison))
        }
        return Self.condition(inner, isNegated: isNegated)
    }

    private mutating func comparison(
        of field: FilterField,
        sign: String
    ) throws(FilterError) -> FilterExpression {
        let comparison = FilterCondition.Comparison(rawValue: sign)
        guard comparison == nil || comparison == .equal || field.hasOrder else { throw notAllowed(field) }
        advance()
        let value = try value(for: field)
        return Self.condition(.compares(field, comparison ?? .equal, value), isNegated: comparison == nil)
    }

    private mutating func list(for field: FilterField) throws(FilterError) -> FilterCondition {
        guard field.kind != .boolean else { throw notAllowed(field) }
        advance()
        guard skip(sign: "(") else { throw error(.expected(.openingParenthesis)) }
        var values = [try value(for: field)]
        while skip(sign: ",") { values.append(try value(for: field)) }
        guard skip(sign: ")") else { throw error(.expected(.listSeparator)) }
        return .isIn(field, values)
    }

    private mutating func pattern(for field: FilterField) throws(FilterError) -> FilterCondition {
        guard field.kind == .string else { throw notAllowed(field) }
        advance()
        guard case .text(let text) = next.kind else { throw error(.expected(.pattern)) }
        guard text.utf8.count <= FilterPattern.byteLimit else {
            throw error(.patternTooLong(limit: FilterPattern.byteLimit))
        }
        advance()
        return .isLike(field, FilterPattern(text: text))
    }

    private mutating func value(for field: FilterField) throws(FilterError) -> FilterValue {
        guard let value = field.value(of: next.kind) else {
            throw error(.wrongValue(field: field.name, expected: field.valueForm))
        }
        advance()
        return value
    }

    private static func condition(_ condition: FilterCondition, isNegated: Bool) -> FilterExpression {
        isNegated ? .not(.condition(condition)) : .condition(condition)
    }

    private func notAllowed(_ field: FilterField) -> FilterError {
        error(.operatorNotAllowed(field: field.name, allowed: field.allowedOperators))
    }

    private func error(_ kind: FilterError.Kind) -> FilterError {
        FilterError(kind: kind, column: column())
    }
}

private let filterKeywords = ExpressionLimits.connectives.union([
    "in", "like", "is", "empty", "true", "false",
])

extension TokenSyntax {
    /// Filters: names are words of letters, digits and `_`; numbers and dates stand without quotes; `<>` is `!=`, as in
    /// SQL.
    fileprivate static let filters = TokenSyntax(
        signs: ["!=", "<=", ">=", "=", "<", ">", "(", ")", ","],
        synonyms: ["<>": "!="],
        wordStart: letters + "_",
        wordRest: letters + digits + "_",
        literalStart: digits + "-",
        literalRest: letters + digits + "_-+:."
    )
}
