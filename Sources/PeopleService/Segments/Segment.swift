// SPDX-License-Identifier: Apache-2.0

import Problems

/// A set of IDs that a rule over traits makes; a *shared audience* where Campaign sees it.
package struct Segment: Sendable, Equatable {
    /// Whether it follows its people.
    package enum State: String, Sendable {
        /// Members come and go.
        case active
        /// Members stay, nobody new comes, and nothing is sent.
        case paused
    }

    /// How many segments an installation may have (Audience Manager, "usage limits").
    static let limit = 20_000

    /// The number by which files name it.
    package let sid: SID
    /// The name for people.
    package var name: String
    /// What it means.
    package var description: String
    /// The data source that owns it.
    package let dataSource: DataSourceNumber
    /// The folder that it lies in; `nil` for the top.
    package var folder: Int?
    /// An alternative name.
    package var integrationCode: String?
    /// The rule over traits, in canonical form.
    package var rule: String
    /// The number of the rule that says which profiles are looked at together.
    package var mergeRule: Int
    package var state: State
    /// How many IDs are in it, of devices and people.
    package var size: Int
    /// When its members were last brought up to date, in milliseconds since 1970.
    package var evaluated: Int64
}

extension ProblemKind {
    package static let peopleSegmentUnknown = ProblemKind(
        "people.segment-unknown",
        status: 404,
        meaning: "A command names a segment that doesn't exist, or was deleted.",
        advice: "Run `tallystick people segments list` to see the segments."
    )
    package static let peopleSegmentRefused = ProblemKind(
        "people.segment-refused",
        status: 400,
        meaning: "The settings of a segment can't be used.",
        advice: "Change the named setting."
    )
}
