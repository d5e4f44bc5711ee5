// SPDX-License-Identifier: Apache-2.0

/// Hexadecimal digits, sixteen at a time.
package enum HexText {
    /// The lower-case hexadecimal text of bytes.
    ///
    /// - Parameter bytes: The bytes.
    /// - Returns: Two digits for each byte.
    package static func string(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { room in
            guard let target = room.baseAddress else { return 0 }
            bytes.withUnsafeBytes {
                if let base = $0.baseAddress { encode(base, byteCount: $0.count, into: target) }
            }
            return bytes.count * 2
        }
    }

    /// Writes the lower-case hexadecimal digits of bytes at the end of a batch, as one text.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - batch: The batch that is given one more text.
    package static func appendHex(_ bytes: UnsafeRawBufferPointer, to batch: IDBatch) {
        let start = batch.store.count
        batch.store.reserve(bytes.count &* 2)
        if let base = bytes.baseAddress {
            encode(base, byteCount: bytes.count, into: batch.store.base + start)
        }
        batch.store.count = start &+ bytes.count &* 2
        batch.note(start: start)
    }

    /// Decodes twice as many digits as bytes; `false` if one is not a digit, and then the target is of no use.
    @inline(__always)
    static func decode(
        _ digits: UnsafeRawPointer,
        byteCount: Int,
        into target: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        let bytes = UnsafeMutableRawPointer(target)
        var wrong = SIMD16<UInt8>(repeating: 0)
        var position = 0
        while position &+ 8 <= byteCount {
            let text = digits.loadUnaligned(fromByteOffset: position &* 2, as: SIMD16<UInt8>.self)
            bytes.storeBytes(of: pack(text, &wrong), toByteOffset: position, as: UInt64.self)
            position &+= 8
        }
        if position < byteCount {
            if byteCount < 8 { return decodeShort(digits, byteCount, bytes) }
            position = byteCount &- 8
            let text = digits.loadUnaligned(fromByteOffset: position &* 2, as: SIMD16<UInt8>.self)
            bytes.storeBytes(of: pack(text, &wrong), toByteOffset: position, as: UInt64.self)
        }
        let words = unsafeBitCast(wrong, to: SIMD2<UInt64>.self)
        return words[0] | words[1] == 0
    }

    /// The eight bytes of sixteen digits; marks lanes that are not digits.
    @inline(__always)
    private static func pack(_ text: SIMD16<UInt8>, _ wrong: inout SIMD16<UInt8>) -> UInt64 {
        let digit = text &- SIMD16(repeating: 0x30)
        let letter = (text | SIMD16(repeating: 0x20)) &- SIMD16(repeating: 0x61)
        let isDigit = digit .< SIMD16(repeating: 10)
        let isLetter = letter .< SIMD16(repeating: 6)
        let ones = SIMD16<UInt8>(repeating: 0xFF)
        wrong |= ones.replacing(with: 0, where: isDigit .| isLetter)
        let values = (letter &+ SIMD16(repeating: 10)).replacing(with: digit, where: isDigit)
        let pairs = unsafeBitCast(values, to: SIMD8<UInt16>.self)
        let joined = (pairs &<< 4 | pairs &>> 8) & SIMD8(repeating: 0xFF)
        return unsafeBitCast(SIMD8<UInt8>(truncatingIfNeeded: joined), to: UInt64.self)
    }

    private static func decodeShort(
        _ digits: UnsafeRawPointer,
        _ byteCount: Int,
        _ bytes: UnsafeMutableRawPointer
    ) -> Bool {
        for index in 0..<byteCount {
            guard let high = value(digits.load(fromByteOffset: index * 2, as: UInt8.self)),
                let low = value(digits.load(fromByteOffset: index * 2 + 1, as: UInt8.self))
            else { return false }
            bytes.storeBytes(of: high << 4 | low, toByteOffset: index, as: UInt8.self)
        }
        return true
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }

    /// Writes two digits for each byte.
    @inline(__always)
    static func encode(_ bytes: UnsafeRawPointer, byteCount: Int, into target: UnsafeMutablePointer<UInt8>) {
        let text = UnsafeMutableRawPointer(target)
        var position = 0
        while position &+ 8 <= byteCount {
            let eight = bytes.loadUnaligned(fromByteOffset: position, as: SIMD8<UInt8>.self)
            text.storeBytes(of: digits(of: eight), toByteOffset: position &* 2, as: SIMD16<UInt8>.self)
            position &+= 8
        }
        while position < byteCount {
            let byte = bytes.load(fromByteOffset: position, as: UInt8.self)
            target[position &* 2] = digit(byte >> 4)
            target[position &* 2 &+ 1] = digit(byte & 15)
            position &+= 1
        }
    }

    @inline(__always)
    private static func digits(of eight: SIMD8<UInt8>) -> SIMD16<UInt8> {
        let wide = SIMD8<UInt16>(truncatingIfNeeded: eight)
        let pairs = (wide &>> 4 | wide &<< 8) & SIMD8(repeating: 0x0F0F)
        let values = unsafeBitCast(pairs, to: SIMD16<UInt8>.self)
        let none = SIMD16<UInt8>(repeating: 0)
        let gap = none.replacing(with: 0x27, where: values .> SIMD16(repeating: 9))
        return values &+ SIMD16(repeating: 0x30) &+ gap
    }

    @inline(__always)
    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 &+ value : 0x57 &+ value }
}
