// SPDX-License-Identifier: Apache-2.0

/// Hexadecimal digits, eight at a time in the bytes of one word.
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
        var wrong: UInt64 = 0
        var position = 0
        while position &+ 4 <= byteCount {
            let text = digits.loadUnaligned(fromByteOffset: position &* 2, as: UInt64.self)
            bytes.storeBytes(of: pack(text, &wrong), toByteOffset: position, as: UInt32.self)
            position &+= 4
        }
        if position < byteCount {
            if byteCount < 4 { return decodeShort(digits, byteCount, bytes) }
            position = byteCount &- 4
            let text = digits.loadUnaligned(fromByteOffset: position &* 2, as: UInt64.self)
            bytes.storeBytes(of: pack(text, &wrong), toByteOffset: position, as: UInt32.self)
        }
        return wrong & every(0x80) == 0
    }

    /// The byte in all eight places of a word.
    @inline(__always)
    private static func every(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

    /// The four bytes of eight digits; sets the highest bit where a character is not a digit.
    ///
    /// Sums of two bytes below 0x80 don't carry into the next byte, and reach 0x80 from a wanted character on.
    @inline(__always)
    private static func pack(_ text: UInt64, _ wrong: inout UInt64) -> UInt32 {
        let low = text & every(0x7F)
        let letters = low | every(0x20)
        let isDigit = (low &+ every(0x80 - 0x30)) & ~(low &+ every(0x80 - 0x3A))
        let isLetter = (letters &+ every(0x80 - 0x61)) & ~(letters &+ every(0x80 - 0x67))
        wrong |= ~(isDigit | isLetter) | text
        let values = (text & every(0x0F)) &+ ((text &>> 6) & every(1)) &* 9
        let pairs = (values &<< 4 | values &>> 8) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs | pairs &>> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: fours | fours &>> 16)
    }

    private static func decodeShort(
        _ digits: UnsafeRawPointer,
        _ byteCount: Int,
        _ bytes: UnsafeMutableRawPointer
    ) -> Bool {
        for index in 0..<byteCount {
            let pair = UInt64(digits.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
            var wrong: UInt64 = 0
            let packed = pack(pair | 0x3030_3030_3030_0000, &wrong)
            if wrong & every(0x80) != 0 { return false }
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: packed), toByteOffset: index, as: UInt8.self)
        }
        return true
    }

    /// Writes two digits for each byte.
    @inline(__always)
    static func encode(_ bytes: UnsafeRawPointer, byteCount: Int, into target: UnsafeMutablePointer<UInt8>) {
        let text = UnsafeMutableRawPointer(target)
        var position = 0
        while position &+ 4 <= byteCount {
            let four = bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)
            text.storeBytes(of: digits(of: four), toByteOffset: position &* 2, as: UInt64.self)
            position &+= 4
        }
        while position < byteCount {
            let byte = UInt32(bytes.load(fromByteOffset: position, as: UInt8.self))
            let pair = UInt16(truncatingIfNeeded: digits(of: byte))
            text.storeBytes(of: pair, toByteOffset: position &* 2, as: UInt16.self)
            position &+= 1
        }
    }

    /// The eight digits of four bytes.
    @inline(__always)
    private static func digits(of four: UInt32) -> UInt64 {
        let wide = UInt64(four)
        let pairs = (wide | wide &<< 16) & 0x0000_FFFF_0000_FFFF
        let bytes = (pairs | pairs &<< 8) & 0x00FF_00FF_00FF_00FF
        let values = ((bytes &>> 4) & 0x000F_000F_000F_000F) | ((bytes & 0x000F_000F_000F_000F) &<< 8)
        let letters = ((values &+ every(6)) &>> 4) & every(1)
        return values &+ every(0x30) &+ letters &* 0x27
    }
}
