// SPDX-License-Identifier: Apache-2.0

/// A word, value or sign of a filter.
struct FilterToken: Equatable {
    /// What a token is.
    enum Kind: Equatable {
        /// A keyword, a field name or the bare name of a choice.
        case word(String)
        /// A text in quotes, without them.
        case text(String)
        /// Something that starts like a number or a date.
        case literal(String)
        /// A comparison, a parenthesis or a comma.
        case sign(String)
        /// The end of the filter.
        case end
    }

    let kind: Kind

    /// The offset of the first byte in the filter.
    let offset: Int

    /// Whether the token is this keyword, in any case.
    func isWord(_ keyword: String) -> Bool {
        guard case .word(let word) = kind else { return false }
        return word.lowercased() == keyword
    }
}

extension FilterToken {
    /// Splits a filter into tokens.
    ///
    /// - Parameter bytes: The filter, UTF-8.
    /// - Returns: The tokens; the last one is the end.
    /// - Throws: ``FilterError`` at a character without a meaning or a text that is not closed.
    static func split(_ bytes: [UInt8]) throws(FilterError) -> [FilterToken] {
        var tokens: [FilterToken] = []
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
                tokens.append(FilterToken(kind: .text(text), offset: start))
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                while position < bytes.count, isLiteral(bytes[position]) { position += 1 }
                let literal = String(decoding: bytes[start..<position], as: UTF8.self)
                tokens.append(FilterToken(kind: .literal(literal), offset: start))
            case let byte where isWordStart(byte):
                while position < bytes.count, isWord(bytes[position]) { position += 1 }
                let word = String(decoding: bytes[start..<position], as: UTF8.self)
                tokens.append(FilterToken(kind: .word(word), offset: start))
            default:
                guard let sign = sign(in: bytes, at: position) else {
                    let kind: FilterError.Kind =
                        isTypographicQuote(bytes[position...]) ? .typographicQuote : .unexpectedCharacter
                    throw error(kind, at: start, in: bytes)
                }
                position += sign.utf8.count
                tokens.append(FilterToken(kind: .sign(sign == "<>" ? "!=" : sign), offset: start))
            }
        }
        tokens.append(FilterToken(kind: .end, offset: bytes.count))
        return tokens
    }

    /// An error at an offset of a filter.
    static func error(_ kind: FilterError.Kind, at offset: Int, in bytes: [UInt8]) -> FilterError {
        FilterError(kind: kind, column: String(decoding: bytes[..<offset], as: UTF8.self).count + 1)
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
        let signs = ["!=", "<=", ">=", "<>", "=", "<", ">", "(", ")", ","]
        return signs.first { bytes[position...].starts(with: $0.utf8) }
    }

    private static func isTypographicQuote(_ bytes: ArraySlice<UInt8>) -> Bool {
        ["“", "”", "„", "‘", "’", "«", "»"].contains { bytes.starts(with: $0.utf8) }
    }

    private static func isWordStart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isWord(_ byte: UInt8) -> Bool { isWordStart(byte) || isDigit(byte) }

    private static func isLiteral(_ byte: UInt8) -> Bool {
        isWord(byte)
            || [UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ":"), UInt8(ascii: ".")].contains(byte)
    }
}
