// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GRDB
import Matching
import Problems
import Storage
import Terminal

/// `tallystick people data-sources`: the namespaces of IDs.
struct DataSourcesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data-sources",
        abstract: "Define, show, change and delete data sources.",
        subcommands: [Create.self, EditDataSource.self, List.self, Show.self, DeleteDataSource.self]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Define a data source.",
            discussion: """
                IDs of type cookie are visitor IDs of 38 digits; those of type device and cross-device are any text, \
                unless --id-form says more. With --ids-of the data source has no IDs of its own: its files name those \
                of another one, as a source of visitor IDs names the Experience Cloud IDs of data source 4.
                """
        )

        @OptionGroup var global: GlobalOptions
        @Option(help: "The number (DPID).") var number: Int
        @Option(help: "The name for people.") var name: String
        @Option(help: "What it is for.") var description = ""
        @Option(help: "The alternative name; cross-device sources must have one.") var integrationCode:
            String?
        @Option(help: "cookie, device or cross-device.") var idType: DataSource.IDType
        @Option(help: "visitor-id, lower-case-uuid, upper-case-uuid, alphanumeric or declared.")
        var idForm: IDSpelling?
        @Option(help: "The data source whose IDs its files name.") var idsOf: Int?
        @Option(help: "pii, on-site-ads, off-site-ads or on-site-personalization; may be repeated.")
        var exportRestriction: [ExportRestriction] = []
        @Option(help: "What a cross-device ID stands for: person or household.")
        var idDefinition: DataSource.IDDefinition = .person
        @Option(
            help: "After how many inactive days a cross-device ID is forgotten, 30 to 1,800; 720 unless said."
        )
        var retention: Int?

        func run() async throws {
            let service = try PeopleService(global.directory)
            let (source, rules) = try DataSources(service).create(number: number) { number, database in
                let other = try idsOf.map { try DataSourceStore().find($0, in: database) }
                return DataSource(
                    number: number,
                    name: name,
                    description: description,
                    integrationCode: integrationCode,
                    idType: idType,
                    idDefinition: idDefinition,
                    idSpelling: other?.idSpelling ?? idForm ?? (idType == .cookie ? .visitorID : .declared),
                    namespace: idsOf ?? number,
                    isGlobal: false,
                    restrictions: Set(exportRestriction),
                    retentionDays: retention ?? DataSource.defaultRetentionDays(idType)
                )
            }
            try global.show(DataSourceReport(source, count: 0, followedBy: rules))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the data sources.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var page: PageOptions

        func run() async throws {
            let service = try PeopleService(global.directory)
            let reports = try service.read { database in
                try DataSourceStore().list(limit: page.limit, after: page.after, in: database).map { source in
                    DataSourceReport(
                        source,
                        count: try IDStore().members(of: .dataSource(source.namespace), in: database).count
                    )
                }
            }
            var table = TextTable("NUMBER", "NAME", "CODE", "ID TYPE", "IDS")
            for report in reports {
                table.add(
                    "\(report.number)",
                    report.name,
                    report.integrationCode ?? "",
                    report.idType,
                    report.ids.grouped
                )
            }
            try global.show(ListReport("dataSources", reports, table: table, limit: page.limit))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a data source.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The number.") var number: Int

        func run() async throws {
            let service = try PeopleService(global.directory)
            try global.show(DataSourceReport.load(number, service))
        }
    }
}

extension DataSource.IDType: ExpressibleByArgument {}
extension DataSource.IDDefinition: ExpressibleByArgument {}
extension IDSpelling: ExpressibleByArgument {}
extension ExportRestriction: ExpressibleByArgument {}
