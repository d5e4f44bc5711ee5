// SPDX-License-Identifier: Apache-2.0

import Matching

/// A combination of normalization, algorithm and encoding that leads from a value to what a website sent.
struct KeyDoctorExplanation: Sendable {
    /// How the website makes an ID of the value.
    enum Method: Sendable {
        /// It sends the value in the clear.
        case plain
        /// It hashes the value; `isCut` when it keeps only the first bytes.
        case digest(DigestAlgorithm, isCut: Bool)
        /// It hashes a digest, which it wrote as text or took as bytes.
        case digestOfDigest(outer: DigestAlgorithm, inner: DigestAlgorithm, writtenAs: String)
        /// It encrypts the value.
        case cipher(CipherAlgorithm, CipherFacts)
    }

    /// What else is known of an encryption.
    struct CipherFacts: Sendable {
        /// What the website does with key, IV, padding and mode, each to stand after "the website".
        var deeds: [String] = []

        /// Whether the end of the ciphertext is missing.
        var isCut = false
    }

    /// What became of the value.
    let variant: KeyDoctorVariant

    /// How it was hashed or encrypted.
    let method: Method

    /// How the result was written.
    let reading: KeyDoctorReading

    /// How far it is from the definition.
    let cost: Int

    init(_ variant: KeyDoctorVariant, _ method: Method, _ reading: KeyDoctorReading, methodCost: Int) {
        self.variant = variant
        self.method = method
        self.reading = reading
        cost = variant.cost + methodCost + reading.cost
    }

    /// The algorithm as commands write it, such as `sha256` or `aes-256-cbc`.
    var algorithmName: String {
        switch method {
        case .plain: "plain"
        case .digest(let algorithm, let isCut): isCut ? "\(algorithm.rawValue), cut" : algorithm.rawValue
        case .digestOfDigest(let outer, let inner, let form):
            "\(outer.rawValue) of \(inner.rawValue) (\(form))"
        case .cipher(let algorithm, _): algorithm.rawValue
        }
    }

    /// What the website does to the value at last, as "hashes" and "hashing".
    var verb: (present: String, gerund: String, base: String) {
        switch method {
        case .plain: ("sends", "sending", "send")
        case .digest, .digestOfDigest: ("hashes", "hashing", "hash")
        case .cipher: ("encrypts", "encrypting", "encrypt")
        }
    }
}
