// SPDX-License-Identifier: Apache-2.0

/// The digits of a decimal number other than zero, without its sign.
struct TraitDigits: Sendable, Hashable {
    /// Decimal numbers of so many digits are all told apart by 64-bit floating point (IEEE 754).
    static let countOfDouble = 15

    /// The digits in ASCII, none of them a zero at either end.
    private let digits: [UInt8]

    /// The power of ten of the last digit.
    private let exponent: Int

    /// The digits of a number; nil where it has so few that a `Double` says it all.
    ///
    /// - Parameter bytes: A number as ``TraitNumber`` accepts it, other than zero.
    init?(_ bytes: UnsafeRawBufferPointer) {
        self.init(all: bytes)
        if digits.count <= Self.countOfDouble { return nil }
    }

    /// The digits of a number that the shortest text for it has.
    init(_ value: Double) {
        var text = "\(value)"
        self = text.withUTF8 { TraitDigits(all: UnsafeRawBufferPointer($0)) }
    }

    private init(all bytes: UnsafeRawBufferPointer) {
        var digits: [UInt8] = []
        var exponent = 0
        var isFraction = false
        reading: for (place, byte) in bytes.enumerated() {
            switch byte {
            case 0x30...0x39:
                if byte > 0x30 || !digits.isEmpty { digits.append(byte) }
                if isFraction { exponent -= 1 }
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                // More digits than an exponent within range has would have made the number infinite or zero.
                exponent += Int(String(decoding: bytes[(place + 1)...], as: UTF8.self)) ?? 0
                break reading
            default: continue
            }
        }
        while digits.last == 0x30 {
            digits.removeLast()
            exponent += 1
        }
        self.digits = digits
        self.exponent = exponent
    }
}

extension TraitDigits: Comparable {
    static func < (one: TraitDigits, other: TraitDigits) -> Bool {
        let (first, second) = (one.digits.count + one.exponent, other.digits.count + other.exponent)
        return first == second ? one.digits.lexicographicallyPrecedes(other.digits) : first < second
    }
}

extension TraitDigits: CustomStringConvertible {
    var description: String {
        let text = String(decoding: digits, as: UTF8.self)
        return exponent == 0 ? text : "\(text)e\(exponent)"
    }
}
