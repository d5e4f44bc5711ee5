// SPDX-License-Identifier: Apache-2.0

/// A word, text or sign of a condition.
package struct Token: Sendable, Equatable {
    /// What a token is.
    package enum Kind: Sendable, Hashable {
        /// A keyword, a name or a value without quotes.
        case word(String)
        /// A text in quotes, without them.
        case text(String)
        /// Something that starts like a number or a date, in a language that tells it from a word.
        case literal(String)
        /// A comparison, a parenthesis, a bracket or a comma.
        case sign(String)
        /// The end of the text.
        case end
    }

    /// What it is.
    package let kind: Kind

    /// The offset of the first byte in the whole text.
    package let offset: Int

    /// Whether the token is this keyword, in any case.
    package func isWord(_ keyword: String) -> Bool {
        guard case .word(let word) = kind else { return false }
        return word.lowercased() == keyword
    }

    /// The offset in the whole text of a byte of a text in quotes, past the doubled quotes before it.
    ///
    /// - Parameters:
    ///   - index: The byte in the text; its count for the closing quote.
    ///   - bytes: The whole text that the token was split from.
    /// - Returns: The offset, at most that of the end.
    func offset(ofTextByte index: Int, in bytes: [UInt8]) -> Int {
        let quote = bytes[offset]
        var position = offset + 1
        for _ in 0..<index where position < bytes.count {
            position += bytes[position] == quote ? 2 : 1
        }
        return min(position, bytes.count)
    }
}
