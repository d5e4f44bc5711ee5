// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Terminal

/// `tallystick people merge-rules edit`.
struct EditMergeRule: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a merge rule; what is not named stays.",
        discussion: """
            The members of its segments are found anew where it counts other profiles. A rule that gets data sources \
            no longer takes new ones by itself. A restriction is refused while it forbids what is sent already.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The rule's number.") var number: Int
    @Option(help: "The name for people.") var name: String?
    @Option(help: "none, current, last or all.") var across: MergeRule.Across?
    @Option(help: "none, device or graph.") var devices: MergeRule.Devices?
    @Option(help: "All cross-device data sources that it has from now on; may be repeated, at most 3.")
    var dataSource: [Int] = []
    @Flag(help: "Take its data sources away.") var noDataSources = false
    @Option(help: "All restrictions that it has from now on; may be repeated.")
    var exportRestriction: [ExportRestriction] = []
    @Flag(help: "Take its restrictions away.") var noExportRestrictions = false
    @Flag(help: "New segments use it unless they say otherwise.") var isDefault = false

    func validate() throws {
        guard dataSource.isEmpty || !noDataSources, exportRestriction.isEmpty || !noExportRestrictions else {
            throw ValidationError("An option and its --no-… contradict each other.")
        }
    }

    func run() async throws {
        let service = try PeopleService(global.directory)
        let changed = try MergeRules(service).update(number) { rule in
            rule.name = name ?? rule.name
            rule.across = across ?? rule.across
            rule.devices = devices ?? rule.devices
            if noDataSources { rule.sources = [] }
            if !dataSource.isEmpty { rule.sources = dataSource.sorted() }
            if noExportRestrictions { rule.restrictions = [] }
            if !exportRestriction.isEmpty { rule.restrictions = Set(exportRestriction) }
            rule.isDefault = isDefault || rule.isDefault
        }
        try global.show(
            MergeRuleReport(changed.rule, segments: changed.segments, obstacles: changed.obstacles)
        )
    }
}
