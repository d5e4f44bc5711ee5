// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Terminal

/// A receipt of the hub as its API tells of it.
struct HubReceipt: Codable, Sendable, Equatable {
    /// A file that it read or wrote.
    struct File: Codable, Sendable, Equatable {
        let name: String
        let bytes: Int
    }

    /// What the run changed in a segment.
    struct Segment: Codable, Sendable, Equatable {
        let segment: Int64
        /// IDs in it before and after.
        let before: Int
        let after: Int
    }

    /// Why the run failed.
    struct Failure: Codable, Sendable, Equatable {
        let code: String
        let summary: String
        let advice: String
    }

    let id: String
    /// `onboarding`, `id-sync` or `outbound`.
    let kind: String
    /// How far the run is, by the names that all receipts share.
    let state: String
    let files: [File]
    /// Lines that came in or went out.
    let received: Int
    /// The lines by the states that all receipts share.
    let counts: [String: Int]
    let segments: [Segment]
    /// When the run began, in milliseconds since 1970.
    let startTime: Int64
    let seconds: Double
    let problem: Failure?
}

/// The hub's receipts.
struct HubReceiptsReport: Report {
    let receipts: [HubReceipt]
    let total: Int

    var text: String {
        var table = TextTable("ID", "KIND", "STATE", "LINES", "MATCHED", "STARTED", "FILE")
        for receipt in receipts {
            table.add(
                Self.line(receipt.id),
                Self.line(receipt.kind),
                Self.line(receipt.state),
                receipt.received.grouped,
                (receipt.counts["matched"] ?? 0).grouped,
                Date(timeIntervalSince1970: Double(receipt.startTime / 1000)).formatted(.iso8601),
                Self.line(receipt.files.first?.name ?? "")
            )
        }
        return table.text + (receipts.count < total ? "\n… \(receipts.count) of \(total)" : "")
    }

    /// A text of the hub's as a terminal can show it.
    private static func line(_ text: String) -> String {
        String(text.map { String($0).isOneLine ? $0 : " " })
    }
}
