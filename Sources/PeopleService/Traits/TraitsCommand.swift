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
        abstract: "Define, show, change and delete traits.",
        subcommands: [Create.self, EditTrait.self, List.self, Show.self, Delete.self]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Define a trait: brought by files, made by a rule over signals, or the sum of a folder.",
            discussion: "docs/rules.md describes rules, like 'ic == \"123\" or product contains \"shoe\"'."
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "The name for people.") var name: String
        @Option(help: "What it means.") var description = ""
        @Option(help: "The data source that owns it.") var dataSource: Int
        @Option(help: "The rule over signals.") var rule: String?
        @Flag(help: "Files bring it by its number (d_sid).") var onboarded = false
        @Option(help: "Whoever has a trait in this folder, or in one below, has it.") var ofFolder: Int?
        @Option(
            name: .customLong("ttl"),
            help: "For how many days a realization lasts, 120 unless said; 0 for ever."
        )
        var lifetime: Int?
        @Option(help: "An alternative name.") var integrationCode: String?
        @Option(help: "The number of the folder that it lies in; 0 is the top.") var folder = 0

        func validate() throws {
            guard [rule != nil, onboarded, ofFolder != nil].count(where: { $0 }) == 1 else {
                throw ValidationError(
                    "A trait has a --rule, is --onboarded or sums up a folder (--of-folder)."
                )
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
                    folder: folder == 0 ? nil : folder,
                    integrationCode: integrationCode,
                    rule: rule,
                    summedFolder: ofFolder,
                    lifetimeDays: lifetime ?? (ofFolder == nil ? Trait.defaultLifetimeDays : 0)
                )
            }
            try global.show(TraitReport.load(trait.sid, service))
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
                        count: try FolderTraits(in: database).members(of: trait, on: service.today).count
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
            try global.show(ListReport("traits", reports, table: table, limit: page.limit))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a trait.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The trait's number.") var sid: Int

        func run() async throws {
            let service = try PeopleService(global.directory)
            try global.show(TraitReport.load(sid, service))
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
        @Flag(help: "Show what would change in segments, and change nothing.") var dryRun = false

        func run() async throws {
            let service = try PeopleService(global.directory)
            let segments = try Traits(service).delete(sid, isForced: force, isDryRun: dryRun)
            try global.show(DeletedReport(sid, segments: segments, dryRun: dryRun))
        }
    }
}
