// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Problems
import Terminal

/// `tallystick people data-sources edit`.
struct EditDataSource: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a data source; what is not named stays.",
        discussion: """
            Its number and what its IDs are stay for good. A restriction is refused while a segment with its data is \
            sent to a destination whose label it forbids. Another retention counts from the next day on.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The number.") var number: Int
    @Option(help: "The name for people.") var name: String?
    @Option(help: "What it is for.") var description: String?
    @Option(help: "The alternative name.") var integrationCode: String?
    @Flag(help: "Take its alternative name away.") var noIntegrationCode = false
    @Option(help: "What a cross-device ID stands for: person or household.")
    var idDefinition: DataSource.IDDefinition?
    @Option(help: "All restrictions that it has from now on; may be repeated.")
    var exportRestriction: [ExportRestriction] = []
    @Flag(help: "Take its restrictions away.") var noExportRestrictions = false
    @Option(help: "After how many inactive days a cross-device ID is forgotten, 30 to 1,800.")
    var retention: Int?
    @Flag(help: "Keep inactive IDs for ever.") var noRetention = false

    func validate() throws {
        guard integrationCode == nil || !noIntegrationCode,
            exportRestriction.isEmpty || !noExportRestrictions,
            retention == nil || !noRetention
        else { throw ValidationError("An option and its --no-… contradict each other.") }
    }

    func run() async throws {
        let service = try PeopleService(global.directory)
        _ = try DataSources(service).update(number) { source in
            source.name = name ?? source.name
            source.description = try description.map(APIText.description) ?? source.description
            source.integrationCode = noIntegrationCode ? nil : integrationCode ?? source.integrationCode
            source.idDefinition = idDefinition ?? source.idDefinition
            source.retentionDays = noRetention ? nil : retention ?? source.retentionDays
            if noExportRestrictions { source.restrictions = [] }
            if !exportRestriction.isEmpty { source.restrictions = Set(exportRestriction) }
        }
        try global.show(DataSourceReport.load(number, service))
    }
}
