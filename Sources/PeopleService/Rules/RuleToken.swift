// SPDX-License-Identifier: Apache-2.0

/// A word, text or sign of a rule.
struct RuleToken {
    /// What a token is.
    enum Kind: Equatable {
        /// A keyword, a key, a trait, a number or a value without quotes.
        case word(String)
        /// A text in quotes, without them.
        case text(String)
        /// A comparison, a parenthesis, a bracket or a comma.
        case sign(String)
        /// The end of the rule.
        case end
    }

    let kind: Kind

    /// The offset of the first byte in the rule.
    let offset: Int

    /// Whether the token is this keyword, in any case.
    func isWord(_ keyword: String) -> Bool {
        guard case .word(let word) = kind else { return false }
        return word.lowercased() == keyword
    }
}

extension RuleToken {
    /// Splits a rule into tokens.
    ///
    /// - Parameter bytes: The rule, UTF-8.
    /// - Returns: The tokens; the last one is the end.
    /// - Throws: ``RuleError`` at a character without a meaning or a text that is not closed.
    static func split(_ bytes: [UInt8]) throws(RuleError) -> [RuleToken] {
        var tokens: [RuleToken] = []
        var position = 0
        while position < bytes.count {
            let start = position
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D:
                position += 1
                continue
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                guard let text = text(in: bytes, &position) else {
                    throw error(.unclosedText, at: start, in: bytes)
                }
                tokens.append(RuleToken(kind: .text(text), offset: start))
            case let byte where isWord(byte):
                while position < bytes.count, isWord(bytes[position]) { position += 1 }
                let word = String(decoding: bytes[start..<position], as: UTF8.self)
                tokens.append(RuleToken(kind: .word(word), offset: start))
            default:
                guard let sign = sign(in: bytes, at: position) else {
                    let kind: RuleError.Kind =
                        isTypographicQuote(bytes[position...]) ? .typographicQuote : .unexpectedCharacter
                    throw error(kind, at: start, in: bytes)
                }
                position += sign.utf8.count
                tokens.append(RuleToken(kind: .sign(sign == "=>" ? ">=" : sign), offset: start))
            }
        }
        tokens.append(RuleToken(kind: .end, offset: bytes.count))
        return tokens
    }

    /// An error at an offset of a rule.
    static func error(_ kind: RuleError.Kind, at offset: Int, in bytes: [UInt8]) -> RuleError {
        RuleError(kind: kind, column: String(decoding: bytes[..<offset], as: UTF8.self).count + 1)
    }

    /// The offset in the rule of a byte of a text in quotes, past the doubled quotes before it.
    ///
    /// - Parameters:
    ///   - index: The byte in the text; its count for the closing quote.
    ///   - bytes: The rule that the token was split from.
    /// - Returns: The offset, at most that of the end of the rule.
    func offset(ofTextByte index: Int, in bytes: [UInt8]) -> Int {
        let quote = bytes[offset]
        var position = offset + 1
        for _ in 0..<index where position < bytes.count {
            position += bytes[position] == quote ? 2 : 1
        }
        return min(position, bytes.count)
    }

    /// A text in quotes, where a doubled quote is one; nil when it has a zero byte or no end.
    private static func text(in bytes: [UInt8], _ position: inout Int) -> String? {
        let quote = bytes[position]
        var text: [UInt8] = []
        position += 1
        while position < bytes.count, bytes[position] != 0 {
            if bytes[position] == quote {
                position += 1
                guard position < bytes.count, bytes[position] == quote else {
                    return String(decoding: text, as: UTF8.self)
                }
            }
            text.append(bytes[position])
            position += 1
        }
        return nil
    }

    private static func sign(in bytes: [UInt8], at position: Int) -> String? {
        let signs = ["==", "!=", "<=", ">=", "=>", "<", ">", "(", ")", "[", "]", ",", "="]
        return signs.first { bytes[position...].starts(with: $0.utf8) }
    }

    private static func isTypographicQuote(_ bytes: ArraySlice<UInt8>) -> Bool {
        ["“", "”", "„", "‘", "’", "«", "»"].contains { bytes.starts(with: $0.utf8) }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}
