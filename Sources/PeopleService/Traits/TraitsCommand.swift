// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GRDB
import Matching
import Problems
import Storage
import Terminal

/// `tallystick people traits`: properties of people and devices.
struct TraitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "traits",
        abstract: "Define, show and delete traits.",
        subcommands: [Create.self, List.self, Show.self, Delete.self]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Define a trait: brought by files, or made by a rule over signals.",
            discussion: "docs/rules.md describes rules, like 'ic == \"123\" or product contains \"shoe\"'."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "The name for people.") var name: String
        @Option(help: "What it means.") var description = ""
        @Option(help: "The data source that owns it.") var dataSource: Int
        @Option(help: "The rule over signals.") var rule: String?
        @Flag(help: "Files bring it by its number (d_sid).") var onboarded = false
        @Option(name: .customLong("ttl"), help: "For how many days a realization lasts; 0 for ever.")
        var lifetime = Trait.defaultLifetimeDays
        @Option(help: "An alternative name.") var integrationCode: String?

        func validate() throws {
            guard (rule != nil) != onboarded else {
                throw ValidationError("A trait has a --rule or is --onboarded.")
            }
        }

        func run() async throws {
            let service = try PeopleService(global.directory)
            let trait = try Traits(service).create { sid in
                Trait(
                    sid: sid,
                    name: name,
                    description: description,
                    dataSource: dataSource,
                    integrationCode: integrationCode,
                    rule: rule,
                    lifetimeDays: lifetime
                )
            }
            try global.show(TraitReport(trait, count: 0))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the traits.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var page: PageOptions

        func run() async throws {
            let service = try PeopleService(global.directory)
            let reports = try service.read { database in
                try TraitStore().list(limit: page.limit, after: page.after, in: database).map { trait in
                    TraitReport(
                        trait,
                        count: try RealizationStore().members(of: trait, on: service.today, in: database)
                            .count
                    )
                }
            }
            var table = TextTable("SID", "NAME", "KIND", "DATA SOURCE", "TTL", "IDS")
            for report in reports {
                table.add(
                    "\(report.sid)",
                    report.name,
                    report.kind,
                    "\(report.dataSource)",
                    "\(report.ttl)",
                    report.ids.grouped
                )
            }
            try global.show(ListReport("traits", reports, table: table))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a trait.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The trait's number.") var sid: Int

        func run() async throws {
            let service = try PeopleService(global.directory)
            let report = try service.read { database in
                let trait = try TraitStore().find(sid, in: database)
                return TraitReport(
                    trait,
                    count: try RealizationStore().members(of: trait, on: service.today, in: database).count,
                    segments: try SegmentStore().referring(to: sid, in: database)
                )
            }
            try global.show(report)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a trait with everything that is known of it.",
            discussion: "With --force also one that segments refer to: for them nobody has it any more."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The trait's number.") var sid: Int
        @Flag(help: "Delete it although segments refer to it.") var force = false

        func run() async throws {
            let service = try PeopleService(global.directory)
            let segments = try Traits(service).delete(sid, isForced: force)
            try global.show(DeletedReport(deleted: sid, segments: segments))
        }
    }
}

/// A trait as commands show it.
private struct TraitReport: Report {
    let sid: Int
    let name: String
    let description: String
    let kind: String
    let dataSource: Int
    let integrationCode: String?
    let rule: String?
    let ttl: Int
    /// How many IDs have it.
    let ids: Int
    /// The segments that refer to it.
    let segments: [Int]?

    init(_ trait: Trait, count: Int, segments: [Int]? = nil) {
        sid = trait.sid
        name = trait.name
        description = trait.description
        kind = trait.isOnboarded ? "onboarded" : "rule"
        dataSource = trait.dataSource
        integrationCode = trait.integrationCode
        rule = trait.rule
        ttl = trait.lifetimeDays
        ids = count
        self.segments = segments
    }

    var text: String {
        var lines = ["\(sid): \(name), \(kind), data source \(dataSource), \(ids.grouped) IDs"]
        if let rule { lines.append("  rule       \(rule)") }
        lines.append(ttl == 0 ? "  lasts for ever" : "  lasts      \(ttl) days")
        if let segments, !segments.isEmpty {
            lines.append("  segments   " + segments.map(String.init).joined(separator: ", "))
        }
        return lines.joined(separator: "\n")
    }
}

/// What the deletion of something with a number did.
struct DeletedReport: Report {
    let deleted: Int
    /// What changed in segments.
    let segments: [Receipt.Segment]

    var text: String {
        (["\(deleted) is deleted"]
            + segments.map { "  segment \($0.segment): \($0.before.grouped) → \($0.after.grouped)" })
            .joined(separator: "\n")
    }
}
