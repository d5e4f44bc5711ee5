// SPDX-License-Identifier: Apache-2.0

import Storage
import Terminal

/// What importing a file would come to.
struct PreviewReport: Report {
    struct Alternative: Encodable {
        let normalize: String
        let wouldMatch: Int
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
    /// Other normalizations that would have matched some of the unknown IDs.
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
            let name =
                alternative.normalize.isEmpty ? "no normalization" : "--normalize \(alternative.normalize)"
            lines.append("  \(name) would match \(alternative.wouldMatch.grouped) of the unknown IDs")
        }
        return lines.joined(separator: "\n")
    }
}
