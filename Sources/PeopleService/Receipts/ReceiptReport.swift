// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage
import Terminal

/// A receipt as commands show it.
struct ReceiptReport: Report {
    private let receipt: Receipt

    init(_ receipt: Receipt) {
        self.receipt = receipt
    }

    private enum Key: String, CodingKey {
        case id, kind, state, account, dataSource, traitDataSource, destination, files, received, counts
        case processed, reasons, notes, segments, stages, rejectedFile, jobStart, jobEnd, seconds, attempts
        case usableAfterSeconds, problem, onboarding, idSync, outbound
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(receipt.id, forKey: .id)
        try container.encode(receipt.kind, forKey: .kind)
        try container.encode(receipt.state, forKey: .state)
        try container.encode(receipt.account, forKey: .account)
        try container.encodeIfPresent(receipt.dataSource, forKey: .dataSource)
        try container.encodeIfPresent(receipt.traitDataSource, forKey: .traitDataSource)
        try container.encodeIfPresent(receipt.destination, forKey: .destination)
        try container.encode(receipt.files, forKey: .files)
        try container.encode(receipt.received, forKey: .received)
        let counts = LineState.allCases.map { ($0.rawValue, receipt.counts[$0]) }
        try container.encode(Dictionary(uniqueKeysWithValues: counts), forKey: .counts)
        try container.encodeIfPresent(receipt.onboarding?.processed, forKey: .processed)
        try container.encode(receipt.reasons, forKey: .reasons)
        try container.encode(receipt.notes ?? [], forKey: .notes)
        try container.encode(receipt.segments, forKey: .segments)
        try container.encode(receipt.stages, forKey: .stages)
        try container.encodeIfPresent(receipt.rejectedFile, forKey: .rejectedFile)
        try container.encode(Self.moment(receipt.started), forKey: .jobStart)
        try container.encode(Self.moment(receipt.ended), forKey: .jobEnd)
        try container.encode(receipt.seconds, forKey: .seconds)
        try container.encode(receipt.attempts, forKey: .attempts)
        try container.encodeIfPresent(receipt.usableAfter, forKey: .usableAfterSeconds)
        try container.encodeIfPresent(receipt.failure, forKey: .problem)
        try container.encodeIfPresent(receipt.onboarding, forKey: .onboarding)
        try container.encodeIfPresent(receipt.idSync, forKey: .idSync)
        try container.encodeIfPresent(receipt.outbound, forKey: .outbound)
    }

    var text: String {
        var lines = ["\(receipt.id)  \(receipt.kind.rawValue)  \(receipt.state.rawValue)  \(about)"]
        for file in receipt.files {
            lines.append("  file       \(file.name), \(file.bytes.grouped) bytes")
        }
        for (title, count) in rows where count > 0 {
            lines.append("  " + title.padding(toLength: 26, withPad: " ", startingAt: 0) + count.grouped)
        }
        for reason in receipt.reasons {
            lines.append("  \(reason.lines.grouped) \(reason.state): \(reason.reason)")
        }
        for note in receipt.notes ?? [] { lines.append("  note       \(note)") }
        for segment in receipt.segments {
            lines.append(
                "  segment    \(segment.segment): \(segment.before.grouped) → \(segment.after.grouped)"
                    + " (+\(segment.added.grouped) −\(segment.removed.grouped))"
            )
        }
        if receipt.attempts > 1 { lines.append("  attempts   \(receipt.attempts)") }
        lines.append("  took       \(receipt.seconds.secondsText)")
        if let usable = receipt.usableAfter {
            lines.append("  usable     \(usable.secondsText) after the file")
        }
        if let failure = receipt.failure {
            lines.append("  \(failure.summary)\n  \(failure.advice)\n  (\(failure.code))")
        }
        return lines.joined(separator: "\n")
    }

    private var about: String {
        if let destination = receipt.destination { return "destination \(destination)" }
        return receipt.dataSource.map { "data source \($0)" } ?? ""
    }

    /// The counts, by the names of Audience Manager's receipt mail.
    private var rows: [(String, Int)] {
        if let tally = receipt.onboarding {
            return [
                ("Records received", tally.received), ("Format errors", tally.formatErrors),
                ("Invalid IDs", tally.invalidIDs), ("No matching ID", tally.noMatchingID),
                ("No trait realized", tally.noTraitRealized), ("Over 200 lines a user", tally.excess),
                ("Opted out", tally.optedOut), ("Records processed", tally.processed),
                ("Stored records", tally.stored), ("New IDs", tally.newIDs),
                ("Total devices", tally.totalDevices), ("Total signals", tally.totalSignals),
                ("Total unused signals", tally.unusedSignals),
                ("Total realized traits", tally.realizedTraits),
                ("Total removed traits", tally.removedTraits),
                ("Traits failed validation", tally.traitsFailedValidation),
                ("Users with failed traits", tally.usersWithFailedTraits),
                ("Abandoned rules", tally.abandonedRules),
            ]
        }
        if let tally = receipt.idSync {
            return [
                ("Rows received", tally.received), ("Rows linked", tally.linked),
                ("Format errors", tally.formatErrors), ("Invalid IDs", tally.invalidIDs),
                ("No device known", tally.notSynced), ("Opted out", tally.optedOut),
                ("New IDs", tally.newIDs), ("Links of one device's IDs", tally.deviceLinks),
                ("Evicted links", tally.evictedLinks),
            ]
        }
        if let tally = receipt.outbound {
            return [
                ("Lines written", tally.lines), ("Memberships added", tally.added),
                ("Memberships removed", tally.removed), ("Lines not written", tally.unwritten),
                ("Lines without a place", tally.unsaid),
            ]
        }
        return []
    }

    private static func moment(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
