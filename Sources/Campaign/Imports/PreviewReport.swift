// SPDX-License-Identifier: Apache-2.0

import Matching
import Storage
import Terminal

/// What importing a file would come to.
struct PreviewReport: Report {
    /// Another normalization, under which more lines would match.
    struct Alternative: Encodable {
        /// As `--normalize` takes it; `none` for no step at all.
        let normalize: String
        /// How many lines would match in all: those that match now, and the unknown IDs that would be found.
        let wouldMatch: Int
        /// How many of the unknown IDs would be found.
        let more: Int

        init(_ normalization: Normalization, matched: Int, more: Int) {
            normalize = normalization.steps.isEmpty ? "none" : normalization.description
            wouldMatch = matched + more
            self.more = more
        }
    }

    let file: String
    let audienceType: String
    let received: Int
    let members: Int
    let matched: Int
    let duplicate: Int
    let unknown: Int
    let malformed: Int
    let undecryptable: Int
    let ambiguous: Int
    let suppressed: Int
    let excess: Int
    let notRequested: Int
    let reasons: [Receipt.Reason]
    /// Other normalizations that would match more lines.
    let alternatives: [Alternative]
    let note: String?

    init(
        file: String,
        audienceType: String,
        received: Int,
        members: Int,
        _ counts: LineCounts,
        _ reasons: [Receipt.Reason],
        alternatives: [Alternative],
        note: String?
    ) {
        self.file = file
        self.audienceType = audienceType
        self.received = received
        self.members = members
        matched = counts[.matched]
        duplicate = counts[.duplicate]
        unknown = counts[.unknown]
        malformed = counts[.malformed]
        undecryptable = counts[.undecryptable]
        ambiguous = counts[.ambiguous]
        suppressed = counts[.suppressed]
        excess = counts[.excess]
        notRequested = counts[.notRequested]
        self.reasons = reasons
        self.alternatives = alternatives
        self.note = note
    }

    var text: String {
        var lines = ["preview of \(file): \(members.grouped) members (\(audienceType)), nothing was stored"]
        if let note { lines.append("  note           \(note)") }
        let states = [
            ("matched", matched), ("duplicate", duplicate), ("unknown", unknown), ("malformed", malformed),
            ("undecryptable", undecryptable), ("ambiguous", ambiguous), ("suppressed", suppressed),
            ("excess", excess), ("not requested", notRequested),
        ]
        for (name, count) in states where count > 0 {
            let padding = String(repeating: " ", count: 14 - name.count)
            lines.append("  \(name)\(padding) \(count.grouped)")
            for reason in reasons where reason.state == name && reason.reason != name {
                let hint = LineReason(code: reason.reason)?.hint ?? ""
                lines.append("    \(reason.lines.grouped) \(reason.reason): \(hint)")
            }
        }
        lines.append("  received       \(received.grouped)")
        for alternative in alternatives {
            lines.append(
                "  normalization \(alternative.normalize) would match \(alternative.wouldMatch.grouped) \(alternative.wouldMatch == 1 ? "line" : "lines") in all, \(alternative.more.grouped) more"
            )
        }
        return lines.joined(separator: "\n")
    }
}
