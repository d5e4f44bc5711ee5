// SPDX-License-Identifier: Apache-2.0

/// How the IDs of one data source stand for the values of one profile field.
///
/// Both sides meet at the *canonical ID*, of which an index holds a keyed hash:
/// a visitor ID's 38 digits, the normalized text of a plain ID, all bytes of a digest, and for encrypted IDs the
/// decrypted and normalized text, so that encrypted and plain sources of a field can share an index.
package struct IDRule: Hashable, Sendable {
    /// How the IDs are written.
    package let form: IDForm
    /// What values go through before they are hashed, encrypted or compared.
    package let normalization: Normalization
    /// What a decrypted ID must look like; of no meaning for the other forms.
    package let addressForm: AddressForm

    /// Makes a rule.
    ///
    /// - Parameters:
    ///   - form: How the IDs are written.
    ///   - normalization: What values go through before they are hashed, encrypted or compared.
    ///   - addressForm: What a decrypted ID must look like.
    package init(_ form: IDForm, normalization: Normalization = .none, addressForm: AddressForm = .any) {
        self.form = form
        self.normalization = normalization
        self.addressForm = addressForm
    }

    /// The canonical ID that the profile side puts in the index for a field's value.
    ///
    /// For many values use ``IDKeyMaker``.
    ///
    /// - Parameter fieldValue: The value of the reconciliation key.
    /// - Returns: The canonical bytes; none if no ID can stand for the value: it is empty, or not of the form.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto fails.
    package func canonical(of fieldValue: String) throws(MatchingError) -> [UInt8]? {
        let maker = try IDKeyMaker(rule: self, secret: IDKeySecret(first: 0, second: 0))
        return try UTF8Text.withBytes(of: fieldValue) { bytes throws(MatchingError) in
            let canonical = try maker.canonical(of: bytes)
            return canonical.map { [UInt8]($0) }
        }
    }

    /// Whether a normalized text may be written as a plain ID: 1 to 1,024 bytes of UTF-8, without control characters,
    /// `:` and `%3A`, which would break the line.
    @inline(__always)
    static func plainReason(_ text: UnsafeRawBufferPointer) -> Reconciliation.Reason {
        guard let base = text.baseAddress, !text.isEmpty, text.count <= 1024 else { return .wrongLength }
        if text.count >= 8, isPlainASCII(base, text.count) { return .none }
        let bytes = base.assumingMemoryBound(to: UInt8.self)
        for index in 0..<text.count {
            let byte = bytes[index]
            if byte > 0x3A, byte != 0x7F { continue }
            if byte < 0x20 || byte == 0x7F || byte == 0x3A { return .forbiddenCharacter }
            if byte == 0x25, index &+ 2 < text.count, bytes[index &+ 1] == 0x33,
                bytes[index &+ 2] | 0x20 == 0x61
            {
                return .forbiddenCharacter
            }
        }
        return UTF8Text.isValid(bytes, count: text.count) ? .none : .invalidText
    }

    /// Whether at least 8 bytes are ASCII without control characters, `:` and `%`, eight at a time.
    @inline(__always)
    private static func isPlainASCII(_ text: UnsafeRawPointer, _ count: Int) -> Bool {
        var found: UInt64 = 0
        var offset = 0
        while offset &+ 8 < count {
            found |= conspicuous(text.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        // The last eight bytes, some of them perhaps for the second time.
        found |= conspicuous(text.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
        return found & 0x8080_8080_8080_8080 == 0
    }

    /// The top bit of each byte that is not ASCII, below 0x20, 0x7F, `:` or `%`; a borrow may set one bit too many
    /// behind such a byte, never hide one.
    @inline(__always)
    private static func conspicuous(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let colon = word ^ (ones &* 0x3A)
        let percent = word ^ (ones &* 0x25)
        let delete = word ^ (ones &* 0x7F)
        let control = (word &- ones &* 0x20) & ~word
        return word | control | ((colon &- ones) & ~colon) | ((percent &- ones) & ~percent)
            | ((delete &- ones) & ~delete)
    }

    /// Whether 38 bytes are all decimal digits.
    @inline(__always)
    static func isVisitorID(_ digits: UnsafeRawPointer) -> Bool {
        notDigits(digits, 0) | notDigits(digits, 8) | notDigits(digits, 16) | notDigits(digits, 24)
            | notDigits(digits, 30) == 0
    }

    /// Bits that are set where one of eight bytes is not a decimal digit.
    @inline(__always)
    private static func notDigits(_ text: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        let word = text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let tens = (word &+ 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0
        let kinds = word & 0xF0F0_F0F0_F0F0_F0F0
        return (kinds ^ 0x3030_3030_3030_3030) | (tens ^ 0x3030_3030_3030_3030)
    }
}
