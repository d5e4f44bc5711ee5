// SPDX-License-Identifier: Apache-2.0

/// A decimal number in a trait rule or in a signal's value: `5`, `-0.25`, `1e6`.
///
/// Compared as 64-bit floating point; infinity and numbers beyond its range are none.
package struct TraitNumber: Sendable, Hashable {
    /// The greatest length of a number, in bytes.
    package static let byteLimit = 64

    /// The number; never infinite, never negative zero.
    package let value: Double

    /// The number with this value; nil unless it is finite.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        self.value = value == 0 ? 0 : value
    }

    /// The number that a text is; nil when it is something else.
    package init?(_ text: String) {
        var text = text
        guard let number = text.withUTF8({ TraitNumber(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = number
    }

    /// The number that these bytes are; nil when they are something else.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= Self.byteLimit, Self.isNumber(bytes),
            let value = Double(String(decoding: bytes, as: UTF8.self))
        else { return nil }
        self.init(value)
    }

    /// Whether the bytes are an optional sign, digits with at most one point, and an optional exponent.
    private static func isNumber(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        func isSign(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }
        func skipDigits() -> Int {
            let digits = rest.prefix { (0x30...0x39).contains($0) }.count
            rest = rest.dropFirst(digits)
            return digits
        }
        if isSign(rest.first) { rest = rest.dropFirst() }
        guard skipDigits() > 0 else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard skipDigits() > 0 else { return false }
        }
        guard let exponent = rest.first else { return true }
        guard exponent | 0x20 == UInt8(ascii: "e") else { return false }
        rest = rest.dropFirst()
        if isSign(rest.first) { rest = rest.dropFirst() }
        return skipDigits() > 0 && rest.isEmpty
    }
}

extension TraitNumber: CustomStringConvertible {
    /// The shortest text that reads back as the same number.
    package var description: String {
        Int(exactly: value).flatMap { $0.magnitude < 1_000_000_000_000_000 ? "\($0)" : nil } ?? "\(value)"
    }
}
