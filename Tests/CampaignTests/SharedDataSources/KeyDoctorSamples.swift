// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching

@testable import Campaign

/// Websites for the key doctor's tests: they make IDs in the ways that a test asks for.
///
/// Keys and vectors are those of the published examples, made with OpenSSL.
enum KeyDoctorSamples {
    static let key128 = "0123456789ABCDEF0123456789ABCDEF"
    static let key192 = "000102030405060708090A0B0C0D0E0F1011121314151617"
    static let key256 = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
    static let vector = "0123456789ABCDEFFEDCBA9876543210"

    static func rule(
        _ algorithm: DigestAlgorithm? = nil,
        normalize: String = "",
        channel: AddressForm = .any
    ) throws -> IDRule {
        IDRule(
            algorithm.map { .digest($0) } ?? .plain,
            normalization: try Normalization(parsing: normalize),
            addressForm: channel
        )
    }

    static func cipherRule(
        _ algorithm: CipherAlgorithm,
        normalize: String = "",
        channel: AddressForm = .any
    ) throws -> IDRule {
        let keyHex = [16: key128, 24: key192, 32: key256][algorithm.keyByteCount] ?? ""
        return IDRule(
            .cipher(try CipherKey(algorithm, keyHex: keyHex, ivHex: vector)),
            normalization: try Normalization(parsing: normalize),
            addressForm: channel
        )
    }

    static func hash(_ value: [UInt8], _ algorithm: DigestAlgorithm) throws -> [UInt8] {
        try Digester(algorithm).digest(value)
    }

    static func hash(_ value: String, _ algorithm: DigestAlgorithm) throws -> String {
        HexText.string(try hash(Array(value.utf8), algorithm))
    }

    /// Encrypts padded blocks in CBC mode; a message of one block under the vector is the bare block cipher.
    static func encrypt(_ padded: [UInt8], key: [UInt8], vector: [UInt8]) throws -> [UInt8] {
        var before = vector
        var message: [UInt8] = []
        for start in stride(from: 0, to: padded.count, by: 16) {
            let block = zip(padded[start..<start + 16], before).map { $0 ^ $1 }
            before = try encryptBlock(block, key: key)
            message += before
        }
        return message
    }

    static func encryptECB(_ padded: [UInt8], key: [UInt8]) throws -> [UInt8] {
        try stride(from: 0, to: padded.count, by: 16).flatMap {
            try encryptBlock(Array(padded[$0..<$0 + 16]), key: key)
        }
    }

    static func encryptBlock(_ block: [UInt8], key: [UInt8]) throws -> [UInt8] {
        let cipherKey = try CipherKey(
            try algorithm(ofKey: key.count),
            keyHex: HexText.string(key),
            ivHex: String(repeating: "00", count: 16)
        )
        var message = [UInt8](repeating: 0, count: 32)
        let cipher = try BatchCipher(cipherKey)
        try block.withUnsafeBytes { text in
            try [UInt32(0)].withUnsafeBufferPointer { offsets in
                try [UInt32(16)].withUnsafeBufferPointer { lengths in
                    try message.withUnsafeMutableBytes { room in
                        if let text = text.baseAddress, let room = room.baseAddress {
                            try cipher.encrypt(text, offsets: offsets, lengths: lengths, into: room)
                        }
                    }
                }
            }
        }
        return Array(message.prefix(16))
    }

    private static func algorithm(ofKey byteCount: Int) throws -> CipherAlgorithm {
        guard let algorithm = CipherAlgorithm.allCases.first(where: { $0.keyByteCount == byteCount }) else {
            throw MatchingError.keyLength(expected: 16, actual: byteCount)
        }
        return algorithm
    }

    static func pkcs7(_ text: String) -> [UInt8] {
        let count = 16 - text.utf8.count % 16
        return Array(text.utf8) + [UInt8](repeating: UInt8(count), count: count)
    }

    static func filled(_ text: String, with byte: UInt8) -> [UInt8] {
        let count = (16 - text.utf8.count % 16) % 16
        return Array(text.utf8) + [UInt8](repeating: byte, count: count)
    }

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
