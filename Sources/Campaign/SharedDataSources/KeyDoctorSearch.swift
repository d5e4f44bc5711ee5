// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching

/// The search for the explanations of one sample, category by category.
struct KeyDoctorSearch {
    private let variants: [KeyDoctorVariant]
    private let readings: [KeyDoctorReading]
    private let variantOfBytes: [[UInt8]: KeyDoctorVariant]
    private let form: IDForm

    /// The explanation with the least cost that was found so far.
    private(set) var best: KeyDoctorExplanation?

    /// How many combinations were tried, by category, in the order of the search.
    private(set) var tried: [KeyDiagnosis.Category] = []

    /// Prepares a search.
    ///
    /// - Parameters:
    ///   - variants: What the website may have made of the value.
    ///   - readings: How what it sent may be read.
    ///   - form: How the IDs of the data source are written.
    init(_ variants: [KeyDoctorVariant], _ readings: [KeyDoctorReading], form: IDForm) {
        self.variants = variants
        self.readings = readings
        self.form = form
        variantOfBytes = Dictionary(variants.map { ($0.bytes, $0) }) { first, _ in first }
    }

    /// The value in the clear, or only encoded.
    mutating func tryPlain() {
        for reading in readings {
            guard let variant = variantOfBytes[reading.bytes], !reading.isCut else { continue }
            let isDefined = form == .plain
            note(variant, .plain, reading, isDefined ? 0 : 5)
        }
        count("value in the clear", variants.count * readings.count)
    }

    /// One digest of the value, whole or cut.
    mutating func tryDigests() throws(MatchingError) {
        let candidates = readings.filter { !$0.isText && $0.bytes.count >= 8 }
        for algorithm in DigestAlgorithm.allCases {
            let digester = try Digester(algorithm)
            let isDefined = form == .digest(algorithm)
            for variant in variants {
                let digest = try digester.digest(variant.bytes)
                for reading in candidates where reading.bytes.count <= digest.count {
                    guard digest.starts(with: reading.bytes) else { continue }
                    let isCut = reading.bytes.count < digest.count
                    note(
                        variant,
                        .digest(algorithm, isCut: isCut),
                        reading,
                        (isDefined ? 0 : 5) + (isCut ? 8 : 0)
                    )
                }
            }
        }
        count("digest", variants.count * DigestAlgorithm.allCases.count * readings.count)
    }

    /// The digest of a digest.
    mutating func tryDigestsOfDigests() throws(MatchingError) {
        for outer in DigestAlgorithm.allCases {
            let candidates = readings.filter { !$0.isText && $0.bytes.count == outer.byteCount }
            guard !candidates.isEmpty else { continue }
            let outerDigester = try Digester(outer)
            for inner in DigestAlgorithm.allCases {
                let innerDigester = try Digester(inner)
                for variant in variants {
                    for (text, name) in Self.writings(try innerDigester.digest(variant.bytes)) {
                        let digest = try outerDigester.digest(text)
                        for reading in candidates where reading.bytes == digest {
                            note(
                                variant,
                                .digestOfDigest(outer: outer, inner: inner, writtenAs: name),
                                reading,
                                10
                            )
                        }
                    }
                }
            }
        }
        let algorithms = DigestAlgorithm.allCases.count
        count("digest of a digest", variants.count * algorithms * algorithms * 4 * readings.count)
    }

    /// The encrypted value.
    mutating func tryCiphers(_ secrets: KeyDoctorSecrets) throws(MatchingError) {
        let candidates = readings.filter { !$0.isText && $0.bytes.count >= CipherAlgorithm.blockByteCount }
        var combinations = 0
        for key in secrets.keys {
            for reading in candidates {
                let message = try KeyDoctorMessage(reading.bytes, key: key)
                combinations += (secrets.vectors.count + 3) * KeyDoctorMessage.Padding.allCases.count
                try tryVectors(secrets.vectors, message, reading)
            }
        }
        count("encryption", combinations * variants.count)
    }

    private mutating func tryVectors(
        _ vectors: [KeyDoctorSecrets.Secret],
        _ message: KeyDoctorMessage,
        _ reading: KeyDoctorReading
    ) throws(MatchingError) {
        for vector in vectors {
            let text = message.text(vector: vector.bytes)
            tryText(text, message, reading, vector.deed.map { [$0] } ?? [], vector.cost)
            tryCut(text, message, reading, vector)
        }
        if message.blocks.count > 16 {
            let rest = Array(message.text(vector: message.zeros).dropFirst(16))
            tryText(rest, message, reading, ["puts the IV before the ciphertext"], 5)
            let isOther = vectors.contains { vector in
                KeyDoctorMessage.isText(Array(message.text(vector: vector.bytes).prefix(16)))
            }
            // Where a known IV leads to a proper text, the sample belongs to somebody else.
            if !isOther { tryRest(rest, message, reading) }
        }
        tryText(message.blocks, message, reading, ["encrypts each block by itself (ECB mode, without IV)"], 6)
    }

    /// Compares a decrypted text, without its padding, with the variants.
    private mutating func tryText(
        _ text: [UInt8],
        _ message: KeyDoctorMessage,
        _ reading: KeyDoctorReading,
        _ deeds: [String],
        _ cost: Int
    ) {
        guard !message.isCut else { return }
        for padding in KeyDoctorMessage.Padding.allCases {
            guard let bare = padding.removed(from: text), let variant = variantOfBytes[bare] else { continue }
            let facts = KeyDoctorExplanation.CipherFacts(deeds: deeds + [padding.deed].compactMap(\.self))
            note(variant, message, facts, reading, cost + (padding == .pkcs7 ? 0 : 5))
        }
    }

    /// Compares whole blocks with the beginnings of the variants, since the end may be missing.
    private mutating func tryCut(
        _ text: [UInt8],
        _ message: KeyDoctorMessage,
        _ reading: KeyDoctorReading,
        _ vector: KeyDoctorSecrets.Secret
    ) {
        let least = message.isCut ? text.count : text.count + 1
        for variant in variants where variant.bytes.count >= least && variant.bytes.starts(with: text) {
            let deeds = vector.deed.map { [$0] } ?? []
            let facts = KeyDoctorExplanation.CipherFacts(deeds: deeds, isCut: true)
            note(variant, message, facts, reading, vector.cost + 10)
        }
    }

    /// Compares all but the first block, which alone depends on the IV.
    private mutating func tryRest(_ rest: [UInt8], _ message: KeyDoctorMessage, _ reading: KeyDoctorReading) {
        guard !message.isCut, let bare = KeyDoctorMessage.Padding.pkcs7.removed(from: rest) else { return }
        for variant in variants where variant.mistakes.isEmpty {
            guard variant.bytes.count == bare.count + 16, variant.bytes.suffix(bare.count) == bare[...] else {
                continue
            }
            let facts = KeyDoctorExplanation.CipherFacts(deeds: [
                "uses another IV, which is none of those tried"
            ])
            note(variant, message, facts, reading, 9)
            return
        }
    }

    private mutating func note(
        _ variant: KeyDoctorVariant,
        _ message: KeyDoctorMessage,
        _ facts: KeyDoctorExplanation.CipherFacts,
        _ reading: KeyDoctorReading,
        _ cost: Int
    ) {
        var facts = facts
        facts.deeds = [message.key.deed].compactMap(\.self) + facts.deeds
        let isCipher = if case .cipher = form { true } else { false }
        note(
            variant,
            .cipher(message.algorithm, facts),
            reading,
            cost + message.key.cost + (isCipher ? 0 : 5)
        )
    }

    private mutating func note(
        _ variant: KeyDoctorVariant,
        _ method: KeyDoctorExplanation.Method,
        _ reading: KeyDoctorReading,
        _ cost: Int
    ) {
        let explanation = KeyDoctorExplanation(variant, method, reading, methodCost: cost)
        if explanation.cost < best?.cost ?? .max { best = explanation }
    }

    private mutating func count(_ category: String, _ combinations: Int) {
        tried.append(KeyDiagnosis.Category(category: category, tried: combinations))
    }

    /// How a website may write a digest before it hashes it again.
    private static func writings(_ digest: [UInt8]) -> [([UInt8], String)] {
        let hex = HexText.string(digest)
        return [
            (digest, "as bytes"), (Array(hex.utf8), "in hex"),
            (Array(hex.uppercased().utf8), "in upper-case hex"),
            (Array(Data(digest).base64EncodedString().utf8), "in base64"),
        ]
    }
}
