// SPDX-License-Identifier: Apache-2.0

/// Reading of numbers written with the digits 0 to 9 only, as in file names and lists of segments.
enum DecimalDigits {
    /// The number that all of these bytes spell, or nil when one of them is no digit, there is none or it is too large.
    static func value<Number: FixedWidthInteger>(
        of digits: some Collection<UInt8>,
        as type: Number.Type = Number.self
    ) -> Number? {
        guard !digits.isEmpty else { return nil }
        var value: Number = 0
        for digit in digits {
            guard let figure = figure(digit) else { return nil }
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(Number(truncatingIfNeeded: figure))
            guard !overflowed, !carried else { return nil }
            value = sum
        }
        return value
    }

    /// Whether there is at least one byte and all of them are digits.
    static func areAll(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { figure($0) != nil }
    }

    /// The number as text, with zeros in front until it has this many digits.
    static func text(_ number: some BinaryInteger, padded digitCount: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, digitCount - digits.utf8.count)) + digits
    }

    private static func figure(_ byte: UInt8) -> UInt8? {
        let figure = byte &- UInt8(ascii: "0")
        return figure < 10 ? figure : nil
    }
}
