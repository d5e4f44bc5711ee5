// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Terminal

/// `tallystick people destinations create`.
struct CreateDestination: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract:
            "Define a destination: an external account that gets segments under the IDs of one data source.",
        discussion: """
            A template is a file of two or three texts, divided by lines of three hyphens: the file name, the header \
            lines if there are any, and the content of a line (docs/formats.md).
            """
    )

    @OptionGroup var global: GlobalOptions
    @Option(help: "The name for people.") var name: String
    @Option(help: "What it is for.") var description = ""
    @Option(help: "The data source under whose IDs members leave.") var keyDataSource: Int
    @Option(help: "The external account that gets the files.") var account: String
    @Option(help: "full: all members each time; iter: what changed.") var mode = Destination.Mode.iter
    @Option(help: "on-change, on-demand, or a time of the day in UTC like 14:00.") var schedule = "on-change"
    @Option(help: "A file with the template; the default form without it.") var template: String?
    @Option(help: "A word for the file names (PID alias).") var alias: String?
    @Option(help: "pii, on-site-ads, off-site-ads or on-site-personalization; may be repeated.")
    var label: [ExportRestriction] = []
    @Option(help: "The largest part in bytes before compression.") var split = Destination
        .defaultPartByteCount
    @Flag(help: "Do not compress the files.") var plain = false

    func run() async throws {
        let service = try PeopleService(global.directory)
        let schedule = try Destination.Schedule(option: schedule)
        let texts = try template.map(Destination.Template.init(file:))
        let destination = try Destinations(service).create { number in
            Destination(
                number: number,
                name: name,
                description: description,
                keyDataSource: keyDataSource,
                account: account,
                mode: mode,
                schedule: schedule,
                template: texts,
                alias: alias,
                labels: Set(label),
                isGzip: !plain,
                partByteCount: split,
                isPaused: false
            )
        }
        try global.show(DestinationReport.load(destination.number, service))
    }
}

extension Destination.Mode: ExpressibleByArgument {}
