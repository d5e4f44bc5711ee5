// SPDX-License-Identifier: Apache-2.0

import Matching

/// A ciphertext, decrypted block by block under one key, so that any IV can be tried without decrypting again.
struct KeyDoctorMessage: Sendable {
    /// How the last block may be filled up.
    enum Padding: CaseIterable, Sendable {
        /// As many bytes as are missing, each with that number (RFC 5652, 6.3).
        case pkcs7
        /// Bytes of zero, or nothing where nothing is missing.
        case zeros
        /// Spaces.
        case spaces
        /// Any bytes, the last with their number (ISO 10126, ANSI X9.23).
        case lastByteOnly
    }

    /// The key that was tried.
    let key: KeyDoctorSecrets.Secret

    /// The cipher that the key's length belongs to.
    let algorithm: CipherAlgorithm

    /// The blocks, each decrypted by itself, without chaining.
    let blocks: [UInt8]

    /// Whether the ciphertext isn't whole blocks; the rest of it was left out.
    let isCut: Bool

    /// An IV of zeros.
    let zeros = [UInt8](repeating: 0, count: CipherAlgorithm.blockByteCount)

    private let ciphertext: [UInt8]

    /// Decrypts a ciphertext.
    ///
    /// - Parameters:
    ///   - ciphertext: At least one block.
    ///   - key: A key of 16, 24 or 32 bytes.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto fails.
    init(_ ciphertext: [UInt8], key: KeyDoctorSecrets.Secret) throws(MatchingError) {
        let size = CipherAlgorithm.blockByteCount
        let whole = Array(ciphertext.prefix(ciphertext.count / size * size))
        let algorithm = CipherAlgorithm.allCases.first { $0.keyByteCount == key.bytes.count } ?? .aes256CBC
        let cipher = try BatchCipher(
            CipherKey(algorithm, keyHex: HexText.string(key.bytes), ivHex: HexText.string(zeros))
        )
        // Messages of one block each under an IV of zeros are the bare block cipher.
        let lengths = [UInt32](repeating: UInt32(size), count: whole.count / size)
        var textLengths = [Int32](repeating: 0, count: lengths.count)
        var texts = [UInt8](repeating: 0, count: whole.count)
        try Self.decrypt(whole, cipher, lengths, &textLengths, &texts)
        self.key = key
        self.algorithm = algorithm
        self.ciphertext = whole
        blocks = texts
        isCut = whole.count < ciphertext.count
    }

    private static func decrypt(
        _ whole: [UInt8],
        _ cipher: BatchCipher,
        _ lengths: [UInt32],
        _ textLengths: inout [Int32],
        _ texts: inout [UInt8]
    ) throws(MatchingError) {
        let result: Result<Void, MatchingError> = whole.withUnsafeBytes { messages in
            lengths.withUnsafeBufferPointer { lengths in
                textLengths.withUnsafeMutableBufferPointer { textLengths in
                    texts.withUnsafeMutableBytes { texts in
                        guard let texts = texts.baseAddress, let textLengths = textLengths.baseAddress else {
                            return .success(())
                        }
                        return Result { () throws(MatchingError) in
                            try cipher.decrypt(
                                messages,
                                lengths: lengths,
                                into: texts,
                                textLengths: textLengths
                            )
                        }
                    }
                }
            }
        }
        try result.get()
    }

    /// The decrypted text with its padding, in CBC mode under an IV.
    ///
    /// - Parameter vector: The IV, 16 bytes.
    /// - Returns: As many bytes as the whole blocks have.
    func text(vector: [UInt8]) -> [UInt8] {
        zip(blocks, vector + ciphertext).map { $0 ^ $1 }
    }

    /// Whether bytes are a proper text: UTF-8 without control characters.
    ///
    /// - Parameter bytes: The bytes.
    /// - Returns: `false` for no bytes, too.
    static func isText(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else { return false }
        return AddressForm.any.accepts(text)
    }
}

extension KeyDoctorMessage.Padding {
    /// What the website does, to stand after "the website"; none for the padding that is right.
    var deed: String? {
        switch self {
        case .pkcs7: nil
        case .zeros: "fills the last block with zeros, or not at all, instead of PKCS#7 padding"
        case .spaces: "fills the last block with spaces instead of PKCS#7 padding"
        case .lastByteOnly: "fills the last block with other bytes than PKCS#7 padding"
        }
    }

    /// Takes the padding off.
    ///
    /// - Parameter text: Whole blocks.
    /// - Returns: The text without it; none where it can't be this padding.
    func removed(from text: [UInt8]) -> [UInt8]? {
        guard let last = text.last else { return nil }
        switch self {
        case .pkcs7, .lastByteOnly:
            let count = Int(last)
            guard count >= 1, count <= 16, count <= text.count else { return nil }
            guard self == .lastByteOnly || text.suffix(count).allSatisfy({ $0 == last }) else { return nil }
            return Array(text.dropLast(count))
        case .zeros, .spaces:
            let filler: UInt8 = self == .zeros ? 0 : 0x20
            var bare = text[...]
            while bare.last == filler, text.count - bare.count < 15 { bare.removeLast() }
            return Array(bare)
        }
    }
}
