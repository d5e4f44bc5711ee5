// SPDX-License-Identifier: Apache-2.0

/// What words and signs of a language of conditions are made of.
///
/// Texts are the same in all of them: in straight quotes, single or double, where a quote of the same kind is doubled.
package struct TokenSyntax: Sendable {
    private let signs: [String]
    private let synonyms: [String: String]
    private let wordStart: Set<UInt8>
    private let wordRest: Set<UInt8>
    private let literalStart: Set<UInt8>
    private let literalRest: Set<UInt8>

    /// Describes a language.
    ///
    /// - Parameters:
    ///   - signs: Its signs. Of two of which one begins with the other, the longer one is read.
    ///   - synonyms: Other spellings of signs.
    ///   - wordStart: The ASCII characters that a word begins with.
    ///   - wordRest: Those that may follow.
    ///   - literalStart: Those that numbers and dates begin with; empty where these are words too.
    ///   - literalRest: Those that may follow.
    package init(
        signs: [String],
        synonyms: [String: String] = [:],
        wordStart: String,
        wordRest: String,
        literalStart: String = "",
        literalRest: String = ""
    ) {
        self.signs = (signs + synonyms.keys).sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
        self.synonyms = synonyms
        self.wordStart = Set(wordStart.utf8)
        self.wordRest = Set(wordRest.utf8)
        self.literalStart = Set(literalStart.utf8)
        self.literalRest = Set(literalRest.utf8)
    }

    /// The letters of ASCII.
    package static let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

    /// The digits of ASCII.
    package static let digits = "0123456789"

    /// Splits a text into tokens.
    ///
    /// - Parameter bytes: The text, UTF-8.
    /// - Returns: The tokens; the last one is the end.
    /// - Throws: The fault, at the offset of a character without a meaning or of a text that is not closed.
    func split(_ bytes: [UInt8]) throws(Misplaced) -> [Token] {
        var tokens: [Token] = []
        var position = 0
        while position < bytes.count {
            let start = position
            let kind: Token.Kind
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D:
                position += 1
                continue
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                guard let text = Self.text(in: bytes, &position) else {
                    throw Misplaced(fault: .unclosedText, offset: start)
                }
                kind = .text(text)
            case let byte where literalStart.contains(byte):
                kind = .literal(Self.run(of: literalRest, in: bytes, &position))
            case let byte where wordStart.contains(byte):
                kind = .word(Self.run(of: wordRest, in: bytes, &position))
            default:
                guard let sign = signs.first(where: { bytes[position...].starts(with: $0.utf8) }) else {
                    let isCurly = Self.curlyQuotes.contains { bytes[position...].starts(with: $0.utf8) }
                    throw Misplaced(fault: isCurly ? .typographicQuote : .unexpectedCharacter, offset: start)
                }
                position += sign.utf8.count
                kind = .sign(synonyms[sign] ?? sign)
            }
            tokens.append(Token(kind: kind, offset: start))
        }
        tokens.append(Token(kind: .end, offset: bytes.count))
        return tokens
    }

    /// A fault and the byte where it is.
    struct Misplaced: Error {
        let fault: SyntaxFault
        let offset: Int
    }

    /// What stands from a position on, as far as its bytes are of a set; the first one always belongs to it.
    private static func run(of rest: Set<UInt8>, in bytes: [UInt8], _ position: inout Int) -> String {
        let start = position
        position += 1
        while position < bytes.count, rest.contains(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
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

    private static let curlyQuotes = ["“", "”", "„", "‘", "’", "«", "»"]
}
