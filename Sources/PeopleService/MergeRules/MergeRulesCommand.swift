// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GRDB
import Storage
import Terminal

/// `tallystick people merge-rules`: which profiles are looked at together.
struct MergeRulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge-rules",
        abstract: "Define, show, change and delete merge rules.",
        subcommands: [Create.self, EditMergeRule.self, List.self, Delete.self]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Define a merge rule.",
            discussion: """
                --across says which declared IDs of a device count: none, the current one, the last one of each data \
                source, or all; --devices whether the device counts, alone or with those that share a declared ID. \
                Only segments whose rule is --across last can leave under declared IDs.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "The name for people.") var name: String
        @Option(help: "none, current, last or all.") var across: MergeRule.Across
        @Option(help: "none, device or graph.") var devices = MergeRule.Devices.device
        @Option(help: "A cross-device data source; may be repeated, at most 3.") var dataSource: [Int] = []
        @Option(help: "pii, on-site-ads, off-site-ads or on-site-personalization; may be repeated.")
        var exportRestriction: [ExportRestriction] = []
        @Flag(help: "New segments use it unless they say otherwise.") var isDefault = false

        func run() async throws {
            let service = try PeopleService(global.directory)
            let rule = try MergeRules(service).create(
                MergeRule(
                    number: 0,
                    name: name,
                    across: across,
                    devices: devices,
                    sources: dataSource,
                    isDefault: isDefault,
                    restrictions: Set(exportRestriction)
                )
            )
            try global.show(MergeRuleReport(rule))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the merge rules.")

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let service = try PeopleService(global.directory)
            let rules = try service.read { try MergeRuleStore().list(in: $0) }.map { MergeRuleReport($0) }
            var table = TextTable("NUMBER", "NAME", "ACROSS", "DEVICES", "DATA SOURCES", "DEFAULT")
            for rule in rules {
                table.add(
                    "\(rule.number)",
                    rule.name,
                    rule.across,
                    rule.devices,
                    rule.dataSources.map(String.init).joined(separator: " "),
                    rule.isDefault ? "yes" : ""
                )
            }
            try global.show(ListReport("mergeRules", rules, table: table))
        }
    }
}

extension MergeRulesCommand {
    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a merge rule that no segment uses.",
            discussion: "Refused with the segments that use it, and for the default one."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The rule's number.") var number: Int

        func run() async throws {
            try MergeRules(PeopleService(global.directory)).delete(number)
            try global.show(DeletedReport(number))
        }
    }
}

extension MergeRule.Across: ExpressibleByArgument {}
extension MergeRule.Devices: ExpressibleByArgument {}
