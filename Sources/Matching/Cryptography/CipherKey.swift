// SPDX-License-Identifier: Apache-2.0

/// The key and the initialization vector of a data source's encrypted IDs; shown as "•••".
package struct CipherKey: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The cipher that the key is for.
    package let algorithm: CipherAlgorithm
    /// The key's bytes, for sealing them.
    package let key: [UInt8]
    /// The initialization vector's 16 bytes, for sealing them.
    package let vector: [UInt8]

    /// Reads a key as people paste it: hexadecimal in either case, with or without `\x` or `0x` before it and
    /// white space around it.
    ///
    /// - Parameters:
    ///   - algorithm: The cipher.
    ///   - keyHex: The key: 32, 48 or 64 hexadecimal digits.
    ///   - ivHex: The initialization vector: 32 hexadecimal digits.
    /// - Throws: ``MatchingError/notHexadecimal(position:)``, ``MatchingError/keyLength(expected:actual:)`` or
    ///   ``MatchingError/vectorLength(expected:actual:)``.
    package init(_ algorithm: CipherAlgorithm, keyHex: String, ivHex: String) throws(MatchingError) {
        let key = try Self.bytes(ofHex: keyHex)
        guard key.count == algorithm.keyByteCount else {
            throw .keyLength(expected: algorithm.keyByteCount, actual: key.count)
        }
        let vector = try Self.bytes(ofHex: ivHex)
        guard vector.count == CipherAlgorithm.blockByteCount else {
            throw .vectorLength(expected: CipherAlgorithm.blockByteCount, actual: vector.count)
        }
        self.algorithm = algorithm
        self.key = key
        self.vector = vector
    }

    /// Always "•••".
    package var description: String { "•••" }

    /// Always "•••".
    package var debugDescription: String { "•••" }

    /// Shows nothing of the key.
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// The bytes of pasted hexadecimal text; an odd digit at the end counts as the error.
    private static func bytes(ofHex text: String) throws(MatchingError) -> [UInt8] {
        var digits = Array(text.utf8)[...]
        while let last = digits.last, last <= 0x20 { digits.removeLast() }
        while let first = digits.first, first <= 0x20 { digits.removeFirst() }
        if digits.starts(with: "0x".utf8) || digits.starts(with: "0X".utf8) || digits.starts(with: "\\x".utf8)
        {
            digits.removeFirst(2)
        }
        var bytes: [UInt8] = []
        var high: UInt8?
        for position in digits.indices {
            let value: UInt8
            switch digits[position] {
            case 0x30...0x39: value = digits[position] - 0x30
            case 0x41...0x46: value = digits[position] - 0x41 + 10
            case 0x61...0x66: value = digits[position] - 0x61 + 10
            default: throw .notHexadecimal(position: position)
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        if high != nil { throw .notHexadecimal(position: digits.endIndex) }
        return bytes
    }
}
