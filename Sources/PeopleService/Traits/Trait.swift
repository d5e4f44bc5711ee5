// SPDX-License-Identifier: Apache-2.0

import Problems

/// A property of people or devices: brought by files, made by a rule over signals, or the sum of a folder.
package struct Trait: Sendable, Equatable {
    /// Where its realizations come from.
    package enum Kind: String, Sendable {
        /// Files bring it by number.
        case onboarded
        /// Its rule over signals makes it.
        case rule
        /// Whoever has a trait in its folder, or in a folder below, has it.
        case folder
    }

    /// How long a trait lasts after it was last realized, in days, unless its own setting says otherwise.
    package static let defaultLifetimeDays = 120

    /// The number by which rules and files name it.
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
    /// The rule over signals as its author wrote it; `nil` for traits of the other kinds.
    package var rule: String?
    /// The folder that a folder trait sums up; `nil` for traits of the other kinds.
    ///
    /// It may lie anywhere itself. Other folder traits in the folder are not summed up again.
    package var summedFolder: Int?
    /// For how many days after a realization the trait lasts; 0 for ever.
    ///
    /// Days are whole days in UTC: the trait ends with the day that comes so many days after the realization. That of a
    /// folder trait is 0: it lasts as long as the traits in its folder.
    package var lifetimeDays: Int

    /// Makes a trait.
    package init(
        sid: SID,
        name: String,
        description: String = "",
        dataSource: DataSourceNumber,
        folder: Int? = nil,
        integrationCode: String? = nil,
        rule: String? = nil,
        summedFolder: Int? = nil,
        lifetimeDays: Int = Self.defaultLifetimeDays
    ) {
        self.sid = sid
        self.name = name
        self.description = description
        self.dataSource = dataSource
        self.folder = folder
        self.integrationCode = integrationCode
        self.rule = rule
        self.summedFolder = summedFolder
        self.lifetimeDays = lifetimeDays
    }

    /// Where its realizations come from.
    package var kind: Kind { summedFolder != nil ? .folder : rule == nil ? .onboarded : .rule }

    /// Whether files bring it by number.
    package var isOnboarded: Bool { kind == .onboarded }

    /// The first day on which a realization still counts today.
    ///
    /// - Parameter today: Today.
    /// - Returns: The day, or `nil` when all count.
    package func firstValidDay(on today: Day) -> Day? { lifetimeDays == 0 ? nil : today + -lifetimeDays }
}

extension ProblemKind {
    package static let traitUnknown = ProblemKind(
        "people.trait-unknown",
        status: 404,
        meaning: "A command or a rule names a trait that doesn't exist, or was deleted.",
        advice: "Run `tallystick people traits list` to see the traits."
    )
    package static let traitRefused = ProblemKind(
        "people.trait-refused",
        status: 400,
        meaning: "The settings of a trait can't be used.",
        advice: "Change the named setting."
    )
    package static let traitInUse = ProblemKind(
        "people.trait-in-use",
        status: 409,
        meaning: "A trait can't be deleted while segments refer to it.",
        advice: "Delete the named segments, or change their rules; or delete the trait with --force."
    )
    package static let ruleRefused = ProblemKind(
        "people.rule-refused",
        status: 400,
        meaning: "The rule of a trait or a segment can't be understood, or says something that can't be.",
        advice: "Mend the rule at the place that the message shows (docs/rules.md)."
    )
}
