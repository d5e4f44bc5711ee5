// SPDX-License-Identifier: Apache-2.0

/// A reader of JSON (RFC 8259) that also takes what vendors write for JSON.
///
/// Keys and words need no quotation marks, single ones do as well, and a comma may stand behind the last element.
struct LenientJSONParser {
    /// A value and where it started.
    struct Value {
        var content: Content
        var position: Int
    }

    /// What a value is; a word is anything written without quotation marks, such as a number.
    enum Content {
        case object([(key: String, value: Value)], end: Int)
        case array([Value])
        case text(String)
        case word(String)
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// The one value of the text.
    mutating func parse() throws(AudienceFileError) -> Value {
        let value = try parseValue(depth: 0)
        skipBlanks()
        guard position == bytes.count else { throw error(.unexpectedCharacter, at: position) }
        return value
    }

    /// The error at a place, given as line and column.
    func error(_ problem: ControlFileProblem, at position: Int) -> AudienceFileError {
        let before = bytes.prefix(position)
        let line = before.count { $0 == 0x0A } + 1
        let column = position - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
        return .controlFile(line: line, column: column, problem: problem)
    }

    private mutating func parseValue(depth: Int) throws(AudienceFileError) -> Value {
        let first = try peek()
        let start = position
        guard depth < 16 else { throw error(.tooDeep, at: start) }
        switch first {
        case UInt8(ascii: "{"): return Value(content: try parseObject(depth: depth), position: start)
        case UInt8(ascii: "["): return Value(content: try parseArray(depth: depth), position: start)
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return Value(content: .text(try parseText()), position: start)
        default: return Value(content: .word(try parseWord()), position: start)
        }
    }

    private mutating func parseObject(depth: Int) throws(AudienceFileError) -> Content {
        var members: [(key: String, value: Value)] = []
        position += 1
        while try peek() != UInt8(ascii: "}") {
            let first = bytes[position]
            let isQuoted = first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
            let key = isQuoted ? try parseText() : try parseWord()
            guard try peek() == UInt8(ascii: ":") else { throw error(.unexpectedCharacter, at: position) }
            position += 1
            members.append((key, try parseValue(depth: depth + 1)))
            try skipComma(before: UInt8(ascii: "}"))
        }
        let end = position
        position += 1
        return .object(members, end: end)
    }

    private mutating func parseArray(depth: Int) throws(AudienceFileError) -> Content {
        var elements: [Value] = []
        position += 1
        while try peek() != UInt8(ascii: "]") {
            elements.append(try parseValue(depth: depth + 1))
            try skipComma(before: UInt8(ascii: "]"))
        }
        position += 1
        return .array(elements)
    }

    private mutating func skipComma(before bracket: UInt8) throws(AudienceFileError) {
        let next = try peek()
        if next == UInt8(ascii: ",") {
            position += 1
        } else if next != bracket {
            throw error(.unexpectedCharacter, at: position)
        }
    }

    private mutating func parseWord() throws(AudienceFileError) -> String {
        let start = position
        while position < bytes.count, Self.isWordByte(bytes[position]) { position += 1 }
        guard position > start else { throw error(.unexpectedCharacter, at: start) }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func parseText() throws(AudienceFileError) -> String {
        let start = position
        let quotationMark = bytes[position]
        var text: [UInt8] = []
        position += 1
        while position < bytes.count, bytes[position] != quotationMark {
            guard bytes[position] >= 0x20 else { throw error(.invalidText, at: position) }
            if bytes[position] == UInt8(ascii: "\\") {
                text += try parseEscape().utf8
            } else {
                text.append(bytes[position])
                position += 1
            }
        }
        guard position < bytes.count else { throw error(.unexpectedEnd, at: bytes.count) }
        position += 1
        guard text.withUnsafeBytes(UTF8Text.isValid) else { throw error(.invalidText, at: start) }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func parseEscape() throws(AudienceFileError) -> String {
        let start = position
        guard position + 1 < bytes.count else { throw error(.unexpectedEnd, at: bytes.count) }
        let letter = bytes[position + 1]
        position += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return String(UnicodeScalar(letter))
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var units = [try parseUnit(escapeAt: start)]
            if UTF16.isLeadSurrogate(units[0]), bytes[position...].starts(with: "\\u".utf8) {
                position += 2
                units.append(try parseUnit(escapeAt: start))
            }
            guard let text = String(validating: units, as: UTF16.self) else {
                throw error(.invalidText, at: start)
            }
            return text
        default: throw error(.invalidText, at: start)
        }
    }

    private mutating func parseUnit(escapeAt start: Int) throws(AudienceFileError) -> UInt16 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy(HexDigits.isDigit),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw error(.invalidText, at: start) }
        position += 4
        return unit
    }

    /// The next byte that is no blank.
    private mutating func peek() throws(AudienceFileError) -> UInt8 {
        skipBlanks()
        guard position < bytes.count else { throw error(.unexpectedEnd, at: bytes.count) }
        return bytes[position]
    }

    private mutating func skipBlanks() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."): true
        default: false
        }
    }
}

/// The digits 0 to 9, a to f and A to F.
enum HexDigits {
    static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
