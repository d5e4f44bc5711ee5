// SPDX-License-Identifier: Apache-2.0

/// A decimal number in a trait rule or in a signal's value: `5`, `-0.25`, `1e6`.
///
/// Compared exactly, so that long account numbers are told apart. Infinity and numbers beyond the range of 64-bit
/// floating point are none; what is nearer to zero than its smallest number is zero.
package struct TraitNumber: Sendable, Hashable {
    /// The greatest length of a number, in bytes.
    package static let byteLimit = 64

    /// The number, or the nearest to it; never infinite, never negative zero.
    private let value: Double

    /// All digits, where there are more than ``value`` tells apart.
    private let digits: TraitDigits?

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
        guard value.isFinite else { return nil }
        self.value = value == 0 ? 0 : value
        digits = value == 0 || bytes.count <= TraitDigits.countOfDouble ? nil : TraitDigits(bytes)
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

extension TraitNumber: Comparable {
    package static func < (one: TraitNumber, other: TraitNumber) -> Bool {
        guard one.value == other.value, one.digits != nil || other.digits != nil else {
            return one.value < other.value
        }
        let (first, second) = (one.digits ?? TraitDigits(one.value), other.digits ?? TraitDigits(other.value))
        return one.value < 0 ? second < first : first < second
    }
}

extension TraitNumber: CustomStringConvertible {
    /// A text that reads back as the same number, the shortest one for a number of few digits.
    package var description: String {
        if let digits { return (value < 0 ? "-" : "") + digits.description }
        let integer = Int(exactly: value).flatMap { $0.magnitude < 1_000_000_000_000_000 ? $0 : nil }
        return integer.map { "\($0)" } ?? "\(value)"
    }
}
