// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
import Storage
import Terminal

/// `tallystick receipts`: what every run did with every line.
package struct ReceiptsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "receipts",
        abstract: "Show what every run did with every line.",
        subcommands: [List.self, Show.self, Rejected.self, Retry.self, Retention.self]
    )

    package init() {}
}

extension ReceiptsCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the receipts, newest first.")

        @OptionGroup var global: GlobalOptions
        @Option(help: "How many at most, 1 to 10,000.") var limit = 100
        @Option(help: "Only receipts older than this one.") var before: String?

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10,000.") }
        }

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let receipts = try campaign.read { database in
                try ReceiptStore().list(limit: limit + 1, before: before.map { Receipt.ID($0) }, in: database)
            }
            try global.show(ReceiptsReport(receipts, limit: limit))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a receipt.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The receipt.") var id: String

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let receipt = try campaign.read { try ReceiptStore().find(Receipt.ID(id), in: $0) }
            try global.show(ReceiptReport(receipt))
        }
    }

    struct Rejected: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the rejected lines of an import, or the unmapped members of an export.",
            discussion: """
                They are personal data. The lines of an import are printed as file, line, state, reason, hint and \
                the original bytes, separated by tabs; --raw prints the original bytes alone.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The receipt.") var id: String
        @Option(help: "How many lines at most; 0 for all.") var limit = 0
        @Flag(help: "Print the lines as they came and nothing else.") var raw = false

        func validate() throws {
            guard limit >= 0 else { throw ValidationError("--limit takes a whole number from 0 on.") }
        }

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let (receipt, newer) = try campaign.read { database in
                let store = ReceiptStore()
                return (
                    try store.find(Receipt.ID(id), in: database),
                    try store.retry(of: Receipt.ID(id), in: database)
                )
            }
            guard let name = receipt.rejectedFile else {
                try global.show(RejectedReport(receipt: id, lines: []))
                return
            }
            let path = "\(campaign.directory.rejected)/\(name)"
            guard FileManager.default.fileExists(atPath: path) else {
                if let newer { throw Problem.linesTakenOver(from: receipt.id, by: newer) }
                throw Problem(.rejectedGone, "The rejected lines of \(id) are no longer kept.")
            }
            if receipt.direction == .export, global.wantsJSON {
                try global.show(UnmappedReport(receipt: id, members: UnmappedList.read(path, limit: limit)))
                return
            }
            let reader = RejectedLinesReader.ofImports
            if receipt.direction == .export || raw {
                try reader.copy(path, isRaw: raw && receipt.direction == .import, limit: limit)
                return
            }
            if global.wantsJSON {
                try global.show(
                    RejectedReport(receipt: id, lines: reader.lines(path, limit: limit))
                )
                return
            }
            try reader.print(path, limit: limit)
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import only the rejected lines of a receipt again, after a fix.",
            discussion:
                "Members are added as the lines say; the new receipt accounts for the lines that were rejected."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The receipt of an import.") var id: String

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let failed = try campaign.read { try ReceiptStore().find(Receipt.ID(id), in: $0) }
            if failed.direction == .import, failed.state == .failed {
                return try await readAgain(failed, campaign)
            }
            let receipt = try await ImportRetry(campaign).run(Receipt.ID(id))
            try global.show(ReceiptReport(receipt))
            if receipt.state == .failed { throw CommandExit.failed }
            if receipt.state == .completedWithRejects { throw CommandExit.doneWithRejects }
        }

        /// A failed import has published nothing, so its files are read again as a whole.
        private func readAgain(_ receipt: Receipt, _ campaign: Campaign) async throws {
            guard try ImportRetry(campaign).reopen(receipt.id) > 0 else {
                throw Problem(
                    .retryRefused,
                    "The files of receipt \(receipt.id) are gone or came in with another one."
                )
            }
            let report = try await SyncRun(campaign).pass()
            try global.show(report)
            if report.hasFailures { throw CommandExit.failed }
            if report.hasRejects { throw CommandExit.doneWithRejects }
        }
    }

    struct Retention: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show or set how many days rejected lines are kept; they hold personal data."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Days, 0 to 3,650.") var days: Int?

        func validate() throws {
            guard days.map({ (0...3_650).contains($0) }) ?? true else {
                throw ValidationError("Rejected lines are kept for 0 to 3,650 days.")
            }
        }

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let kept = try campaign.write { database in
                if let days { try Leftovers.setRetentionDays(days, in: database) }
                return try Leftovers.retentionDays(in: database)
            }
            try global.show(RetentionReport(rejectedLinesDays: kept))
        }
    }
}

private struct RetentionReport: Report {
    let rejectedLinesDays: Int

    var text: String { "rejected lines are kept for \(rejectedLinesDays) days" }
}

private struct UnmappedReport: Report {
    let receipt: String
    let members: [UnmappedList.Member]

    var text: String { "\(members.count) members without an ID" }
}

private struct RejectedReport: Report {
    let receipt: String
    let lines: [RejectedLine]

    var text: String { "receipt \(receipt) has no rejected lines" }
}

extension Problem {
    /// A retry has taken over the lines, and accounts for them.
    static func linesTakenOver(from id: Receipt.ID, by newer: Receipt.ID) -> Problem {
        Problem(
            .rejectedGone,
            "The rejected lines of \(id) were taken over by receipt \(newer), which imported them again.",
            advice:
                "Run `tallystick receipts rejected \(newer)` for those that are rejected still; `tallystick receipts show \(newer)` accounts for all."
        )
    }
}

extension ProblemKind {
    package static let retryRefused = ProblemKind(
        "receipts.retry-refused",
        status: 409,
        meaning: "The rejected lines of a receipt can't be imported again.",
        advice:
            "Only the newest receipt of a file can be retried, once, and only while no newer full file has replaced it."
    )
}
