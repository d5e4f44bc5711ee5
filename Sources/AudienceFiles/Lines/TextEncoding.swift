// SPDX-License-Identifier: Apache-2.0

/// What the first bytes of a text say about its encoding.
enum TextEncoding: Equatable {
    case utf8
    case utf8WithByteOrderMark
    case unsupported(UnsupportedEncoding)

    /// The encoding of a text that starts with these bytes.
    ///
    /// OpenPGP is known by its armor or by a first packet that holds an encrypted session key (RFC 4880,
    /// sections 4.2, 5.1 and 5.3), whose first byte and version no line of text starts with.
    init(startingWith text: UnsafeRawBufferPointer) {
        if text.starts(with: [0xEF, 0xBB, 0xBF]) {
            self = .utf8WithByteOrderMark
        } else if text.starts(with: [0xFF, 0xFE, 0, 0]) || text.starts(with: [0, 0, 0xFE, 0xFF]) {
            self = .unsupported(.utf32)
        } else if text.starts(with: [0xFF, 0xFE]) || text.starts(with: [0xFE, 0xFF])
            || Self.isUnmarkedUTF16(text)
        {
            self = .unsupported(.utf16)
        } else if text.starts(with: Array("-----BEGIN PGP MESSAGE".utf8)) || Self.isSessionKeyPacket(text) {
            self = .unsupported(.pgp)
        } else {
            self = .utf8
        }
    }

    /// Whether two characters in a row have a byte that is zero, in either order: IDs are of ASCII, nearly always.
    private static func isUnmarkedUTF16(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count >= 4 else { return false }
        let isZero = text[..<4].map { $0 == 0 }
        return isZero == [false, true, false, true] || isZero == [true, false, true, false]
    }

    private static func isSessionKeyPacket(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count >= 6 else { return false }
        switch text[0] {
        // Old format, lengths of one, two and four bytes; tag 1 is by public key, tag 3 by passphrase.
        case 0x84, 0x85, 0x86: return text[2 + Int(text[0] & 3 == 2 ? 3 : text[0] & 3)] == 3
        case 0x8C, 0x8D, 0x8E: return text[2 + Int(text[0] & 3 == 2 ? 3 : text[0] & 3)] == 4
        // New format; a second byte below 192 is the whole length, below 224 half of it.
        case 0xC1: return text[text[1] < 192 ? 2 : 3] == 3
        case 0xC3: return text[1] < 0x40 && text[2] == 4
        default: return false
        }
    }
}
