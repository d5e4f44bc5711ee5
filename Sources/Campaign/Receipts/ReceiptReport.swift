// SPDX-License-Identifier: Apache-2.0

import Storage
import Terminal

/// A receipt as commands show it; the JSON keys are a contract.
package struct ReceiptReport: Report {
    struct Problem: Encodable {
        let code: String
        let summary: String
        let advice: String
    }

    let id: String
    let direction: String
    let state: String
    let dataSource: String
    let retryOf: String?
    let sameAs: String?
    let files: [Receipt.File]
    let received: Int
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
    let segments: [Receipt.Segment]
    let added: Int?
    let removed: Int?
    let kept: Int?
    let stages: [Receipt.Stage]
    let started: String
    let seconds: Double
    let attempts: Int
    let usableAfterSeconds: Double?
    let rejectedFile: String?
    let problem: Problem?

    init(_ receipt: Receipt) {
        id = receipt.id.rawValue
        direction = receipt.direction.rawValue
        state = receipt.state.rawValue
        dataSource = receipt.dataSource.rawValue
        retryOf = receipt.retryOf?.rawValue
        sameAs = receipt.sameAs?.rawValue
        files = receipt.files
        received = receipt.received
        matched = receipt.counts[.matched]
        duplicate = receipt.counts[.duplicate]
        unknown = receipt.counts[.unknown]
        malformed = receipt.counts[.malformed]
        undecryptable = receipt.counts[.undecryptable]
        ambiguous = receipt.counts[.ambiguous]
        suppressed = receipt.counts[.suppressed]
        excess = receipt.counts[.excess]
        notRequested = receipt.counts[.notRequested]
        reasons = receipt.reasons
        segments = receipt.segments
        added = receipt.change?.added
        removed = receipt.change?.removed
        kept = receipt.change?.kept
        stages = receipt.stages
        started = Moment.text(receipt.started)
        seconds = receipt.seconds
        attempts = receipt.attempts
        usableAfterSeconds = receipt.usableAfter
        rejectedFile = receipt.rejectedFile
        problem = receipt.failure.map { Problem(code: $0.code, summary: $0.summary, advice: $0.advice) }
    }

    package var text: String {
        var lines = [
            "receipt \(id)  \(direction), \(state), data source \(dataSource), \(seconds.secondsText)"
        ]
        if let retryOf { lines.append("  again      the rejected lines of receipt \(retryOf)") }
        for file in files {
            lines.append("  file       \(file.name)  \(file.bytes.grouped) bytes")
            if let sha256 = file.sha256 { lines.append("             SHA-256 \(sha256)") }
        }
        if let sameAs { lines.append("  note       the same bytes as in receipt \(sameAs)") }
        if let problem {
            lines.append("  \(state == "failed" ? "problem" : "reason ")    \(problem.summary)")
            lines.append("             \(problem.advice) (\(problem.code))")
        }
        if isAccounted { lines += accountLines }
        for segment in segments {
            lines.append(
                "  segment    \(segment.segment) → \(segment.audience): \(segment.before.grouped) → \(segment.after.grouped) \(direction == "import" ? "members" : "IDs shared")"
            )
        }
        if let added, let removed, let kept {
            lines.append("  change     +\(added.grouped) −\(removed.grouped) =\(kept.grouped)")
        }
        if !stages.isEmpty {
            let text = stages.map { "\($0.stage) \($0.seconds.secondsText)" }.joined(separator: ", ")
            lines.append("  stages     \(text)")
        }
        if let usableAfterSeconds {
            lines.append(
                "  usable     \(usableAfterSeconds.secondsText) after the file was complete in its account"
            )
        }
        if attempts > 1 { lines.append("  attempts   \(attempts)") }
        return lines.joined(separator: "\n")
    }

    private var isAccounted: Bool { received > 0 || state == "completed" }

    private var accountLines: [String] {
        let states = [
            ("matched", matched), ("duplicate", duplicate), ("unknown", unknown), ("malformed", malformed),
            ("undecryptable", undecryptable), ("ambiguous", ambiguous), ("suppressed", suppressed),
            ("excess", excess), ("not requested", notRequested),
        ]
        let width = received.grouped.count
        func line(_ title: String, _ count: Int, _ note: String) -> String {
            let number = String(repeating: " ", count: max(0, width - count.grouped.count)) + count.grouped
            let name = title + String(repeating: " ", count: 13 - title.count)
            return "    \(name) \(number)\(note)"
        }
        var lines = ["  \(direction == "import" ? "lines" : "members")"]
        for (name, count) in states where count > 0 || name == "matched" {
            let notes = reasons.filter { $0.state == name && $0.reason != name }
                .map { "\($0.lines.grouped) \($0.reason)" }
            lines.append(line(name, count, notes.isEmpty ? "" : "  (\(notes.joined(separator: ", ")))"))
        }
        lines.append(line("received", received, ""))
        return lines
    }
}

/// Several receipts.
struct ReceiptsReport: Report {
    let receipts: [ReceiptReport]
    /// Whether there are more than were asked for.
    let more: Bool

    /// Makes a report of a list that was read with one receipt beyond its limit.
    init(_ receipts: [Receipt], limit: Int) {
        self.receipts = receipts.prefix(limit).map(ReceiptReport.init)
        more = receipts.count > limit
    }

    var text: String {
        var table = TextTable(
            "ID",
            "STARTED",
            "DIRECTION",
            "STATE",
            "DATA SOURCE",
            "RECEIVED",
            "MATCHED",
            "FILE"
        )
        for receipt in receipts {
            table.add(
                receipt.id,
                String(receipt.started.prefix(19)),
                receipt.direction,
                receipt.state,
                receipt.dataSource,
                receipt.received.grouped,
                receipt.matched.grouped,
                receipt.files.first?.name ?? ""
            )
        }
        let last = more ? receipts.last.map { "\n… and more (--before \($0.id))" } ?? "" : ""
        return table.text + last
    }
}
