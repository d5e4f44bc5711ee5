// SPDX-License-Identifier: Apache-2.0

/// How a CSV file (RFC 4180) is written: its separator, byte order mark and line ending.
///
/// The reader accepts LF and CRLF alike on each line; the line ending is what the header has, for showing.
package struct CSVDialect: Sendable, Hashable {
    /// The byte between two fields.
    package enum Separator: UInt8, Sendable, CaseIterable {
        /// `,`
        case comma = 0x2C
        /// `;`
        case semicolon = 0x3B
        /// A tab.
        case tab = 0x09
    }

    /// The bytes at the end of a line.
    package enum LineEnding: String, Sendable {
        /// A newline.
        case lf = "\n"
        /// A carriage return and a newline.
        case crlf = "\r\n"
    }

    /// The byte between two fields.
    package var separator: Separator

    /// Whether the file starts with a UTF-8 byte order mark.
    package var hasBOM: Bool

    /// The bytes at the end of a line.
    package var lineEnding: LineEnding

    /// Makes a dialect.
    ///
    /// - Parameters:
    ///   - separator: The byte between two fields.
    ///   - hasBOM: Whether the file starts with a UTF-8 byte order mark.
    ///   - lineEnding: The bytes at the end of a line.
    package init(separator: Separator = .comma, hasBOM: Bool = false, lineEnding: LineEnding = .lf) {
        self.separator = separator
        self.hasBOM = hasBOM
        self.lineEnding = lineEnding
    }
}

extension CSVDialect {
    /// Recognises the dialect from the header.
    ///
    /// The separator is the one that stands most often in the header outside quotes; comma when there is none,
    /// or when two are equally frequent.
    ///
    /// - Parameter bytes: The first bytes of the file, with the whole header.
    /// - Returns: The dialect.
    /// - Throws: ``CSVError/emptyFile`` or ``CSVError/unsupportedEncoding(_:)``.
    package static func sniff(_ bytes: UnsafeRawBufferPointer) throws(CSVError) -> CSVDialect {
        let hasBOM = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
        let start = hasBOM ? 3 : 0
        if let encoding = foreignEncoding(of: bytes) { throw .unsupportedEncoding(encoding) }
        guard bytes.count > start else { throw .emptyFile }

        var counts: [Separator: Int] = [:]
        var isInQuotes = false
        var isBlank = true
        var dialect = CSVDialect(hasBOM: hasBOM)
        for position in start..<bytes.count {
            let byte = bytes[position]
            if byte == CSVBytes.quote { isInQuotes.toggle() }
            if byte == CSVBytes.newline, !isInQuotes, !isBlank {
                if bytes[position - 1] == CSVBytes.carriageReturn { dialect.lineEnding = .crlf }
                break
            }
            if byte != CSVBytes.newline, byte != CSVBytes.carriageReturn { isBlank = false }
            if !isInQuotes, let separator = Separator(rawValue: byte) { counts[separator, default: 0] += 1 }
        }
        for separator in Separator.allCases where counts[separator] ?? 0 > counts[dialect.separator] ?? 0 {
            dialect.separator = separator
        }
        return dialect
    }

    private static func foreignEncoding(of bytes: UnsafeRawBufferPointer) -> CSVError.Encoding? {
        guard bytes.count >= 2 else { return nil }
        let first = (bytes[0], bytes[1])
        let isFollowedByZeros = bytes.count >= 4 && bytes[2] == 0 && bytes[3] == 0
        switch first {
        case (0xFF, 0xFE): return isFollowedByZeros ? .utf32 : .utf16
        case (0xFE, 0xFF): return .utf16
        case (0, 0): return bytes.count >= 4 && bytes[2] == 0xFE && bytes[3] == 0xFF ? .utf32 : nil
        case (0, _): return .utf16
        case (_, 0): return isFollowedByZeros ? .utf32 : .utf16
        default: return nil
        }
    }
}

extension CSVDialect: CustomStringConvertible {
    /// The dialect in words, like `separated by semicolons, UTF-8 with BOM, CRLF line endings`.
    package var description: String {
        let separators =
            switch separator {
            case .comma: "commas"
            case .semicolon: "semicolons"
            case .tab: "tabs"
            }
        let ending =
            switch lineEnding {
            case .lf: "LF"
            case .crlf: "CRLF"
            }
        return "separated by \(separators), UTF-8\(hasBOM ? " with BOM" : ""), \(ending) line endings"
    }
}
