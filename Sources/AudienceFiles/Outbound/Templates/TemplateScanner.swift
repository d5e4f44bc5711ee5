// SPDX-License-Identifier: Apache-2.0

/// The bytes of a template and the place up to which they were read.
struct TemplateScanner {
    let part: TemplateError.Part
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ text: String, part: TemplateError.Part) {
        self.part = part
        bytes = Array(text.utf8)
    }

    /// The next byte, or nil behind the last one.
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// The error at a place; without one, here.
    func error(_ problem: TemplateProblem, at position: Int? = nil) -> TemplateError {
        TemplateError(part: part, byte: position ?? self.position, problem: problem)
    }

    /// Passes over the byte if it is the next one.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Passes over the word if it comes next.
    mutating func take(word: StaticString) -> Bool {
        let word = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[position...].starts(with: word) else { return false }
        position += word.count
        return true
    }

    /// Passes over blanks, tabs and ends of lines inside a macro.
    mutating func skipBlanks() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    /// The next byte, and passes over it.
    mutating func takeByte() -> UInt8? {
        guard let byte = next else { return nil }
        position += 1
        return byte
    }

    /// Letters, digits and underscores; may be empty.
    mutating func takeName() -> String {
        let start = position
        while let byte = next, Self.isNameByte(byte) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// The value of an option: text in quotation marks, with `\` before one of them, a backslash or a `t` for tab.
    mutating func takeQuoted() throws(TemplateError) -> [UInt8] {
        let start = position
        guard take("\"") else { throw error(.unexpectedCharacter) }
        var text: [UInt8] = []
        while let byte = takeByte() {
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"): text.append(try takeEscaped())
            case 0x0A, 0x0D: throw error(.lineBreak, at: position - 1)
            case 0x00, 0x02..<0x09, 0x0B..<0x20: throw error(.unexpectedCharacter, at: position - 1)
            default: text.append(byte)
            }
        }
        throw error(.unclosedQuotation, at: start)
    }

    /// What a backslash makes of the byte behind it.
    mutating func takeEscaped() throws(TemplateError) -> UInt8 {
        guard let byte = takeByte() else { throw error(.unexpectedCharacter) }
        switch byte {
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "{"),
            UInt8(ascii: "}"):
            return byte
        default: throw error(.unexpectedCharacter, at: position - 1)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
        default: false
        }
    }
}
