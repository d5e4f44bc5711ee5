// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Problems
import Terminal

/// What one pass of the exchange did.
package struct SyncReport: Report {
    package private(set) var receipts: [ReceiptReport] = []
    var waiting: [WaitingSet] = []
    var recognised: [WaitingSet] = []
    var ignored: [IgnoredFile] = []
    var unreadable: [UnreadableFile] = []
    var unreachable: [UnreachableAccount] = []

    package init() {}

    mutating func add(_ receipts: [Receipt]) {
        self.receipts += receipts.map(ReceiptReport.init)
    }

    /// Takes over what another account's part of the pass did.
    mutating func merge(_ other: SyncReport) {
        receipts += other.receipts
        waiting += other.waiting
        recognised += other.recognised
        ignored += other.ignored
        unreachable += other.unreachable
        unreadable += other.unreadable
    }

    /// Whether a run failed, an account could not be reached or an audience file can't be read.
    package var hasFailures: Bool {
        !unreachable.isEmpty || !unreadable.isEmpty || receipts.contains { $0.state == "failed" }
    }

    /// Whether lines were rejected.
    package var hasRejects: Bool { receipts.contains { $0.state == "completed with rejects" } }

    /// Whether there is nothing to tell.
    package var isQuiet: Bool { receipts.isEmpty && unreachable.isEmpty && unreadable.isEmpty }

    package var text: String {
        var parts = receipts.map(\.text)
        parts += waiting.map { "waiting    \($0.file): \($0.reason)" }
        parts += recognised.map { "known      \($0.file): \($0.reason)" }
        parts += ignored.map { "ignored    \($0.file): \($0.reason)" }
        parts += unreadable.map { "unreadable \($0.file): \($0.summary)\n           \($0.advice)" }
        parts += unreachable.map { "account    \($0.account): \($0.cause)\n           \($0.advice)" }
        return parts.isEmpty ? "Nothing to do: no new files, nothing due." : parts.joined(separator: "\n")
    }
}

/// A set of files that is not read now, and why.
struct WaitingSet: Encodable, Sendable {
    let file: String
    let reason: String
}

/// An account that could not be listed.
struct UnreachableAccount: Encodable, Sendable {
    let account: String
    let summary: String
    let advice: String
    /// The summary without the account's name.
    let cause: String

    private enum CodingKeys: CodingKey {
        case account, summary, advice
    }

    init(account: String, problem: Problem) {
        self.account = account
        summary = problem.summary
        cause = problem.summary(beside: account)
        advice = problem.advice
    }
}
