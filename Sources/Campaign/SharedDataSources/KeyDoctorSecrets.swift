// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching

/// The encryption keys and IVs that a website may have used, right or by mistake; never shown.
struct KeyDoctorSecrets: Sendable {
    /// A key or an IV, and how it came about.
    struct Secret: Sendable {
        let bytes: [UInt8]

        /// What the website does with the key or IV, to stand after "the website"; none for the defined one.
        let deed: String?

        /// How unusual it is.
        let cost: Int
    }

    /// Keys of 16, 24 or 32 bytes, each once.
    private(set) var keys: [Secret] = []

    /// IVs of 16 bytes, each once.
    private(set) var vectors: [Secret] = []

    /// Collects what can be made of the keys and IVs that are known.
    ///
    /// - Parameters:
    ///   - defined: The key and IV that the data source is defined with, if it is encrypted.
    ///   - givenKey: The text of a key to try.
    ///   - givenIV: The text of an IV to try.
    init(defined: CipherKey?, givenKey: String?, givenIV: String?) {
        if let defined {
            addKeys(of: defined)
            addVector(defined.vector, nil, 0)
        }
        if let givenKey { addKeys(given: givenKey) }
        if let givenIV {
            if let bytes = Self.bytes(ofHex: givenIV) { addVector(bytes, "uses the IV of --iv-file", 3) }
            addVector(
                Array(givenIV.utf8.prefix(16)),
                "uses the text of --iv-file as the IV, instead of its hex value",
                6
            )
            if let data = Data(base64Encoded: givenIV) {
                addVector([UInt8](data), "uses the base64 value of --iv-file as the IV", 6)
            }
        }
        guard !keys.isEmpty else { return }
        if let defined {
            for digits in Self.spellings(defined.vector) {
                addVector(
                    Array(digits.prefix(16)),
                    "uses the IV's hex digits as text, instead of their value",
                    6
                )
            }
        }
        addVector([UInt8](repeating: 0, count: 16), "uses an IV of zeros", 5)
        addVector([UInt8](repeating: 0x30, count: 16), "uses an IV of the character 0", 8)
        for key in keys where key.cost < 6 {
            addVector(Array(key.bytes.prefix(16)), "uses the key's first 16 bytes as the IV", 6)
            for digits in Self.spellings(key.bytes) {
                addVector(Array(digits.prefix(16)), "uses the key's hex digits as the IV", 7)
            }
        }
    }

    private mutating func addKeys(of defined: CipherKey) {
        let key = defined.key
        addKey(key, nil, 0)
        for digits in Self.spellings(key) {
            addText(digits, "uses the key's hex digits as text, instead of their value")
            addDerived(digits, "derives a key from the key's hex digits")
        }
        addDerived(key, "derives a key from the key")
        for byteCount in [16, 24, 32] {
            if byteCount < key.count {
                addKey(Array(key.prefix(byteCount)), "uses only the first \(byteCount) bytes of the key", 6)
            } else if byteCount > key.count {
                let filled = key + [UInt8](repeating: 0, count: byteCount - key.count)
                addKey(filled, "fills the key up with zeros to \(byteCount) bytes", 6)
            }
        }
        addKey(defined.vector, "swaps the roles of key and IV", 6)
    }

    private mutating func addKeys(given text: String) {
        if let bytes = Self.bytes(ofHex: text) { addKey(bytes, "uses the key of --key-file", 3) }
        if let data = Data(base64Encoded: text) {
            addKey([UInt8](data), "uses the base64 value of --key-file as the key", 6)
        }
        let characters = Array(text.utf8)
        addText(characters, "uses the text of --key-file as the key, instead of its hex value")
        addDerived(characters, "derives a key from the text of --key-file")
    }

    /// Adds text as a key: whole, cut, or filled up with zeros.
    private mutating func addText(_ text: [UInt8], _ deed: String) {
        for byteCount in [16, 24, 32] {
            if text.count == byteCount {
                addKey(text, deed, 6)
            } else if text.count > byteCount {
                addKey(Array(text.prefix(byteCount)), "\(deed), and only \(byteCount) characters of it", 7)
            } else {
                let filled = text + [UInt8](repeating: 0, count: byteCount - text.count)
                addKey(filled, "\(deed), filled up with zeros to \(byteCount) bytes", 8)
            }
        }
    }

    private mutating func addDerived(_ secret: [UInt8], _ deed: String) {
        for algorithm in [DigestAlgorithm.md5, .sha1, .sha256] {
            guard let digester = try? Digester(algorithm), let digest = try? digester.digest(secret) else {
                continue
            }
            for byteCount in [16, 24, 32] where byteCount <= digest.count {
                addKey(Array(digest.prefix(byteCount)), "\(deed) with \(algorithm.rawValue)", 8)
            }
        }
    }

    private mutating func addKey(_ bytes: [UInt8], _ deed: String?, _ cost: Int) {
        guard [16, 24, 32].contains(bytes.count) else { return }
        Self.add(Secret(bytes: bytes, deed: deed, cost: cost), to: &keys)
    }

    private mutating func addVector(_ bytes: [UInt8], _ deed: String?, _ cost: Int) {
        guard bytes.count == 16 else { return }
        Self.add(Secret(bytes: bytes, deed: deed, cost: cost), to: &vectors)
    }

    private static func add(_ secret: Secret, to secrets: inout [Secret]) {
        guard let position = secrets.firstIndex(where: { $0.bytes == secret.bytes }) else {
            secrets.append(secret)
            return
        }
        if secret.cost < secrets[position].cost { secrets[position] = secret }
    }

    /// The hexadecimal digits of bytes, in lower and in upper case.
    private static func spellings(_ bytes: [UInt8]) -> [[UInt8]] {
        let digits = HexText.string(bytes)
        return [Array(digits.utf8), Array(digits.uppercased().utf8)]
    }

    /// The bytes of a key or IV as people paste it; none if it isn't hexadecimal.
    private static func bytes(ofHex text: String) -> [UInt8]? {
        KeyDoctorReading.all(of: text).first { $0.encoding.contains("hex") && !$0.isCut }?.bytes
    }
}
