// SPDX-License-Identifier: Apache-2.0

import Problems

/// Where segments are sent: files in an external account, keyed by the IDs of one data source.
package struct Destination: Sendable, Equatable {
    /// What a file says.
    package enum Mode: String, Sendable, CaseIterable {
        /// All members: the receiver replaces what it had.
        case full
        /// What changed since the last file.
        case iter
    }

    /// When files are written.
    package enum Schedule: Sendable, Equatable {
        /// As soon as a segment changed.
        case onChange
        /// Once a day, at a minute of the day in UTC, 0 to 1,439.
        case daily(minute: Int)
        /// When somebody asks for them.
        case onDemand
    }

    /// The texts of a template (domain: outbound templates); `nil` for the default form.
    package struct Template: Sendable, Equatable, Codable {
        package var fileName: String
        package var header: String?
        package var content: String
    }

    /// How many destinations an installation may have (Audience Manager, "usage limits").
    static let limit = 1_000

    /// The largest part unless a destination says otherwise, in bytes before compression: 1 TB (Audience Manager, "cross-
    /// bucket" transfers).
    package static let defaultPartByteCount = 1_000_000_000_000

    /// The number, which stands in file names.
    package let number: Int
    package var name: String
    package var description: String
    /// The data source under whose IDs members leave.
    package var keyDataSource: DataSourceNumber
    /// The external account that gets the files.
    package var account: String
    package var mode: Mode
    package var schedule: Schedule
    package var template: Template?
    /// A word for file names.
    package var alias: String?
    /// What the receiver does with the data.
    package var labels: Set<ExportRestriction>
    /// Whether files are compressed.
    package var isGzip: Bool
    /// The largest part, in bytes before compression.
    package var partByteCount: Int
    package var isPaused: Bool
}

/// A segment that a destination gets.
package struct SegmentMapping: Sendable, Equatable {
    package let destination: Int
    package let segment: SID
    /// What the receiver knows the segment by.
    package let alias: String
    /// The first and the last day on which members are sent; without one there is no limit.
    package let start: Day?
    package let end: Day?
    /// How many members the receiver has, by the files that were published.
    package let sentCount: Int
    /// When the last file with it was published, in milliseconds since 1970.
    package let sentAt: Int64?
    /// What the receiver knows the members by that it has, where that is another name than the alias is now.
    package var sentAlias: String?
}

extension ProblemKind {
    package static let destinationUnknown = ProblemKind(
        "people.destination-unknown",
        status: 404,
        meaning: "A command names a destination, or a mapping of one, that doesn't exist.",
        advice: "Run `tallystick people destinations list` to see the destinations."
    )
    package static let destinationRefused = ProblemKind(
        "people.destination-refused",
        status: 400,
        meaning: "The settings of a destination or of a mapping can't be used.",
        advice: "Change the named setting."
    )
    package static let outboundTemplateRefused = ProblemKind(
        "people.template-refused",
        status: 400,
        meaning: "The template of a destination can't be understood.",
        advice: "Mend the template at the place that the message shows (docs/formats.md)."
    )
    package static let restrictionForbids = ProblemKind(
        "people.restriction-forbids",
        status: 403,
        meaning:
            "A data export restriction forbids that a segment is sent to a destination with such a label.",
        advice:
            "Take the trait out of the segment, use another merge rule, or send it to a destination without the label."
    )
    package static let outboundBlocked = ProblemKind(
        "people.outbound-blocked",
        status: 409,
        meaning:
            "A segment can't leave under the IDs of a cross-device data source, because its merge rule does not use the last authenticated profile of that data source; the file would be empty.",
        advice:
            "Give the segment a merge rule that uses last authenticated profiles and names the data source: `tallystick people segments edit SID --merge-rule M`; `tallystick people merge-rules list` shows them."
    )
}
