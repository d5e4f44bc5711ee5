// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import GRDB
import Problems
import Storage
import Terminal

/// `tallystick people destinations`: where segments are sent.
struct DestinationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destinations",
        abstract: "Define and change destinations, map segments to them and have them told.",
        subcommands: [
            CreateDestination.self, EditDestination.self, MapSegment.self, Unmap.self, Tell.self, Pause.self,
            Resume.self,
            List.self, Show.self, Delete.self,
        ]
    )

    struct Unmap: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End the mapping of a segment: its members leave with the next file."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The destination's number.") var destination: Int
        @Argument(help: "The segment's number.") var segment: Int
        @Flag(help: "Forget the mapping without a word to the receiver, which keeps the members.")
        var silently = false

        func run() async throws {
            let service = try PeopleService(global.directory)
            try Destinations(service).unmap(segment, from: destination, isSilent: silently)
            try global.show(DestinationReport.load(destination, service))
        }
    }

    struct Tell: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a full file for a destination now, whether anything changed or not.",
            discussion: """
                While a server or `sync --watch` is at work on the data directory, it is asked to, and does it within a \
                second. A paused or empty destination, or one that is held back, is refused with the reason.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The destination's number.") var destination: Int

        func run() async throws {
            let service = try PeopleService(global.directory)
            let sync: PeopleSync
            do {
                sync = try PeopleSync(service)
            } catch let problem as Problem where problem.kind == .dataBusy {
                try Destinations(service).ask(destination)
                return try global.show(AskedReport(asked: destination))
            }
            let report = try await sync.tell(destination)
            try global.show(report)
            if report.hasFailures || report.receipts.contains(where: { $0.state == .waiting }) {
                throw CommandExit.failed
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write nothing for a destination.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The destination's number.") var destination: Int

        func run() async throws {
            try DestinationReport.setPaused(true, destination, global)
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a paused destination go on.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The destination's number.") var destination: Int

        func run() async throws {
            try DestinationReport.setPaused(false, destination, global)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the destinations.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var page: PageOptions

        func run() async throws {
            let service = try PeopleService(global.directory)
            let reports = try service.read { database in
                try DestinationStore().list(limit: page.limit, after: page.after, in: database)
                    .map { try DestinationReport($0, on: service.today, in: database) }
            }
            var table = TextTable("NUMBER", "NAME", "KEY", "ACCOUNT", "MODE", "SCHEDULE", "SEGMENTS")
            for report in reports {
                table.add(
                    "\(report.number)",
                    report.name,
                    "\(report.keyDataSource)",
                    report.account,
                    report.mode,
                    report.paused ? "paused" : report.schedule,
                    "\(report.mappings.count)"
                )
            }
            try global.show(ListReport("destinations", reports, table: table, limit: page.limit))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a destination with its mappings, and what it would be told now."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The destination's number.") var destination: Int

        func run() async throws {
            try global.show(DestinationReport.load(destination, PeopleService(global.directory)))
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a destination; the receiver keeps what it has.",
            discussion: """
                Refused while files wait for its account, unless --force gives them up. Unmap its segments and sync \
                first to have the receiver let go of them.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The destination's number.") var destination: Int
        @Flag(help: "Delete it although files wait; they are not sent.") var force = false

        func run() async throws {
            let service = try PeopleService(global.directory)
            let gone = try Destinations(service).delete(destination, isForced: force)
            try global.show(
                DeletedDestinationReport(deleted: destination, kept: gone.kept, cancelled: gone.cancelled)
            )
        }
    }
}

/// A destination that another process was asked to tell.
private struct AskedReport: Report {
    let asked: Int

    var text: String {
        "Destination \(asked) is told by the process that is at work on this data directory; see its receipts."
    }
}

/// What the deletion of a destination left.
private struct DeletedDestinationReport: Report {
    let deleted: Int
    /// How many members the receiver keeps, counted for each segment.
    let kept: Int
    /// The receipt of files that were not sent.
    let cancelled: String?

    var text: String {
        var lines = ["\(deleted) is deleted"]
        if kept > 0 { lines.append("  its receiver keeps \(kept.grouped) members") }
        if let cancelled { lines.append("  the files of receipt \(cancelled) are not sent") }
        return lines.joined(separator: "\n")
    }
}
