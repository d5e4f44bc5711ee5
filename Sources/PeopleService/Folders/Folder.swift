// SPDX-License-Identifier: Apache-2.0

import Problems

/// A place to keep traits or segments in; folders lie in folders.
package struct Folder: Sendable, Equatable {
    /// What lies in a folder.
    package enum Kind: String, Sendable {
        case trait
        case segment
    }

    /// How deep folders lie in each other at most (Audience Manager, "usage limits").
    package static let depthLimit = 5
    /// How many folders of a kind there may be.
    package static let limit = 2_000

    /// The number.
    package let number: Int
    /// What lies in it.
    package let kind: Kind
    /// The name, which no other folder beside it has.
    package var name: String
    /// The folder in which it lies; `nil` for the top.
    package var parent: Int?
    /// The names from the top down to this one.
    package var path: [String]
}

extension ProblemKind {
    package static let folderUnknown = ProblemKind(
        "people.folder-unknown",
        status: 404,
        meaning: "A folder of traits or segments doesn't exist.",
        advice: "Run `tallystick people folders list` to see the folders; 0 is the top."
    )
    package static let folderRefused = ProblemKind(
        "people.folder-refused",
        status: 400,
        meaning:
            "A folder can't have this name or place: folders lie at most five deep, never in themselves.",
        advice: "Change the named setting."
    )
    package static let folderTaken = ProblemKind(
        "people.folder-taken",
        status: 409,
        meaning: "There is a folder of this name at this place.",
        advice: "Choose another name, or use the folder that is there."
    )
    package static let folderInUse = ProblemKind(
        "people.folder-in-use",
        status: 409,
        meaning: "A folder can't be deleted while something lies in it, or while a folder trait sums it up.",
        advice: "Move or delete what lies in it."
    )
}
