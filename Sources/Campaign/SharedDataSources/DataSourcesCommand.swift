// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Problems
import Storage
import Terminal

/// `tallystick data-sources`: the definitions of how IDs reconcile with profiles.
package struct DataSourcesCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "data-sources",
        abstract: "Define how IDs of a data source reconcile with profiles.",
        subcommands: [Create.self, Edit.self, List.self, Show.self, DoctorCommand.self]
    )

    package init() {}
}

extension DataSourcesCommand {
    enum ModeOption: String, ExpressibleByArgument, CaseIterable {
        case visitor
        case declared
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Define a shared data source.",
            discussion: """
                Keys and IVs are read from files ("-" reads standard input), never from the command line, and are \
                sealed at rest.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "The ID, for commands; it never changes.") var id: String
        @Option(help: "The name for people.") var label: String?
        @Option(help: "The data source's number (DPID), as file names carry it.") var number: Int
        @Option(help: "The alias that the website passes with an ID.") var integrationCode: String?
        @Option(help: "The destination whose files belong to this data source.") var destination: Int?
        @Option(help: "visitor: visitor IDs; declared: IDs that stand for a profile field.") var mode:
            ModeOption
        @OptionGroup var reconciliation: ReconciliationOptions
        @Option(help: "Which data source a trigger prefers; higher first.") var priority: Int = 0
        @Option(help: "A remark for people.") var comment: String = ""
        @Option(help: "The external account that its files come from.")
        var importAccount = "importSharedAudience"
        @Option(help: "The external account that its files go to.")
        var exportAccount = "exportSharedAudience"
        @Flag(help: "Accept the terms of sharing (docs/terms.md); without that no data flows.")
        var acceptTerms = false

        func run() async throws {
            let campaign = try Campaign(global.directory)
            var draft = SharedDataSourceDraft(
                id: id,
                label: label,
                number: number,
                integrationCode: integrationCode,
                destination: destination,
                isVisitor: mode == .visitor,
                priority: priority,
                comment: comment,
                importAccount: importAccount,
                exportAccount: exportAccount,
                acceptsTerms: acceptTerms
            )
            try reconciliation.apply(to: &draft)
            let source = try await SharedDataSources(campaign).create(draft)
            try global.show(DataSourceReport(source))
        }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a shared data source; its criteria stay, since audiences depend on them."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The shared data source.") var id: String
        @Option(help: "The name for people.") var label: String?
        @Option(help: "The data source's number (DPID).") var number: Int?
        @Option(help: "The alias that the website passes with an ID.") var integrationCode: String?
        @Option(help: "The destination whose files belong to this data source; 0 for any.")
        var destination: Int?
        @Option(help: "Which data source a trigger prefers; higher first.") var priority: Int?
        @Option(help: "A remark for people.") var comment: String?
        @Option(help: "The external account that its files come from.") var importAccount: String?
        @Option(help: "The external account that its files go to.") var exportAccount: String?
        @Flag(help: "Accept the terms of sharing (docs/terms.md).") var acceptTerms = false
        @Option(help: .hidden) var mode: ModeOption?
        @Option(help: .hidden) var key: String?
        @Option(help: .hidden) var normalize: String?
        @Option(help: .hidden) var hash: String?
        @Option(help: .hidden) var cipher: String?
        @Option(help: .hidden) var channel: String?

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let isCriterionNamed =
                mode != nil || key != nil || normalize != nil || hash != nil || cipher != nil
                || channel != nil
            let source = try SharedDataSources(campaign).edit(SharedDataSource.ID(id)) {
                source throws(Problem) in
                if isCriterionNamed {
                    throw source.isDefault
                        ? Problem(.dataSourceBuiltIn, "The criteria of \(source.id) can't be edited.")
                        : Problem(
                            .dataSourceRefused,
                            "The criteria of \(source.id) can't be edited.",
                            advice:
                                "Audiences and indexes depend on them: make a new shared data source instead."
                        )
                }
                source = source.changing(
                    label: label,
                    number: number,
                    integrationCode: integrationCode,
                    destination: destination,
                    priority: priority,
                    comment: comment,
                    importAccount: importAccount,
                    exportAccount: exportAccount,
                    termsAccepted: acceptTerms ? campaign.world.milliseconds : nil
                )
            }
            try global.show(DataSourceReport(source))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the shared data sources.")

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let sources = try campaign.read { try SharedDataSourceStore(campaign).all(in: $0) }
            try global.show(DataSourcesReport(dataSources: sources.map(DataSourceReport.init)))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a shared data source, without its secrets."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The shared data source.") var id: String

        func run() async throws {
            let campaign = try Campaign(global.directory)
            let source = try campaign.read {
                try SharedDataSourceStore(campaign).find(SharedDataSource.ID(id), in: $0)
            }
            try global.show(DataSourceReport(source))
        }
    }
}

private struct DataSourcesReport: Report {
    let dataSources: [DataSourceReport]

    var text: String {
        var table = TextTable("ID", "LABEL", "NUMBER", "ALIAS", "DESTINATION", "IDS", "TERMS")
        for source in dataSources {
            let ids = source.key.map { "\(source.hash ?? source.cipher ?? "plain") \($0)" } ?? "visitor ID"
            table.add(
                source.id,
                source.label,
                source.number.map(String.init) ?? "none",
                source.integrationCode,
                source.destination.map(String.init) ?? "any",
                ids,
                source.termsAccepted == nil ? "open" : "accepted"
            )
        }
        return table.text
    }
}
