// SPDX-License-Identifier: Apache-2.0

import Matching

/// Finds out how a website made an ID of a value, and how that differs from the definition of a data source.
///
/// It tries every normalization, the usual mistakes with values, every digest, digests of digests, AES with the keys
/// and IVs that are known and the usual mistakes with them, and every usual way to write bytes as text.
/// It neither reads nor writes anything, and no result holds the value, what was sent, a key or an IV.
struct KeyDoctor: Sendable {
    /// How the IDs of the data source stand for values.
    let rule: IDRule

    private let secrets: KeyDoctorSecrets

    /// Makes a doctor for a data source.
    ///
    /// - Parameters:
    ///   - rule: How its IDs stand for values; not that of visitor IDs, which stand for no value.
    ///   - givenKey: The text of a key that the website may use, as its people have it: hexadecimal, base64 or text.
    ///   - givenIV: The text of an IV that the website may use, likewise.
    init(rule: IDRule, givenKey: String? = nil, givenIV: String? = nil) {
        precondition(rule.form != .visitorID, "visitor IDs stand for no value")
        self.rule = rule
        var defined: CipherKey?
        if case .cipher(let key) = rule.form { defined = key }
        secrets = KeyDoctorSecrets(defined: defined, givenKey: givenKey, givenIV: givenIV)
    }

    /// Explains a sample.
    ///
    /// - Parameters:
    ///   - plain: A value as our profiles have it.
    ///   - sent: What the website sent as the ID of the person with that value.
    /// - Returns: The verdict, the least unlikely explanation, and what to change.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto fails.
    func diagnose(plain: String, sent: String) throws(MatchingError) -> KeyDiagnosis {
        let readings = KeyDoctorReading.all(of: sent)
        var search = KeyDoctorSearch(
            KeyDoctorVariant.all(of: plain, definition: rule.normalization),
            readings,
            form: rule.form
        )
        search.tryPlain()
        try search.tryDigests()
        try search.tryDigestsOfDigests()
        try search.tryCiphers(secrets)
        guard let best = search.best else {
            let advice = try KeyDoctorFindings(rule: rule, hasKey: !secrets.keys.isEmpty)
                .advice(plain: plain, sent: sent, readings: readings)
            return KeyDiagnosis(verdict: .unexplained, found: nil, advice: advice, categories: search.tried)
        }
        return diagnosis(best, plain: plain, sent: sent, tried: search.tried)
    }

    private func diagnosis(
        _ best: KeyDoctorExplanation,
        plain: String,
        sent: String,
        tried: [KeyDiagnosis.Category]
    ) -> KeyDiagnosis {
        let comparison = KeyDoctorComparison(rule: rule, plain: plain, sent: sent, explanation: best)
        let deviations = comparison.deviations
        let steps = best.variant.normalization.description
        let found = KeyDiagnosis.Found(
            normalization: steps.isEmpty ? "none" : steps,
            algorithm: best.algorithmName,
            encoding: best.reading.encoding,
            deviation: deviations.map(\.headline).joined(separator: "; ")
        )
        return KeyDiagnosis(
            verdict: deviations.isEmpty ? .agrees : .explained,
            found: found,
            advice: deviations.map(\.advice) + comparison.remarks,
            categories: tried
        )
    }
}
