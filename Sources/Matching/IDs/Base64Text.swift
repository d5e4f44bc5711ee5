// SPDX-License-Identifier: Apache-2.0

/// Base64 and base64url, with or without padding (RFC 4648, sections 4 and 5).
enum Base64Text {
    /// The value of each character in either alphabet, 0xFF for the others.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        for (value, letter) in letters.utf8.enumerated() { values[Int(letter)] = UInt8(value) }
        for (letter, value) in [("+", 62), ("-", 62), ("/", 63), ("_", 63)] {
            for byte in letter.utf8 { values[Int(byte)] = UInt8(value) }
        }
        return values
    }()

    /// Decodes text into room for as many bytes; gives their number, -1 if the text isn't base64.
    ///
    /// Bits beyond the last byte must be 0, so that no two texts stand for the same bytes.
    static func decode(_ text: UnsafeRawPointer, _ count: Int, into target: UnsafeMutablePointer<UInt8>)
        -> Int
    {
        var length = count
        if count & 3 == 0 {
            for _ in 0..<2 where length > 0 && text.load(fromByteOffset: length - 1, as: UInt8.self) == 0x3D {
                length -= 1
            }
        }
        guard length & 3 != 1 else { return -1 }
        return values.withUnsafeBufferPointer { values in
            var written = 0
            var bits: UInt32 = 0
            var bitCount = 0
            for position in 0..<length {
                let value = values[Int(text.load(fromByteOffset: position, as: UInt8.self))]
                if value == 0xFF { return -1 }
                bits = bits << 6 | UInt32(value)
                bitCount += 6
                if bitCount >= 8 {
                    bitCount -= 8
                    target[written] = UInt8(truncatingIfNeeded: bits >> UInt32(bitCount))
                    written += 1
                }
            }
            return bits & (1 << UInt32(bitCount) - 1) == 0 ? written : -1
        }
    }
}
