// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import GRDB
import Matching
import Problems
import Storage
import Terminal

/// `tallystick people segments`: sets of IDs that rules over traits make.
struct SegmentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segments",
        abstract: "Define, estimate, show, change, pause and delete segments.",
        subcommands: [
            Create.self, EditSegment.self, Estimate.self, List.self, Show.self, Members.self, Pause.self,
            Resume.self,
            Delete.self,
        ]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Define a segment and find its members.",
            discussion: "docs/rules.md describes rules, like '101T and frequency([102T] <= 5D) >= 3'."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "The name for people.") var name: String
        @Option(help: "What it means.") var description = ""
        @Option(help: "The data source that owns it.") var dataSource: Int
        @Option(help: "The rule over traits.") var rule: String
        @Option(help: "The number of the merge rule; the default one unless said.") var mergeRule: Int?
        @Option(help: "An alternative name.") var integrationCode: String?
        @Option(help: "The number of the folder that it lies in; 0 is the top.") var folder = 0

        func run() async throws {
            let service = try PeopleService(global.directory)
            let segment = try Segments(service).create(
                name: name,
                description: description,
                dataSource: dataSource,
                rule: rule,
                mergeRule: mergeRule,
                integrationCode: integrationCode,
                folder: folder == 0 ? nil : folder
            )
            try global.show(SegmentReport(segment))
        }
    }

    struct Estimate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count the members that a rule would find, without keeping anything."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "The rule over traits.") var rule: String
        @Option(help: "The number of the merge rule; the default one unless said.") var mergeRule: Int?

        func run() async throws {
            let service = try PeopleService(global.directory)
            let members = try Segments(service).estimate(rule: rule, mergeRule: mergeRule)
            try global.show(EstimateReport(members: members.count))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the segments.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var page: PageOptions

        func run() async throws {
            let service = try PeopleService(global.directory)
            let reports = try service.read { database in
                try SegmentStore().list(limit: page.limit, after: page.after, in: database).map { segment in
                    let missing = try SegmentStore().missingTraits(of: segment.sid, in: database)
                    return SegmentReport(segment, missingTraits: missing)
                }
            }
            var table = TextTable("SID", "NAME", "STATE", "SIZE", "RULE")
            for report in reports {
                let missing = report.missingTraits ?? []
                table.add(
                    "\(report.sid)",
                    report.name,
                    report.state,
                    report.size.grouped,
                    report.rule
                        + (missing.isEmpty
                            ? "" : "  (deleted: \(missing.map { "\($0)T" }.joined(separator: ", ")))")
                )
            }
            try global.show(ListReport("segments", reports, table: table, limit: page.limit))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a segment with its latest sizes and its members by data source."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The segment's number.") var sid: Int

        func run() async throws {
            let service = try PeopleService(global.directory)
            let report = try service.read { database in
                let segment = try SegmentStore().find(sid, in: database)
                let members = try SegmentStore().members(of: sid, in: database)
                var bySource: [SegmentReport.Source] = []
                for source in try DataSourceStore().list(limit: 100_000, in: database)
                where source.namespace == source.number {
                    let ids = try IDStore().members(of: .dataSource(source.number), in: database)
                    let count = members.intersectionCount(ids)
                    if count > 0 {
                        bySource.append(SegmentReport.Source(dataSource: source.number, members: count))
                    }
                }
                return SegmentReport(
                    segment,
                    mergeRuleName: try MergeRuleStore().find(segment.mergeRule, in: database).name,
                    sizes: try SegmentStore().sizes(of: sid, limit: 20, in: database),
                    sources: bySource,
                    missingTraits: try SegmentStore().missingTraits(of: sid, in: database)
                )
            }
            try global.show(report)
        }
    }

    struct Members: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the members: data source and ID."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The segment's number.") var sid: Int
        @Option(help: "How many at most; 0 for all.") var limit = 1_000

        func validate() throws {
            guard limit >= 0 else { throw ValidationError("--limit takes a whole number from 0 on.") }
        }

        func run() async throws {
            let service = try PeopleService(global.directory)
            let report = try service.read { database in
                _ = try SegmentStore().find(sid, in: database)
                let all = try SegmentStore().members(of: sid, in: database)
                let shown = limit == 0 ? all.numbers() : all.numbers(after: 0, limit: limit)
                var members: [MembersReport.Member] = []
                try IDStore().forEach(of: .init(shown), in: database) { _, source, text in
                    members.append(
                        MembersReport.Member(dataSource: source, id: String(decoding: text, as: UTF8.self))
                    )
                }
                return MembersReport(segment: sid, size: all.count, members: members)
            }
            try global.show(report)
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pause a segment: members stay, nobody new comes, nothing is sent."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The segment's number.") var sid: Int

        func run() async throws {
            let service = try PeopleService(global.directory)
            try global.show(SegmentReport(Segments(service).setState(.paused, of: sid)))
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a paused segment go on; its members are found anew."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The segment's number.") var sid: Int

        func run() async throws {
            let service = try PeopleService(global.directory)
            try global.show(SegmentReport(Segments(service).setState(.active, of: sid)))
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a segment; its members leave the destinations that have them."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The segment's number.") var sid: Int
        @Flag(help: "Show what destinations would take back, and change nothing.") var dryRun = false

        func run() async throws {
            let segments = Segments(try PeopleService(global.directory))
            let destinations = try segments.previewDeletion(of: sid)
            if !dryRun { try segments.delete(sid) }
            try global.show(DeletedReport(sid, destinations: destinations, dryRun: dryRun))
        }
    }
}

private struct EstimateReport: Report {
    let members: Int

    var text: String { "\(members.grouped) members" }
}

private struct MembersReport: Report {
    struct Member: Encodable {
        let dataSource: Int
        let id: String
    }

    let segment: Int
    let size: Int
    let members: [Member]

    var text: String {
        let lines = members.map { "\($0.dataSource):\($0.id)" }
        let rest = size - members.count
        return (lines + (rest > 0 ? ["… and \(rest.grouped) more (--limit 0 shows all)"] : []))
            .joined(separator: "\n")
    }
}
