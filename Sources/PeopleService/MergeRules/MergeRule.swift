// SPDX-License-Identifier: Apache-2.0

import Problems

/// Which profiles are looked at together when a segment is evaluated for a device.
package struct MergeRule: Sendable, Equatable {
    /// Which declared IDs of a device count.
    package enum Across: String, Sendable, CaseIterable {
        /// None: devices stand for themselves.
        case none
        /// The one that is signed in now.
        case current
        /// The one that was signed in last, of each data source.
        case last
        /// All that ever were.
        case all
    }

    /// Which devices count.
    package enum Devices: String, Sendable, CaseIterable {
        /// None: only what is known under declared IDs.
        case none
        /// The device itself.
        case device
        /// The device and all that share a declared ID with it.
        case graph
    }

    /// How many data sources a rule may have (Audience Manager).
    package static let largestSourceCount = 3

    /// How many merge rules an installation may have.
    static let limit = 100

    package let number: Int
    package var name: String
    package var across: Across
    package var devices: Devices
    /// The cross-device data sources whose IDs count; none with ``Across/none``.
    package var sources: [DataSourceNumber]
    /// Whether new segments use it unless they say otherwise.
    package var isDefault: Bool
    /// What the data that it brings together must not be used for.
    package var restrictions: Set<ExportRestriction>
    /// Whether it takes new cross-device data sources as they are made, as long as it has less than three.
    package var followsNewSources = false

    /// Whether segments with this rule can leave under the IDs of a cross-device data source.
    ///
    /// Audience Manager writes empty files, without a word, unless the rule uses the last authenticated profiles and
    /// names the data source (its questions and answers on merge rules, since March 2020).
    package func lets(outUnder dataSource: DataSourceNumber) -> Bool {
        across == .last && sources.contains(dataSource)
    }
}

extension ProblemKind {
    package static let mergeRuleUnknown = ProblemKind(
        "people.merge-rule-unknown",
        status: 404,
        meaning: "A command names a merge rule that doesn't exist.",
        advice: "Run `tallystick people merge-rules list` to see the merge rules."
    )
    package static let mergeRuleInUse = ProblemKind(
        "people.merge-rule-in-use",
        status: 409,
        meaning: "A merge rule can't be deleted while segments use it, or while it is the default one.",
        advice: "Give these segments another one: `tallystick people segments edit SID --merge-rule M`."
    )
    package static let mergeRuleRefused = ProblemKind(
        "people.merge-rule-refused",
        status: 400,
        meaning: "The settings of a merge rule contradict each other.",
        advice: "Change the named setting."
    )
}
