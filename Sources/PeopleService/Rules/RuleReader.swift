// SPDX-License-Identifier: Apache-2.0

import Conditions

/// Reads rules of traits and of segments.
typealias RuleReader = ExpressionReader<RuleError>

extension RuleReader {
    /// Makes a reader of one rule.
    ///
    /// - Throws: ``RuleError`` when the text is too long or can't be split into words.
    init(rule text: String) throws(RuleError) {
        try self.init(text, .rules)
    }

    /// An error at the next token, at another one, or at a byte of its text in quotes.
    func error(_ kind: RuleError.Kind, at token: Token? = nil, textByte: Int? = nil) -> RuleError {
        RuleError(kind: kind, column: column(of: token, textByte: textByte))
    }
}

extension TokenSyntax {
    /// Rules: keys, traits and numbers are words of letters, digits, `_`, `-`, `+` and `.`; `=>` is `>=`, as Audience
    /// Manager's documents print it.
    fileprivate static let rules = TokenSyntax(
        signs: ["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ",", "="],
        synonyms: ["=>": ">="],
        wordStart: letters + digits + "_-+.",
        wordRest: letters + digits + "_-+."
    )
}
