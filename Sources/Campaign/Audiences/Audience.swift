// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage

/// A set of profiles, or of addresses, under a name.
package struct Audience: Sendable {
    package typealias ID = Identifier<Audience>

    /// Where the members come from.
    package enum Kind: Sendable, Equatable {
        /// A filter over the profiles, computed at every use.
        case query(filter: String)
        /// A list of profiles that stays as it was made.
        case list
        /// A segment of the hub, reconciled with the profiles.
        case shared(Definition)
        /// Decrypted addresses of a segment, with or without a profile.
        case file(Definition)

        /// The word for it in commands, files and the database.
        package var name: String {
            switch self {
            case .query: "query"
            case .list: "list"
            case .shared: "shared"
            case .file: "file"
            }
        }
    }

    /// Which segment of the hub an audience follows, and through which data source.
    package struct Definition: Sendable, Equatable {
        /// The segment's ID as the files write it.
        package let segment: String
        /// The shared data source whose files bring it.
        package let dataSource: SharedDataSource.ID
        /// Whether decrypted addresses without a profile are left out.
        package let isReconciliationForced: Bool
    }

    package let id: ID
    package let label: String
    package let kind: Kind
    /// How many members it has; of a query, when it was computed last.
    package let count: Int
    /// How often its members changed.
    package let version: Int64
    /// The file of its addresses, in the directory of lists.
    let listFile: String?
    /// When it was made, in milliseconds since 1970.
    package let created: Int64
    /// When its members changed last, in milliseconds since 1970.
    package let updated: Int64
    /// The day on which it is deleted, `YYYY-MM-DD`.
    package let expires: String?

    /// The segment it follows, where it follows one.
    package var definition: Definition? {
        switch kind {
        case .shared(let definition), .file(let definition): definition
        case .query, .list: nil
        }
    }
}

extension ProblemKind {
    package static let audienceUnknown = ProblemKind(
        "audiences.unknown",
        status: 404,
        meaning: "A command names an audience that doesn't exist.",
        advice: "Run `tallystick audiences list` to see the audiences; a label works as well as an ID."
    )
    package static let audienceRefused = ProblemKind(
        "audiences.refused",
        status: 422,
        meaning: "An audience can't be made or changed like this.",
        advice: "Correct what is described, and run the command again."
    )
    package static let audienceInUse = ProblemKind(
        "audiences.in-use",
        status: 409,
        meaning: "The audience is shared into a segment, so it can't be deleted.",
        advice: "Stop the share first with `tallystick audiences unshare`, or delete with --force."
    )
    package static let audienceOfAddresses = ProblemKind(
        "audiences.of-addresses",
        status: 409,
        meaning:
            "A File audience holds addresses, not profiles, so it can't be combined, shared or targeted directly.",
        advice:
            "Export it, load the addresses as profiles, or define the audience with --force-reconciliation."
    )
    package static let filterRefused = ProblemKind(
        "audiences.filter-refused",
        status: 422,
        meaning: "The filter of a query audience can't be read.",
        advice: "Correct the filter at the column that is named; docs/filters.md shows the language."
    )
}
