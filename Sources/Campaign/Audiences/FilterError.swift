// SPDX-License-Identifier: Apache-2.0

/// Why a text is not a filter, and where.
///
/// Holds names of fields, never values of the text, which may be a person's.
package struct FilterError: Error, Sendable, Hashable {
    /// What may stand at a place of a filter.
    package enum Expectation: String, Sendable {
        /// The start of a condition.
        case condition = "a field name, \"not\" or \"(\""
        /// The operator behind a field.
        case comparison = "=, !=, <, <=, >, >=, in, like or is"
        /// What follows a whole condition.
        case connective = "and, or or the end"
        /// What follows a condition in parentheses.
        case closingParenthesis = "and, or or \")\""
        /// What follows `in`.
        case openingParenthesis = "\"(\" with a list of values"
        /// What follows a value of a list.
        case listSeparator = "\",\" or \")\""
        /// What follows `not` behind a field.
        case inOrLike = "in or like"
        /// What follows `is`.
        case empty = "empty or not empty"
        /// What follows `like`.
        case pattern = "a text in quotes, where % stands for any text"
    }

    /// What is wrong.
    package enum Kind: Sendable, Hashable {
        /// The text has nothing but spaces.
        case empty
        /// The text, or its canonical form, is longer than so many bytes.
        case tooLong(limit: Int)
        /// Parentheses and `not` are nested deeper than this.
        case tooDeep(limit: Int)
        /// `and` and `or` alternate more often than this.
        case tooManyAlternations(limit: Int)
        /// A character that has no meaning outside quotes.
        case unexpectedCharacter
        /// A curly quote instead of a straight one.
        case typographicQuote
        /// A text whose quote is never closed.
        case unclosedText
        /// Something else was expected.
        case expected(Expectation)
        /// No field has this name; the nearest one, if any is near.
        case unknownField(nearest: String?)
        /// The field takes other values.
        case wrongValue(field: String, expected: String)
        /// The operator makes no sense for the field.
        case operatorNotAllowed(field: String, allowed: String)
        /// A pattern longer than so many bytes.
        case patternTooLong(limit: Int)
    }

    /// What is wrong.
    package let kind: Kind

    /// The position in the text, in characters, 1-based.
    package let column: Int
}

extension FilterError: CustomStringConvertible {
    /// The position and the reason in words.
    package var description: String {
        "column \(column): \(reason)"
    }

    /// The reason in words, without the position.
    package var reason: String {
        switch kind {
        case .empty: "the filter is empty"
        case .tooLong(let limit): "the filter is longer than \(limit) bytes"
        case .tooDeep(let limit): "the filter is nested deeper than \(limit) levels"
        case .tooManyAlternations(let limit): "and and or are nested in each other more than \(limit) times"
        case .unexpectedCharacter: "this character has no meaning here; put texts in quotes"
        case .typographicQuote: "this is a curly quote; use the straight ones, \" or '"
        case .unclosedText: "this text has no closing quote"
        case .expected(let expectation): "expected \(expectation.rawValue)"
        case .unknownField(let nearest?): "there is no such field; did you mean \(nearest)?"
        case .unknownField(nil): "there is no such field"
        case .wrongValue(let field, let expected): "\(field) is compared with \(expected)"
        case .operatorNotAllowed(let field, let allowed): "\(field) can only be used with \(allowed)"
        case .patternTooLong(let limit): "the pattern is longer than \(limit) bytes"
        }
    }
}
