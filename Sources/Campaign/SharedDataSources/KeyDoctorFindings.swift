// SPDX-License-Identifier: Apache-2.0

import Matching

/// What can be said about a sample that nothing explains: which part is likely wrong, and what to try next.
struct KeyDoctorFindings {
    let rule: IDRule
    let hasKey: Bool

    /// What is likely wrong.
    ///
    /// - Parameters:
    ///   - plain: The value.
    ///   - sent: What the website sent.
    ///   - readings: How that may be read.
    /// - Returns: Sentences, the most telling first; they hold lengths and positions, never the sample.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto fails.
    func advice(plain: String, sent: String, readings: [KeyDoctorReading]) throws(MatchingError) -> [String] {
        var advice: [String] = []
        if sent.utf8.count == 38, sent.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            advice.append(
                "The website sent a visitor ID (38 digits) instead of a declared ID: pass the value under the data "
                    + "source's integration code."
            )
        } else if areSwapped(plain, sent) {
            advice.append(
                "The two lines seem to be swapped: the value comes first, what the website sent second."
            )
        }
        if case .cipher(let key) = rule.form {
            advice += try cipherAdvice(key, plain, readings)
        } else {
            advice += lengthAdvice(sent, readings)
        }
        advice.append(
            "Make sure that both lines belong to the same person, and that the value is the one that our profile "
                + "has; then repeat with a made-up value such as test@example.com."
        )
        return advice
    }

    private func areSwapped(_ plain: String, _ sent: String) -> Bool {
        let isAddress = AddressForm.email.accepts(sent) || AddressForm.mobilePhone.accepts(sent)
        let isCoded = KeyDoctorReading.all(of: plain).contains { !$0.isText && $0.bytes.count >= 16 }
        return isAddress && isCoded
    }

    /// What the length of a digest tells.
    private func lengthAdvice(_ sent: String, _ readings: [KeyDoctorReading]) -> [String] {
        let counts = readings.filter { !$0.isText && !$0.isCut }.map(\.bytes.count)
        let candidates = DigestAlgorithm.allCases.filter { counts.contains($0.byteCount) }
        var advice: [String] = []
        if case .digest(let algorithm) = rule.form, !counts.contains(algorithm.byteCount) {
            advice.append(
                "The data source is defined with \(algorithm.rawValue), \(algorithm.byteCount * 2) hex digits; what was "
                    + "sent has \(sent.utf8.count) characters and can't be one."
            )
        }
        if !candidates.isEmpty {
            let names = candidates.map { "\($0.rawValue)" }.joined(separator: " or ")
            advice.append(
                "What was sent is as long as a digest of \(names): another value was hashed, or a salt or secret was "
                    + "added to it. IDs with a salt or secret (HMAC) can't be reconciled; hash the value alone."
            )
        }
        if !hasKey, counts.contains(where: { $0 > 0 && $0 % CipherAlgorithm.blockByteCount == 0 }) {
            advice.append(
                "It may also be encrypted: its length is whole blocks of 16 bytes. Give the website's key and IV with "
                    + "--key-file and --iv-file to find out."
            )
        }
        return advice
    }

    /// Whether key, IV, padding or encoding is likely wrong.
    private func cipherAdvice(
        _ key: CipherKey,
        _ plain: String,
        _ readings: [KeyDoctorReading]
    ) throws(MatchingError) -> [String] {
        let coded = readings.filter { !$0.isText }
        guard !coded.isEmpty else {
            return [
                "What was sent is neither hex nor base64: the encoding is likely wrong. "
                    + "Write the ciphertext in lower-case hex on the website."
            ]
        }
        guard
            let reading = coded.first(where: { $0.bytes.count >= 16 && $0.bytes.count % 16 == 0 && !$0.isCut }
            )
        else {
            let counts = Set(coded.map(\.bytes.count)).sorted().map(String.init).joined(separator: " or ")
            return [
                "What was sent stands for \(counts) bytes, which is not a multiple of 16: the ciphertext was cut, or "
                    + "its encoding is another than hex or base64."
            ]
        }
        return [try verdict(key, plain, reading)]
    }

    private func verdict(
        _ key: CipherKey,
        _ plain: String,
        _ reading: KeyDoctorReading
    ) throws(MatchingError) -> String {
        let secret = KeyDoctorSecrets.Secret(bytes: key.key, deed: nil, cost: 0)
        let message = try KeyDoctorMessage(reading.bytes, key: secret)
        let text = message.text(vector: key.vector)
        let bare = KeyDoctorMessage.Padding.pkcs7.removed(from: text)
        if let bare, KeyDoctorMessage.isText(bare) {
            let normalized = rule.normalization.normalized(plain)
            return
                "Key, IV and padding are right: it decrypts to a proper text of \(bare.count) bytes. But the value has "
                + "\(normalized.utf8.count) bytes and is another one: the sample belongs to another person, or the website "
                + "encrypts another field."
        }
        let rest = Array(text.dropFirst(16))
        if !rest.isEmpty, KeyDoctorMessage.isText(KeyDoctorMessage.Padding.pkcs7.removed(from: rest) ?? []) {
            return
                "All but the first 16 bytes decrypt to a proper text: the key is right, and the IV is likely wrong. "
                + "Use the data source's IV on the website."
        }
        if KeyDoctorMessage.isText(text) {
            return "It decrypts to a proper text whose padding is wrong: key and IV are right. "
                + "Switch PKCS#7 padding on at the website, and look whether the end is missing."
        }
        if rest.isEmpty {
            return "It doesn't decrypt, and one block of 16 bytes can't tell a wrong key from a wrong IV. "
                + "Try a value of 16 characters or more: then the second block shows whether the key is right."
        }
        return "Nothing of it decrypts to a proper text: the key is likely wrong. "
            + "Compare its length and its first digits with the website's, or give the website's with --key-file."
    }
}
