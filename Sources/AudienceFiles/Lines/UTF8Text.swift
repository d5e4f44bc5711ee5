// SPDX-License-Identifier: Apache-2.0

/// The check whether bytes are UTF-8 (RFC 3629), without making a string of them.
enum UTF8Text {
    /// Whether the bytes are well-formed: shortest forms only, no surrogates, nothing above U+10FFFF.
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var position = 0
        while position < bytes.count {
            let lead = bytes[position]
            guard lead >= 0x80 else {
                position += 1
                continue
            }
            let followerCount: Int
            // The range of the second byte shuts out long forms, surrogates and what is too large.
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0xC2...0xDF: followerCount = 1
            case 0xE0: (followerCount, second) = (2, 0xA0...0xBF)
            case 0xE1...0xEC, 0xEE...0xEF: followerCount = 2
            case 0xED: (followerCount, second) = (2, 0x80...0x9F)
            case 0xF0: (followerCount, second) = (3, 0x90...0xBF)
            case 0xF1...0xF3: followerCount = 3
            case 0xF4: (followerCount, second) = (3, 0x80...0x8F)
            default: return false
            }
            guard position + followerCount < bytes.count, second.contains(bytes[position + 1]) else {
                return false
            }
            for next in (position + 1)...(position + followerCount) where bytes[next] & 0xC0 != 0x80 {
                return false
            }
            position += followerCount + 1
        }
        return true
    }
}
