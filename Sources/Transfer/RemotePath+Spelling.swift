// SPDX-License-Identifier: Apache-2.0

extension RemotePath: CustomStringConvertible {
    /// The path in printable characters, one spelling for each path.
    ///
    /// Ordinary names are spelled as they are. A backslash becomes `\\`; control characters and bytes that are not
    /// valid UTF-8 become `\xNN`, so a spelling fits on one line of a log, in a table column and in JSON.
    package var spelling: String {
        RemotePath.spelling(of: bytes)
    }

    /// The printable spelling.
    package var description: String {
        spelling
    }

    /// Spells bytes in printable characters.
    static func spelling(of bytes: [UInt8]) -> String {
        guard !bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            guard let character = leadingScalar(of: rest) else {
                text += escape(first)
                rest = rest.dropFirst()
                continue
            }
            let width = UTF8.width(character)
            if character == "\\" {
                text += "\\\\"
            } else if character.properties.generalCategory == .control {
                text += rest.prefix(width).map(escape).joined()
            } else {
                text.unicodeScalars.append(character)
            }
            rest = rest.dropFirst(width)
        }
        return text
    }

    /// The bytes that a spelling stands for, nothing where an escape is incomplete.
    static func bytes(spelledAs spelling: String) -> [UInt8]? {
        let backslash = UInt8(ascii: "\\")
        var bytes: [UInt8] = []
        var rest = Array(spelling.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == backslash else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case backslash:
                bytes.append(backslash)
            case UInt8(ascii: "x"):
                let digits = rest.prefix(2)
                guard digits.count == 2, digits.allSatisfy({ digitValue($0) != nil }) else { return nil }
                bytes.append(digits.reduce(0) { $0 << 4 | (digitValue($1) ?? 0) })
                rest = rest.dropFirst(2)
            default:
                return nil
            }
        }
        return bytes
    }

    private static func leadingScalar(of bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        var iterator = bytes.prefix(4).makeIterator()
        var decoder = UTF8()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return scalar
    }

    private static func escape(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
    }

    private static func digitValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
