// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching

/// One way to read the text that a website sent as bytes.
struct KeyDoctorReading: Sendable {
    /// The bytes that the text may stand for.
    let bytes: [UInt8]

    /// The encoding, such as `hex`, `base64url` or `text`.
    let encoding: String

    /// What was around the encoded bytes, such as "white space around it".
    let wrappings: [String]

    /// How unusual the reading is.
    let cost: Int

    /// Whether digits are missing at the end.
    var isCut = false

    /// Whether it is the text itself.
    var isText: Bool { encoding == Self.text }

    /// The name of the encoding that is none.
    static let text = "text"

    /// All ways to read a text, the usual ones first.
    ///
    /// - Parameter sent: What the website sent.
    /// - Returns: Readings with at least one byte.
    static func all(of sent: String) -> [KeyDoctorReading] {
        unwrapped(sent).flatMap { text, wrappings in
            readings(of: text).map {
                KeyDoctorReading(
                    bytes: $0.bytes,
                    encoding: $0.encoding,
                    wrappings: wrappings,
                    cost: $0.cost + 4 * wrappings.count,
                    isCut: $0.isCut
                )
            }
        }
        .filter { !$0.bytes.isEmpty }
    }

    /// The text, and what remains when up to three wrappings are taken off.
    private static func unwrapped(_ sent: String) -> [(text: String, wrappings: [String])] {
        var all: [(text: String, wrappings: [String])] = [(sent, [])]
        var seen: Set<[UInt8]> = [[UInt8](sent.utf8)]
        var next = 0
        while next < all.count {
            let (text, wrappings) = all[next]
            next += 1
            guard wrappings.count < 3 else { continue }
            for (inner, wrapping) in unwrappedOnce(text) where seen.insert([UInt8](inner.utf8)).inserted {
                all.append((inner, wrappings + [wrapping]))
            }
        }
        return all
    }

    private static func unwrappedOnce(_ text: String) -> [(String, String)] {
        var results: [(String, String)] = []
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        results.append((trimmed, "white space around the ID"))
        for quote in ["\"", "'"] where text.count > 2 && text.hasPrefix(quote) && text.hasSuffix(quote) {
            results.append((String(text.dropFirst().dropLast()), "quotes around the ID"))
        }
        if text.contains("%"), let decoded = text.removingPercentEncoding {
            results.append((decoded, "URL-encoding of the ID"))
        }
        if trimmed.contains(" ") {
            let restored = trimmed.replacingOccurrences(of: " ", with: "+")
            results.append((restored, "spaces instead of + (URL-decoded once too often)"))
        } else if text.hasPrefix(" ") {
            results.append(("+" + text.dropFirst(), "a space instead of + (URL-decoded once too often)"))
        }
        return results
    }

    private static func readings(of text: String) -> [KeyDoctorReading] {
        var all = [KeyDoctorReading(bytes: [UInt8](text.utf8), encoding: Self.text, wrappings: [], cost: 0)]
        all += hex(text)
        if let (bytes, name) = base64(text) {
            all.append(KeyDoctorReading(bytes: bytes, encoding: name, wrappings: [], cost: 1))
            let inner = hex(String(decoding: bytes, as: UTF8.self)).filter { !$0.isCut }
            all += inner.map {
                KeyDoctorReading(
                    bytes: $0.bytes,
                    encoding: "\(name) of \($0.encoding)",
                    wrappings: [],
                    cost: 8
                )
            }
        }
        return all
    }

    private static func hex(_ text: String) -> [KeyDoctorReading] {
        var digits = Substring(text)
        var name = ""
        for prefix in ["0x", "0X", "\\x", "\\X", "x", "X"] where digits.hasPrefix(prefix) {
            digits.removeFirst(prefix.count)
            name = " with \(prefix) before it"
            break
        }
        var cost = name.isEmpty ? 0 : 1
        for (separator, word) in [(":", "colons"), ("-", "hyphens"), (" ", "spaces")]
        where digits.contains(separator) {
            guard digits.split(separator: separator).allSatisfy({ $0.count == 2 }) else { return [] }
            digits = Substring(digits.replacingOccurrences(of: separator, with: ""))
            name += " with \(word) between the bytes"
            cost += 6
        }
        guard digits.count >= 2, digits.utf8.allSatisfy({ isHexDigit($0) }) else { return [] }
        let isCut = digits.count % 2 == 1
        let letters = digits.filter(\.isLetter)
        let isUpper = letters.contains { $0.isUppercase }
        let kind =
            !isUpper ? "hex" : letters.allSatisfy { $0.isUppercase } ? "upper-case hex" : "mixed-case hex"
        let values = digits.compactMap(\.hexDigitValue)
        let bytes = stride(from: 0, to: values.count - 1, by: 2).map {
            UInt8(values[$0] << 4 | values[$0 + 1])
        }
        return [
            KeyDoctorReading(
                bytes: bytes,
                encoding: kind + name,
                wrappings: [],
                cost: cost + (isCut ? 8 : isUpper ? 1 : 0),
                isCut: isCut
            )
        ]
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    private static func base64(_ text: String) -> (bytes: [UInt8], name: String)? {
        var bare = Substring(text)
        while bare.last == "=" { bare.removeLast() }
        guard bare.utf8.count >= 4 else { return nil }
        let isURL = bare.contains { $0 == "-" || $0 == "_" }
        let standard = bare.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard padding.count < 3, let data = Data(base64Encoded: standard + padding) else { return nil }
        let isBare = bare.count == text.count && !padding.isEmpty
        return ([UInt8](data), (isURL ? "base64url" : "base64") + (isBare ? " without padding" : ""))
    }
}
