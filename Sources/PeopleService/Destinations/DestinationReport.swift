// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Terminal

/// A destination as commands show it.
struct DestinationReport: Report {
    /// A mapped segment, with what the next file would tell.
    struct Mapping: Encodable {
        let segment: Int
        let alias: String
        let start: String?
        let end: String?
        /// Members that the receiver has.
        let sent: Int
        /// What the receiver knows them by, where that is another name.
        let sentAlias: String?
        /// Members that come to the receiver with the next file, and that go from it.
        ///
        /// All of them do both where they get another name. IDs that could not be written before are not counted.
        let coming: Int
        let going: Int
    }

    let number: Int
    let name: String
    let description: String
    let keyDataSource: Int
    let account: String
    let mode: String
    let schedule: String
    let labels: [String]
    let paused: Bool
    let mappings: [Mapping]
    /// IDs that are in a segment and can't be written, so that they are not sent.
    let unwritten: Int
    /// Segments that are held back, and why.
    let warnings: [String]
    /// What follows from a change.
    let consequences: [String]?

    init(
        _ destination: Destination,
        on today: Day,
        consequences: [String]? = nil,
        in database: Database
    ) throws {
        self.consequences = consequences
        number = destination.number
        name = destination.name
        description = destination.description
        keyDataSource = destination.keyDataSource
        account = destination.account
        mode = destination.mode.rawValue
        schedule = destination.schedule.text
        labels = destination.labels.sorted().map(\.rawValue)
        paused = destination.isPaused
        let change = try OutboundChange(destination, on: today, in: database)
        mappings = change.items.map { item in
            Mapping(
                segment: item.mapping.segment,
                alias: item.mapping.alias,
                start: item.mapping.start.map(Self.text),
                end: item.mapping.end.map(Self.text),
                sent: item.sent.count,
                sentAlias: item.formerAlias,
                coming: item.coming.subtracting(change.unwritten).count,
                going: item.going.subtracting(change.unwritten).count
            )
        }
        unwritten = change.unwrittenCount
        warnings = change.obstacles.map { "\($0.summary) \($0.advice)" }
    }

    /// Reads a destination.
    static func load(_ number: Int, _ service: PeopleService, consequences: [String]? = nil) throws
        -> DestinationReport
    {
        try service.read { database in
            try DestinationReport(
                DestinationStore().find(number, in: database),
                on: service.today,
                consequences: consequences,
                in: database
            )
        }
    }

    /// Pauses a destination, or lets it go on, and shows it.
    static func setPaused(_ isPaused: Bool, _ number: Int, _ global: GlobalOptions) throws {
        let service = try PeopleService(global.directory)
        try service.write { database in
            _ = try DestinationStore().find(number, in: database)
            try DestinationStore()
                .setPaused(isPaused, number, at: service.world.milliseconds, in: database)
        }
        try global.show(load(number, service))
    }

    private static func text(_ day: Day) -> String {
        String(
            Date(timeIntervalSince1970: Double(day.number) * 86_400).formatted(.iso8601).prefix(10)
        )
    }

    var text: String {
        var lines = [
            "\(number): \(name), IDs of data source \(keyDataSource), account \(account), \(mode), \(paused ? "paused" : schedule)"
        ]
        for label in labels { lines.append("  label      \(label)") }
        for mapping in mappings {
            var line = "  segment    \(mapping.segment)"
            if mapping.alias != "\(mapping.segment)" { line += " as \(mapping.alias)" }
            line +=
                ": \(mapping.sent.grouped) sent, \(mapping.coming.grouped) to come, \(mapping.going.grouped) to go"
            if let alias = mapping.sentAlias { line += " (from \(alias))" }
            if let start = mapping.start { line += ", from \(start)" }
            if let end = mapping.end { line += ", until \(end)" }
            lines.append(line)
        }
        if unwritten > 0 {
            lines.append(
                "  not written \(unwritten.grouped) IDs that the template can't name; their receipt says why"
            )
        }
        for warning in warnings { lines.append("  blocked    \(warning)") }
        for consequence in consequences ?? [] { lines.append("  \(consequence)") }
        return lines.joined(separator: "\n")
    }
}
