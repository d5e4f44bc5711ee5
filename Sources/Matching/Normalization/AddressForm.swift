// SPDX-License-Identifier: Apache-2.0

/// What a decrypted ID must look like before a message may be sent to it.
package enum AddressForm: String, CaseIterable, Sendable {
    /// Any text of 1 to 1,024 bytes of UTF-8 without control characters.
    case any

    /// An e-mail address, the practical part of RFC 5321 and RFC 6531.
    ///
    /// - At most 128 bytes of UTF-8, exactly one `@`, no spaces, no control characters.
    /// - Before the `@`: 1 to 64 bytes, none of `"(),:;<>[\]`; no quoted form.
    /// - After it: two or more labels with single dots between them, each 1 to 63 bytes of letters, digits,
    ///   hyphens (not first or last) or characters beyond ASCII.
    case email

    /// A telephone number: `+`, a digit 1…9 and 6 to 14 more digits.
    case mobilePhone

    /// Whether a text has this form.
    ///
    /// - Parameter text: The bytes of the text, supposedly UTF-8.
    /// - Returns: `false` for another form and for bytes that are not UTF-8.
    package func accepts(_ text: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .any: Self.isPlainText(text)
        case .email: Self.isEmail(text)
        case .mobilePhone: Self.isMobilePhone(text)
        }
    }

    /// Whether a text has this form.
    ///
    /// - Parameter text: The text.
    /// - Returns: `false` for another form.
    package func accepts(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { accepts(UnsafeRawBufferPointer($0)) }
    }

    @inline(__always)
    static func isMobilePhone(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count >= 8, text.count <= 16, text[0] == 0x2B, text[1] != 0x30 else { return false }
        for index in 1..<text.count where text[index] &- 0x30 > 9 { return false }
        return true
    }

    private static func isPlainText(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let base = text.baseAddress, !text.isEmpty, text.count <= 1024 else { return false }
        for byte in text where byte < 0x20 || byte == 0x7F { return false }
        return UTF8Text.isValid(base.assumingMemoryBound(to: UInt8.self), count: text.count)
    }

    private static func isEmail(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let base = text.baseAddress, text.count <= 128 else { return false }
        var sign = -1
        var labelStart = 0
        var labels = 0
        var seen: UInt8 = 0
        for index in 0..<text.count {
            let byte = text[index]
            seen |= byte
            if byte >= 0x80 || labelCharacters.contains(byte) { continue }
            if byte == 0x2E {
                if sign < 0 { continue }
                guard isLabel(text, labelStart, index) else { return false }
                labels &+= 1
                labelStart = index &+ 1
            } else if byte == 0x40 {
                guard sign < 0, index >= 1, index <= 64 else { return false }
                sign = index
                labelStart = index &+ 1
            } else if sign >= 0 || forbiddenCharacters.contains(byte) {
                return false
            }
        }
        guard sign >= 0, labels >= 1, isLabel(text, labelStart, text.count) else { return false }
        return seen < 0x80 || UTF8Text.isValid(base.assumingMemoryBound(to: UInt8.self), count: text.count)
    }

    @inline(__always)
    private static func isLabel(_ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Bool {
        end > start && end - start <= 63 && text[start] != 0x2D && text[end - 1] != 0x2D
    }

    /// Letters, digits and the hyphen: the ASCII characters of a label.
    ///
    /// Computed, not stored, so that the masks are constants in the code and nothing is looked up for each byte.
    private static var labelCharacters: ASCIISet {
        @inline(__always) get { ASCIISet(low: 0x03FF_2000_0000_0000, high: 0x07FF_FFFE_07FF_FFFE) }
    }

    /// The ASCII characters that an address has nowhere: controls, the space and `"(),:;<>[\]`.
    private static var forbiddenCharacters: ASCIISet {
        @inline(__always) get { ASCIISet(low: 0x5C00_1305_FFFF_FFFF, high: 0x8000_0000_3800_0000) }
    }
}

/// A set of ASCII characters, a bit for each.
private struct ASCIISet {
    /// The characters 0 to 63, the first in the lowest bit.
    let low: UInt64
    /// The characters 64 to 127, the first in the lowest bit.
    let high: UInt64

    /// Whether a character below 0x80 is in the set.
    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        (byte < 64 ? low : high) &>> UInt64(byte) & 1 != 0
    }
}
