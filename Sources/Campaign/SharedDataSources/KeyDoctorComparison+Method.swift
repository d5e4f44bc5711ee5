// SPDX-License-Identifier: Apache-2.0

import Matching

extension KeyDoctorComparison {
    /// The differences in algorithm, key, IV, padding and mode.
    var methodDeviations: [Deviation] {
        switch (explanation.method, rule.form) {
        case (.plain, .plain), (.plain, .visitorID):
            return []
        case (.plain, _):
            return [
                Deviation(
                    headline: "the website sends the value in the clear",
                    advice:
                        "The website sends the value in the clear: \(ourDeed) on the website, or define the data "
                        + "source without `\(isCipherDefined ? "--cipher" : "--hash")`. A value in the clear is "
                        + "personal data for everybody who sees the ID."
                )
            ]
        case (.digest(let theirs, let isCut), let form):
            return
                (form == .digest(theirs)
                ? [] : [another("hashes with \(theirs.rawValue)", "--hash \(theirs.rawValue)")])
                + (isCut ? [cutDigest(theirs)] : [])
        case (.digestOfDigest(let outer, let inner, let form), _):
            return [digestOfDigest(outer, inner, form)]
        case (.cipher(let theirs, let facts), .cipher(let ours)):
            return cipherDeviations(theirs, facts, defined: ours.algorithm)
        case (.cipher(let theirs, let facts), _):
            return [another("encrypts with \(theirs.rawValue)", "--cipher \(theirs.rawValue)")]
                + cipherDeviations(theirs, facts, defined: theirs)
        }
    }

    private var isCipherDefined: Bool { if case .cipher = rule.form { true } else { false } }

    /// What the definition does with a value, as a request.
    private var ourDeed: String {
        switch rule.form {
        case .plain, .visitorID: "send the value in the clear"
        case .digest(let algorithm): "hash it with \(algorithm.rawValue)"
        case .cipher(let key): "encrypt it with \(key.algorithm.rawValue)"
        }
    }

    private func another(_ deed: String, _ option: String) -> Deviation {
        let defined =
            switch rule.form {
            case .plain, .visitorID: "plain IDs"
            case .digest(let algorithm): algorithm.rawValue
            case .cipher(let key): key.algorithm.rawValue
            }
        return Deviation(
            headline: "the website \(deed)",
            advice:
                "The website \(deed), the data source is defined with \(defined): \(ourDeed) on the website, "
                + "or define the data source with `\(option)`."
        )
    }

    private func cutDigest(_ algorithm: DigestAlgorithm) -> Deviation {
        let sentCount = explanation.reading.bytes.count
        let headline = "only the first \(sentCount) of \(algorithm.byteCount) bytes of the digest arrived"
        return Deviation(
            headline: headline,
            advice:
                "\(headline.sentence): send all \(algorithm.byteCount * 2) hex digits, and look for a column or "
                + "variable on the way that is too short."
        )
    }

    private func digestOfDigest(_ outer: DigestAlgorithm, _ inner: DigestAlgorithm, _ form: String)
        -> Deviation
    {
        let headline = "the website hashes twice: \(inner.rawValue), written \(form), then \(outer.rawValue)"
        return Deviation(
            headline: headline,
            advice:
                "\(headline.sentence). \(ourDeed.sentence) once on the website; often the page hashes, and then the "
                + "tag manager or the ID script hashes again."
        )
    }

    private func cipherDeviations(
        _ theirs: CipherAlgorithm,
        _ facts: KeyDoctorExplanation.CipherFacts,
        defined: CipherAlgorithm
    ) -> [Deviation] {
        var deviations = facts.deeds.map {
            Deviation(headline: "the website \($0)", advice: "The website \($0): \(Self.remedy(for: $0)).")
        }
        if theirs != defined {
            deviations.insert(
                another("encrypts with \(theirs.rawValue)", "--cipher \(theirs.rawValue)"),
                at: 0
            )
        }
        if facts.isCut {
            let headline = "the end of the ciphertext is missing"
            deviations.append(
                Deviation(
                    headline: headline,
                    advice:
                        "\(headline.sentence): send all of it, a multiple of 32 hex digits, and look for a column "
                        + "or variable on the way that is too short."
                )
            )
        }
        return deviations
    }

    /// What to change when a website does something else with key, IV, padding or mode.
    private static func remedy(for deed: String) -> String {
        if deed.contains("--key-file") || deed.contains("--iv-file") {
            return deed.hasPrefix("uses the key of") || deed.hasPrefix("uses the IV of")
                ? "use the data source's on the website, or define the data source with this one"
                : "decode it from hex on the website, and define the data source with the same key and IV"
        }
        if deed.contains("hex digits") {
            return "decode the hex digits to bytes on the website before using them"
        }
        if deed.contains("swaps") { return "pass the key as key and the IV as IV on the website" }
        if deed.contains("fills the last block") {
            return "switch PKCS#7 padding on there (often called PKCS5)"
        }
        if deed.contains("ECB") { return "switch to CBC mode with the data source's IV on the website" }
        if deed.contains("IV") {
            return
                "use the data source's IV on the website, the same for every value, and send the ciphertext only"
        }
        return "use the data source's key on the website as it is"
    }
}
