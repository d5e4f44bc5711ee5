// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Terminal

/// `tallystick people destinations edit`.
struct EditDestination: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a destination; what is not named stays.",
        discussion: """
            Days are those of a mapping: `destinations map` changes them. Another key is refused while the receiver has \
            members under the IDs of the old one, since no file of the new one could take them back; with --silently \
            the receiver keeps them. So is a template that can't name the ID of each line. Files that wait for another account go to the new one.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The destination's number.") var destination: Int
    @Option(help: "The name for people.") var name: String?
    @Option(help: "What it is for.") var description: String?
    @Option(help: "The data source under whose IDs members leave.") var keyDataSource: Int?
    @Flag(help: "Let the receiver keep the members that it has under the IDs of the old key.") var silently =
        false
    @Option(help: "The external account that gets the files.") var account: String?
    @Option(help: "full: all members each time; iter: what changed.") var mode: Destination.Mode?
    @Option(help: "on-change, on-demand, or a time of the day in UTC like 14:00.") var schedule: String?
    @Option(help: "A file with the template.") var template: String?
    @Flag(help: "Write the default form.") var noTemplate = false
    @Option(help: "A word for the file names (PID alias).") var alias: String?
    @Flag(help: "Take the word for the file names away.") var noAlias = false
    @Option(help: "All labels that it has from now on; may be repeated.") var label: [ExportRestriction] = []
    @Flag(help: "Take its labels away.") var noLabels = false
    @Option(help: "The largest part in bytes before compression.") var split: Int?
    @Flag(inversion: .prefixedNo, exclusivity: .exclusive, help: "Do not compress the files.")
    var plain: Bool?

    func validate() throws {
        guard template == nil || !noTemplate, alias == nil || !noAlias, label.isEmpty || !noLabels else {
            throw ValidationError("An option and its --no-… contradict each other.")
        }
    }

    func run() async throws {
        let service = try PeopleService(global.directory)
        let schedule = try schedule.map(Destination.Schedule.init(option:))
        let texts = try template.map(Destination.Template.init(file:))
        let changed = try Destinations(service).update(destination, isSilent: silently) { destination in
            destination.name = name ?? destination.name
            destination.description = try description.map(APIText.description) ?? destination.description
            destination.keyDataSource = keyDataSource ?? destination.keyDataSource
            destination.account = account ?? destination.account
            destination.mode = mode ?? destination.mode
            destination.schedule = schedule ?? destination.schedule
            destination.template = noTemplate ? nil : texts ?? destination.template
            destination.alias = noAlias ? nil : alias ?? destination.alias
            if noLabels { destination.labels = [] }
            if !label.isEmpty { destination.labels = Set(label) }
            destination.isGzip = plain.map { !$0 } ?? destination.isGzip
            destination.partByteCount = split ?? destination.partByteCount
        }
        try global.show(
            DestinationReport.load(destination, service, consequences: changed.consequences)
        )
    }
}
