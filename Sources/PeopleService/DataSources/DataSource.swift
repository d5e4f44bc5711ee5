// SPDX-License-Identifier: Apache-2.0

import Problems

/// A namespace of IDs: who they belong to and how they are written.
package struct DataSource: Sendable, Equatable {
    /// What the IDs of a data source stand for.
    package enum IDType: String, Sendable, CaseIterable {
        /// Browsers; an ID that was never met in an ID-sync file or by a browser is not taken from an inbound file.
        case cookie
        /// Devices with an advertising ID; unknown ones are kept.
        case device
        /// People, under an ID that the customer chose; unknown ones are kept until a mapping arrives.
        case crossDevice = "cross-device"

        /// Whether the IDs stand for browsers or devices, not for people.
        package var isOfDevices: Bool { self != .crossDevice }

        /// Whether an inbound file may bring IDs that nobody has met before.
        package var keepsUnknown: Bool { self != .cookie }
    }

    /// Who shares an ID of a cross-device data source (Audience Manager's "ID definition").
    package enum IDDefinition: String, Sendable, CaseIterable {
        case person
        case household
    }

    /// The number (DPID).
    package let number: DataSourceNumber
    /// The name for people.
    package var name: String
    /// What it is for.
    package var description: String
    /// The alternative name; cross-device sources must have one.
    package var integrationCode: String?
    /// What the IDs stand for.
    package let idType: IDType
    /// Whether an ID stands for one person or for a household, of a cross-device data source; for people to know.
    package var idDefinition: IDDefinition
    /// How the IDs are written.
    package let idSpelling: IDSpelling
    /// The data source whose IDs these are, where another one only points to them: its own number otherwise.
    ///
    /// A data source of visitor IDs of another system, as Campaign has one, holds the IDs of data source 4.
    package let namespace: DataSourceNumber
    /// Whether every installation has it.
    package let isGlobal: Bool
    /// What its data must not be used for.
    package var restrictions: Set<ExportRestriction>
    /// After how many days without a sign of life an ID is forgotten; `nil` keeps it.
    package var retentionDays: Int?

    /// Makes a data source; its IDs are its own unless a namespace is given.
    package init(
        number: DataSourceNumber,
        name: String,
        description: String = "",
        integrationCode: String? = nil,
        idType: IDType,
        idDefinition: IDDefinition = .person,
        idSpelling: IDSpelling = .declared,
        namespace: DataSourceNumber? = nil,
        isGlobal: Bool = false,
        restrictions: Set<ExportRestriction> = [],
        retentionDays: Int? = nil
    ) {
        self.number = number
        self.name = name
        self.description = description
        self.integrationCode = integrationCode
        self.idType = idType
        self.idDefinition = idDefinition
        self.idSpelling = idSpelling
        self.namespace = namespace ?? number
        self.isGlobal = isGlobal
        self.restrictions = restrictions
        self.retentionDays = retentionDays
    }

    /// After how many inactive days IDs are forgotten where nobody says it: 720, as in Audience Manager ("data sources
    /// list and settings"), for cross-device IDs.
    package static func defaultRetentionDays(_ type: IDType) -> Int? {
        type == .crossDevice ? 720 : nil
    }

    /// The number of the Experience Cloud ID's data source.
    package static let visitorIDs: DataSourceNumber = 4
}

/// What data must not be used for, and the label of a destination that does just that (domain: data export controls).
package enum ExportRestriction: String, Sendable, CaseIterable, Comparable {
    case personallyIdentifiable = "pii"
    case onSiteAdvertising = "on-site-ads"
    case offSiteAdvertising = "off-site-ads"
    case onSitePersonalization = "on-site-personalization"

    /// The restriction as a sentence's end: "the data … ".
    package var restriction: String {
        switch self {
        case .personallyIdentifiable: "cannot be tied to personally identifiable information"
        case .onSiteAdvertising: "cannot be used for on-site ad targeting"
        case .offSiteAdvertising: "cannot be used for off-site ad targeting"
        case .onSitePersonalization: "cannot be used for on-site personalization"
        }
    }

    /// The label of a destination as a sentence's end: "the destination … ".
    package var label: String {
        switch self {
        case .personallyIdentifiable: "may combine data with personally identifiable information"
        case .onSiteAdvertising: "is for on-site ad targeting"
        case .offSiteAdvertising: "is for off-site ad targeting"
        case .onSitePersonalization: "is for on-site personalization"
        }
    }

    package static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}

extension ProblemKind {
    package static let peopleDataSourceUnknown = ProblemKind(
        "people.data-source-unknown",
        status: 404,
        meaning: "A command or a file names a data source that the People service does not have.",
        advice:
            "Run `tallystick people data-sources list`, or create it with `tallystick people data-sources create`."
    )
    package static let peopleDataSourceTaken = ProblemKind(
        "people.data-source-taken",
        status: 409,
        meaning:
            "Another data source has the same number, name or integration code, or one's number is another's code.",
        advice: "Choose another one, or use the data source that is there."
    )
    package static let peopleDataSourceInUse = ProblemKind(
        "people.data-source-in-use",
        status: 409,
        meaning: "A data source can't be deleted while something uses it, or while it has IDs of people.",
        advice:
            "Delete or change what is named. IDs go by `tallystick people delete`, or when their retention ends; a merge rule lets go with `tallystick people merge-rules edit`."
    )
    package static let peopleDataSourceRefused = ProblemKind(
        "people.data-source-refused",
        status: 400,
        meaning: "The settings of a data source contradict each other or the existing ones.",
        advice: "Change the named setting."
    )
}
