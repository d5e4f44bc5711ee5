// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Problems
import Storage
import Terminal

/// `tallystick people destinations map`.
struct MapSegment: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map",
        abstract: "Send a segment to a destination, or change how it is sent.",
        discussion: "Of a segment that is sent already, what is not named stays."
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The destination's number.") var destination: Int
    @Argument(help: "The segment's number.") var segment: Int
    @Option(help: "What the receiver knows it by; its number, unless said.") var alias: String?
    @Option(help: "The first day on which members are sent, YYYY-MM-DD.") var start: String?
    @Option(help: "The last day on which members are sent, YYYY-MM-DD; after it they leave.") var end: String?
    @Flag(help: "Send members without a first day.") var noStart = false
    @Flag(help: "Send members without a last day.") var noEnd = false

    func validate() throws {
        guard start == nil || !noStart, end == nil || !noEnd else {
            throw ValidationError("An option and its --no-… contradict each other.")
        }
    }

    func run() async throws {
        let service = try PeopleService(global.directory)
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        let known = try service.read { database in
            try DestinationStore().mappings(of: destination, in: database).first { $0.segment == segment }
        }
        // A mapping that was ended begins anew.
        let kept = known.flatMap { $0.hasEnded(on: service.today) ? nil : $0 }
        // What keeps members from leaving is shown with the destination.
        _ = try Destinations(service).map(
            segment,
            to: destination,
            alias: alias ?? known?.alias,
            start: noStart ? nil : day(start, "start") ?? kept?.start,
            end: noEnd ? nil : day(end, "end") ?? kept?.end
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
