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
        abstract: "Define destinations, map segments to them and have them told.",
        subcommands: [
            CreateDestination.self, MapSegment.self, Unmap.self, Tell.self, Pause.self, Resume.self,
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
            let lock = try service.lockForChange()
            defer { withExtendedLifetime(lock) {} }
            try service.write { database in
                let store = DestinationStore()
                let mapping = try store.mappings(of: destination, in: database)
                    .first { $0.segment == segment }
                guard let mapping else {
                    throw Problem(
                        .destinationUnknown,
                        "Segment \(segment) is not mapped to destination \(destination)."
                    )
                }
                guard mapping.sentCount > 0, !silently else {
                    return try store.unmap(segment, from: destination, in: database)
                }
                try store.map(
                    SegmentMapping(
                        destination: destination,
                        segment: segment,
                        alias: mapping.alias,
                        start: mapping.start,
                        end: service.today + -1,
                        sentCount: mapping.sentCount,
                        sentAt: mapping.sentAt
                    ),
                    in: database
                )
            }
            try global.show(DestinationReport.load(destination, service))
        }
    }

    struct Tell: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a full file for a destination now, whether anything changed or not."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The destination's number.") var destination: Int

        func run() async throws {
            let service = try PeopleService(global.directory)
            let report = try await PeopleSync(service).tell(destination)
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
                    .map { try DestinationReport($0, in: database) }
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
            try global.show(ListReport("destinations", reports, table: table))
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
            abstract: "Delete a destination; the receiver keeps what it has."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The destination's number.") var destination: Int

        func run() async throws {
            let service = try PeopleService(global.directory)
            let lock = try service.lockForChange()
            defer { withExtendedLifetime(lock) {} }
            try service.write { database in
                _ = try DestinationStore().find(destination, in: database)
                try DestinationStore().delete(destination, in: database)
            }
            try global.show(DeletedReport(deleted: destination, segments: []))
        }
    }
}
