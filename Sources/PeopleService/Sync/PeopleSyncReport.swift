// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Problems
import Terminal

/// What one pass of the People service's exchange did.
package struct PeopleSyncReport: Report, Sendable {
    /// A file that is not read now, and why.
    package struct Waiting: Encodable, Sendable, Hashable {
        let file: String
        let reason: String
    }

    /// An account that can't be used.
    package struct Unreachable: Encodable, Sendable, Hashable {
        let account: String
        let summary: String
        let advice: String

        init(_ account: String, _ problem: Problem) {
            self.account = account
            summary = problem.summary
            advice = problem.advice
        }
    }

    /// The receipts of all runs.
    package internal(set) var receipts: [Receipt] = []
    /// Sets that are not complete, and destinations that are held back.
    package internal(set) var waiting: [Waiting] = []
    /// Files whose bytes an earlier run has read under the same name.
    package internal(set) var recognised: [Waiting] = []
    /// Files that were meant for us and can't be used.
    package internal(set) var ignored: [Waiting] = []
    /// Accounts that could not be reached.
    package internal(set) var unreachable: [Unreachable] = []

    /// After what time something that waits may be different by itself.
    var lookAgainAfter: Duration?

    package init() {}

    mutating func merge(_ other: PeopleSyncReport) {
        receipts += other.receipts
        waiting += other.waiting
        recognised += other.recognised
        ignored += other.ignored
        unreachable += other.unreachable
        lookAgainAfter = [lookAgainAfter, other.lookAgainAfter].compactMap(\.self).min()
    }

    /// Whether a run failed or an account could not be reached.
    package var hasFailures: Bool { !unreachable.isEmpty || receipts.contains { $0.state == .failed } }

    /// Whether lines were rejected.
    package var hasRejects: Bool { receipts.contains { $0.state == .completedWithRejects } }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(receipts.map { ReceiptReport($0) }, forKey: .receipts)
        try container.encode(waiting, forKey: .waiting)
        try container.encode(recognised, forKey: .recognised)
        try container.encode(ignored, forKey: .ignored)
        try container.encode(unreachable, forKey: .unreachable)
    }

    private enum Key: CodingKey {
        case receipts, waiting, recognised, ignored, unreachable
    }

    package var text: String {
        var parts = receipts.map { ReceiptReport($0).text }
        parts += waiting.map { "waiting    \($0.file): \($0.reason)" }
        parts += recognised.map {
            "recognised \($0.file): \($0.reason); under another time in its name it would be read again"
        }
        parts += ignored.map { "ignored    \($0.file): \($0.reason)" }
        parts += unreachable.map { "account    \($0.account): \($0.summary)\n           \($0.advice)" }
        return parts.isEmpty ? "Nothing to do: no new files, nothing due." : parts.joined(separator: "\n")
    }
}
