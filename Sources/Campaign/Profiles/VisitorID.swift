// SPDX-License-Identifier: Apache-2.0

/// A visitor ID: 38 decimal digits naming a browser or device within an organization.
///
/// 38 digits fit into 128 bits; the database keeps them as 16 bytes, most significant first, so that the order
/// of stored bytes is the order of the digits.
package struct VisitorID: Hashable, Sendable {
    /// How many digits a visitor ID has.
    package static let digitCount = 38

    private let value: UInt128

    /// Reads the digits; `nil` unless they are exactly 38.
    package init?(digits: UnsafeRawBufferPointer) {
        guard digits.count == Self.digitCount else { return nil }
        var value: UInt128 = 0
        for half in [0..<19, 19..<38] {
            var part: UInt64 = 0
            for index in half {
                let digit = digits[index] &- 0x30
                guard digit < 10 else { return nil }
                part = part &* 10 &+ UInt64(digit)
            }
            value = value * 10_000_000_000_000_000_000 + UInt128(part)
        }
        self.value = value
    }

    /// Reads the 16 stored bytes.
    init(stored bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == 16, "a stored visitor ID has 16 bytes")
        value = UInt128(bigEndian: bytes.loadUnaligned(as: UInt128.self))
    }

    /// The 16 bytes to store.
    var stored: [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    /// Appends the 38 digits in ASCII.
    func appendDigits(to bytes: inout [UInt8]) {
        let (high, low) = value.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
        Self.append(UInt64(truncatingIfNeeded: high), to: &bytes)
        Self.append(UInt64(truncatingIfNeeded: low), to: &bytes)
    }

    private static func append(_ part: UInt64, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0x30, count: 19))
        var rest = part
        var index = start + 18
        while rest > 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes[index] = 0x30 + UInt8(digit)
            rest = quotient
            index -= 1
        }
    }
}
