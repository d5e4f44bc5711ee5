// SPDX-License-Identifier: Apache-2.0

/// How the bytes of hashed and encrypted IDs are written as text: hexadecimal in either case, or base64 in either
/// alphabet with or without padding (RFC 4648).
package enum TextEncoding {
    /// Decodes an ID whose number of bytes is known, such as a digest.
    ///
    /// The length of the text tells hexadecimal from base64; `0x`, `\x` or `x` may stand before hexadecimal digits.
    /// Base64 with stray bits at its end is refused, so that each ID has one value only.
    ///
    /// - Parameters:
    ///   - text: The ID as written in a file.
    ///   - expectedByteCount: The number of bytes that it must have.
    /// - Returns: The bytes; none if the length fits neither encoding or a character isn't one of the encoding's.
    package static func decode(_ text: String, expectedByteCount: Int) -> [UInt8]? {
        var text = text
        return [UInt8](unsafeUninitializedCapacity: expectedByteCount) { room, count in
            guard let target = room.baseAddress else { return }
            let result = text.withUTF8 { decode(UnsafeRawBufferPointer($0), expectedByteCount, into: target) }
            count = result == .none ? expectedByteCount : 0
        }.nonEmpty
    }

    /// Decodes an ID that is a ciphertext: one or more whole blocks of 16 bytes.
    ///
    /// - Parameter text: The ID as written in a file.
    /// - Returns: The bytes; none if the text is neither encoding, or not whole blocks.
    package static func decodeBlocks(_ text: String) -> [UInt8]? {
        var text = text
        return [UInt8](unsafeUninitializedCapacity: text.utf8.count) { room, count in
            guard let target = room.baseAddress else { return }
            count = max(0, text.withUTF8 { decodeBlocks(UnsafeRawBufferPointer($0), into: target) })
        }.nonEmpty
    }

    /// Decodes into room for the expected bytes; gives the reason if it can't be done.
    @inline(__always)
    static func decode(
        _ text: UnsafeRawBufferPointer,
        _ expected: Int,
        into target: UnsafeMutablePointer<UInt8>
    ) -> Reconciliation.Reason {
        guard let base = text.baseAddress else { return .wrongLength }
        if text.count == expected &* 2 {
            return HexText.decode(base, byteCount: expected, into: target) ? .none : .notHex
        }
        return decodeOddly(base, text.count, expected, into: target)
    }

    /// The less usual ways to write the expected bytes.
    @inline(never)
    private static func decodeOddly(
        _ base: UnsafeRawPointer,
        _ count: Int,
        _ expected: Int,
        into target: UnsafeMutablePointer<UInt8>
    ) -> Reconciliation.Reason {
        let prefix = prefixLength(base, count)
        if prefix > 0, count == prefix + expected * 2 {
            return HexText.decode(base + prefix, byteCount: expected, into: target) ? .none : .notHex
        }
        let bare = (expected * 4 + 2) / 3
        guard count == bare || count == (expected + 2) / 3 * 4 else { return .wrongLength }
        return Base64Text.decode(base, count, into: target) == expected ? .none : .notHex
    }

    /// Decodes whole blocks; gives their number of bytes, -1 for a wrong length and -2 for a wrong character.
    ///
    /// The target needs room for as many bytes as the text has.
    @inline(__always)
    static func decodeBlocks(_ text: UnsafeRawBufferPointer, into target: UnsafeMutablePointer<UInt8>) -> Int
    {
        guard let base = text.baseAddress, text.count >= 22 else { return -1 }
        if text.count & 31 == 0, HexText.decode(base, byteCount: text.count / 2, into: target) {
            return text.count / 2
        }
        return decodeBlocksOddly(base, text.count, into: target)
    }

    @inline(never)
    private static func decodeBlocksOddly(
        _ base: UnsafeRawPointer,
        _ count: Int,
        into target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let prefix = prefixLength(base, count)
        if prefix > 0, (count - prefix) & 31 == 0,
            HexText.decode(base + prefix, byteCount: (count - prefix) / 2, into: target)
        {
            return (count - prefix) / 2
        }
        let decoded = Base64Text.decode(base, count, into: target)
        if decoded > 0, decoded & 15 == 0 { return decoded }
        return decoded >= 0 && count & 31 != 0 ? -1 : -2
    }

    /// The length of `0x`, `\x` or `x` at the beginning, 0 if none is there.
    private static func prefixLength(_ base: UnsafeRawPointer, _ count: Int) -> Int {
        guard count >= 2 else { return 0 }
        let first = base.load(as: UInt8.self)
        let second = base.load(fromByteOffset: 1, as: UInt8.self) | 0x20
        if first == 0x30 || first == 0x5C { return second == 0x78 ? 2 : 0 }
        return first | 0x20 == 0x78 ? 1 : 0
    }
}

extension [UInt8] {
    fileprivate var nonEmpty: [UInt8]? { isEmpty ? nil : self }
}
