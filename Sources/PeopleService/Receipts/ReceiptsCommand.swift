// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import GRDB
import Problems
import Storage
import Terminal

/// `tallystick people receipts`: what became of every line.
struct ReceiptsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipts",
        abstract: "List and show receipts, print rejected lines, and report by data source and day.",
        subcommands: [List.self, Show.self, Rejected.self, Status.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List receipts, newest first.")

        @OptionGroup var global: GlobalOptions
        @Option(help: "How many at most, 1 to 10,000.") var limit = 50
        @Option(help: "Only older ones than this receipt.") var before: String?

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10,000.") }
        }

        func run() async throws {
            let service = try PeopleService(global.directory)
            let receipts = try service.read { database in
                let before = try before.map { try ReceiptStore().find($0, in: database).number }
                return try ReceiptStore().list(limit: limit, before: before ?? .max, in: database)
            }
            var table = TextTable("ID", "KIND", "STATE", "LINES", "REJECTED", "STARTED", "FILE")
            for receipt in receipts {
                table.add(
                    receipt.id,
                    receipt.kind.rawValue,
                    receipt.state.rawValue,
                    receipt.received.grouped,
                    receipt.counts.rejects.grouped,
                    Date(timeIntervalSince1970: Double(receipt.started) / 1000).formatted(.iso8601),
                    receipt.files.first?.name ?? ""
                )
            }
            try global.show(
                ListReport("receipts", receipts.map { ReceiptReport($0) }, table: table, limit: limit)
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a receipt.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The receipt.") var id: String

        func run() async throws {
            let service = try PeopleService(global.directory)
            try global.show(ReceiptReport(service.read { try ReceiptStore().find(id, in: $0) }))
        }
    }

    struct Rejected: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print all rejected lines of a receipt with their places and reasons.",
            discussion: "They may hold personal data. With --raw only the lines, as the file had them."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The receipt.") var id: String
        @Flag(help: "Print the lines as the file had them, and nothing else.") var raw = false
        @Option(help: "How many at most; 0 for all.") var limit = 0

        func validate() throws {
            guard !raw || !global.wantsJSON else {
                throw ValidationError("--raw prints lines alone, and --json a report: give one of them.")
            }
        }

        func run() async throws {
            let list = try RejectedLineList(of: id, PeopleService(global.directory))
            let reader = list.reader
            guard let path = list.path else {
                try global.show(RejectedReport(receipt: id, lines: []))
                return
            }
            if raw {
                try reader.copy(path, isRaw: true, limit: limit)
            } else if global.wantsJSON {
                try global.show(RejectedReport(receipt: id, lines: reader.lines(path, limit: limit)))
            } else {
                try reader.print(path, limit: limit)
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report what was onboarded, by data source and day."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "How many days back, 1 to 400.") var days = OnboardingStatus.defaultDays

        func validate() throws {
            guard OnboardingStatus.dayRange.contains(days) else {
                throw ValidationError("--days takes 1 to 400.")
            }
        }

        func run() async throws {
            let service = try PeopleService(global.directory)
            let now = service.world.milliseconds
            try global.show(service.read { try OnboardingStatus(days: days, before: now, in: $0) })
        }
    }
}

private struct RejectedReport: Report {
    let receipt: String
    let lines: [RejectedLine]

    var text: String { "No lines of \(receipt) were rejected." }
}
