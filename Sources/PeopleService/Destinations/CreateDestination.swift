// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
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
    @Option(help: "The largest part in bytes before compression.") var split = 1_000_000_000_000
    @Flag(help: "Do not compress the files.") var plain = false

    func run() async throws {
        let service = try PeopleService(global.directory)
        guard let schedule = Destination.Schedule(text: schedule) else {
            throw Problem(
                .destinationRefused,
                "--schedule takes on-change, on-demand or a time of the day like 14:00.",
                field: "schedule"
            )
        }
        let texts = try template.map(Self.read)
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

    private static func read(_ path: String) throws -> Destination.Template {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Problem(
                .outboundTemplateRefused,
                "The file \(path) can't be read as text.",
                field: "template"
            )
        }
        let parts = text.split(separator: /\n---\n/, omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .newlines) }
        switch parts.count {
        case 2: return Destination.Template(fileName: parts[0], header: nil, content: parts[1])
        case 3: return Destination.Template(fileName: parts[0], header: parts[1], content: parts[2])
        default:
            throw Problem(
                .outboundTemplateRefused,
                "The file \(path) has \(parts.count) parts; a template has two or three, divided by lines of ---.",
                field: "template"
            )
        }
    }
}

extension Destination.Mode: ExpressibleByArgument {}

/// `tallystick people destinations map`.
struct MapSegment: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map",
        abstract: "Send a segment to a destination, or change how it is sent."
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The destination's number.") var destination: Int
    @Argument(help: "The segment's number.") var segment: Int
    @Option(help: "What the receiver knows it by; its number, unless said.") var alias: String?
    @Option(help: "The first day on which members are sent, YYYY-MM-DD.") var start: String?
    @Option(help: "The last day on which members are sent, YYYY-MM-DD; after it they leave.") var end: String?

    func run() async throws {
        let service = try PeopleService(global.directory)
        // What keeps members from leaving is shown with the destination.
        _ = try Destinations(service).map(
            segment,
            to: destination,
            alias: alias,
            start: day(start, "start"),
            end: day(end, "end")
        )
        try global.show(DestinationReport.load(destination, service))
    }

    private func day(_ text: String?, _ field: String) throws -> Day? {
        guard let text else { return nil }
        guard text.utf8.count == 10, let date = try? Date(text + "T00:00:00Z", strategy: .iso8601) else {
            throw Problem(.destinationRefused, "--\(field) takes a day like 2027-01-31.", field: field)
        }
        return Day(milliseconds: Int64(date.timeIntervalSince1970) * 1000)
    }
}
