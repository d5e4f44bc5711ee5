// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with a text of conditions whatever its language is.
package enum SyntaxFault: Sendable, Hashable {
    /// The text has nothing but spaces.
    case empty
    /// The text, or its canonical form, is longer than so many bytes.
    case tooLong(limit: Int)
    /// Parentheses and `not` are nested deeper than this.
    case tooDeep(limit: Int)
    /// A character that has no meaning outside quotes.
    case unexpectedCharacter
    /// A curly quote instead of a straight one.
    case typographicQuote
    /// A text whose quote is never closed.
    case unclosedText
    /// Something else than `and`, `or` or the end follows a whole condition.
    case noConnective
    /// Something else than `and`, `or` or `)` follows a condition in parentheses.
    case noClosingParenthesis

    /// The fault in words.
    ///
    /// - Parameter whole: What the text is, like "filter".
    /// - Returns: What is wrong, without the position.
    package func reason(of whole: String) -> String {
        switch self {
        case .empty: "the \(whole) is empty"
        case .tooLong(let limit): "the \(whole) is longer than \(limit) bytes"
        case .tooDeep(let limit): "the \(whole) is nested deeper than \(limit) levels"
        case .unexpectedCharacter: "this character has no meaning here; put texts in quotes"
        case .typographicQuote: "this is a curly quote; use the straight ones, \" or '"
        case .unclosedText: "this text has no closing quote"
        case .noConnective: "expected and, or or the end"
        case .noClosingParenthesis: "expected and, or or \")\""
        }
    }
}

/// Why a text is not of a language of conditions, and where.
package protocol SyntaxError: Error {
    /// Tells a fault that every language knows.
    ///
    /// - Parameters:
    ///   - fault: What is wrong.
    ///   - column: The position in the text, in characters, 1-based.
    init(_ fault: SyntaxFault, column: Int)
}
