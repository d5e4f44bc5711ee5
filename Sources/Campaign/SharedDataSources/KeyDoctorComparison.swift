// SPDX-License-Identifier: Apache-2.0

import Matching

/// The differences between what a website does and the definition of a data source, and what to do about them.
struct KeyDoctorComparison {
    /// One difference.
    struct Deviation {
        /// What the website does otherwise.
        let headline: String
        /// The same, and what to change on which side.
        let advice: String
    }

    let rule: IDRule
    let plain: String
    let sent: String
    let explanation: KeyDoctorExplanation

    /// All differences; none if imports reconcile the website's IDs by the definition.
    var deviations: [Deviation] {
        [normalizationDeviation].compactMap(\.self) + mistakeDeviations + methodDeviations + readingDeviations
            + [addressDeviation].compactMap(\.self)
    }

    // What the data source makes of the value.
    private var normalized: String { rule.normalization.normalized(plain) }

    private var normalizationDeviation: Deviation? {
        let theirs = explanation.variant.normalization
        let ours = rule.normalization
        guard theirs != ours else { return nil }
        let verb = explanation.verb
        let missing = ours.steps.filter { !theirs.steps.contains($0) }
        let extra = theirs.steps.filter { !ours.steps.contains($0) }
        var headlines: [String] = []
        var sentences: [String] = []
        if !missing.isEmpty {
            let headline = "the website \(verb.present) before \(Self.list(missing.map(\.gerund)))"
            headlines.append(headline)
            sentences.append(
                "\(headline.sentence): \(Self.list(missing.map(\.base))) before \(verb.gerund) on the website, "
                    + "or define the data source without \(Self.list(missing.map { "`\($0.rawValue)`" }))."
            )
        }
        if !extra.isEmpty {
            let deeds = Self.list(extra.map(\.present))
            headlines.append("the website \(deeds) before \(verb.gerund)")
            sentences.append(
                "The website \(deeds) before \(verb.gerund), which the data source doesn't: define the data source "
                    + "with `--normalize \(theirs)`, or \(verb.base) the value on the website as it is."
            )
        }
        if headlines.isEmpty {
            headlines.append("the website normalizes in another order")
            sentences.append(
                "The website normalizes in another order: define the data source with `--normalize \(theirs)`, "
                    + "or use the order `\(ours)` on the website."
            )
        }
        return Deviation(
            headline: headlines.joined(separator: "; "),
            advice: sentences.joined(separator: " ")
        )
    }

    private var mistakeDeviations: [Deviation] {
        explanation.variant.mistakes.map {
            Deviation(headline: "the website \($0.deed)", advice: "The website \($0.deed): \($0.remedy).")
        }
    }

    private var addressDeviation: Deviation? {
        guard case .cipher = rule.form, !rule.addressForm.accepts(normalized) else { return nil }
        let kind = rule.addressForm == .email ? "an email address" : "a phone number in E.164 form"
        return Deviation(
            headline: "the value is not \(kind)",
            advice:
                "The value is not \(kind), so imports refuse its ID as undecryptable: define the data source with "
                + "`--channel other`, or correct the value."
        )
    }

    private var readingDeviations: [Deviation] {
        let reading = explanation.reading
        var deviations = reading.wrappings.map {
            Deviation(headline: "there is \($0)", advice: "There is \($0): take it off on the website.")
        }
        if deviations.isEmpty, !isReadable {
            let expected = explanation.isPlain ? "as it is" : "in lower-case hex"
            deviations.append(
                Deviation(
                    headline: "the website writes the ID in \(reading.encoding)",
                    advice: "The website writes the ID in \(reading.encoding), which imports don't read: "
                        + "write it \(expected) on the website."
                )
            )
        }
        return deviations
    }

    /// Whether imports read the text that was sent as the bytes of the explanation.
    private var isReadable: Bool {
        let reading = explanation.reading
        switch explanation.method {
        case .plain:
            return reading.isText && (try? IDRule(.plain).canonical(of: sent)) != nil
        case .digest(_, isCut: true): return true
        case .digest, .digestOfDigest:
            return TextEncoding.decode(sent, expectedByteCount: reading.bytes.count) == reading.bytes
        case .cipher(_, let facts):
            return facts.isCut || TextEncoding.decodeBlocks(sent) == reading.bytes
        }
    }

    /// What else is worth knowing: what this sample can't show, and what concerns exports only.
    var remarks: [String] {
        var remarks: [String] = []
        let isOnlyNormalization =
            explanation.variant.mistakes.isEmpty && methodDeviations.isEmpty && readingDeviations.isEmpty
        if isOnlyNormalization, normalizationDeviation != nil, isNormalizedOnOurSide {
            remarks.append(
                "Imports reconcile these IDs all the same, since we normalize them once they can be read; "
                    + "but exports would write other IDs than the website, which the other side can't join."
            )
        }
        if readingDeviations.isEmpty, !explanation.isPlain, explanation.reading.encoding != "hex" {
            remarks.append(
                "Imports read \(explanation.reading.encoding); exports write lower-case hex, and the other side compares "
                    + "IDs as they are written: if audiences are shared through this data source, write lower-case hex on the website too."
            )
        }
        guard deviations.isEmpty else { return remarks }
        return remarks
            + rule.normalization.steps.filter { !shows($0) }.map {
                "This sample can't show whether the website \($0.present): try a value \($0.trial)."
            }
    }

    /// Whether plain or decrypted IDs become our value when they are normalized on our side.
    private var isNormalizedOnOurSide: Bool {
        if case .digest = rule.form { return false }
        let theirs = String(decoding: explanation.variant.bytes, as: UTF8.self)
        return rule.normalization.normalized(theirs).utf8.elementsEqual(normalized.utf8)
    }

    /// Whether leaving the step out would give another result for this value.
    private func shows(_ step: Normalizer) -> Bool {
        guard let others = try? Normalization(rule.normalization.steps.filter { $0 != step }) else {
            return true
        }
        return !others.normalized(plain).utf8.elementsEqual(normalized.utf8)
    }

    /// Words joined as a sentence joins them.
    static func list(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }
}

extension KeyDoctorExplanation {
    /// Whether the value was sent in the clear.
    var isPlain: Bool { if case .plain = method { true } else { false } }
}

extension Normalizer {
    fileprivate var gerund: String {
        switch self {
        case .trim: "trimming"
        case .lower: "lower-casing"
        case .e164: "writing the number in E.164 form"
        }
    }

    fileprivate var base: String {
        switch self {
        case .trim: "trim"
        case .lower: "lower-case"
        case .e164: "write the number in E.164 form"
        }
    }

    fileprivate var present: String {
        switch self {
        case .trim: "trims"
        case .lower: "lower-cases"
        case .e164: "writes the number in E.164 form"
        }
    }

    /// The kind of value that shows whether the step is done.
    fileprivate var trial: String {
        switch self {
        case .trim: "with a space at either end"
        case .lower: "with capital letters"
        case .e164: "with spaces or hyphens between the digits"
        }
    }
}

extension String {
    /// The text with a capital letter at its beginning.
    var sentence: String { prefix(1).uppercased() + dropFirst() }
}
