// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Transfer

/// Storage of a partner and how to reach it.
package struct ExternalAccount: Sendable, Equatable {
    /// What kind of storage it is, with its settings; further kinds join here.
    package enum Settings: Sendable, Equatable {
        /// Made at the start, not yet configured.
        case unconfigured
        /// A local directory.
        case folder(path: String)
    }

    /// The built-in account that shared audiences are read from.
    package static let importID = "importSharedAudience"

    /// The built-in account that shared audiences are written to.
    package static let exportID = "exportSharedAudience"

    /// The ID, for commands and data sources.
    package let id: String

    /// The name for people.
    package let label: String

    /// The kind of storage and how to reach it.
    package let settings: Settings

    /// Whether it may be used.
    package let isEnabled: Bool

    package init(id: String, label: String, settings: Settings, isEnabled: Bool = true) {
        self.id = id
        self.label = label
        self.settings = settings
        self.isEnabled = isEnabled
    }

    /// Whether it is one of the two that exist from the start.
    package var isBuiltIn: Bool { id == Self.importID || id == Self.exportID }

    /// The word for its kind of storage.
    package var typeName: String {
        switch settings {
        case .unconfigured: "unconfigured"
        case .folder: "folder"
        }
    }

    /// Opens the way to the storage.
    ///
    /// - Parameter world: The source of names for temporary files.
    /// - Returns: The transport of its kind.
    /// - Throws: ``Problem`` of kind `accounts.unconfigured` or `accounts.disabled`.
    package func transport(_ world: World = World()) throws -> any Transport {
        guard isEnabled else {
            throw Problem(.accountDisabled, "The external account \(id) is disabled.")
        }
        switch settings {
        case .unconfigured:
            throw Problem(
                .accountUnconfigured,
                "The external account \(id) is not configured.",
                advice: "Run `tallystick accounts create folder --id \(id) --path DIR`."
            )
        case .folder(let path):
            return FolderTransport(root: path, newTemporaryID: { world.randomHex(8) })
        }
    }
}

extension ProblemKind {
    package static let accountUnknown = ProblemKind(
        "accounts.unknown",
        status: 404,
        meaning: "A command or a data source names an external account that doesn't exist.",
        advice: "Run `tallystick accounts list`, or make the account with `tallystick accounts create`."
    )
    package static let accountRefused = ProblemKind(
        "accounts.refused",
        status: 422,
        meaning: "The settings of an external account can't be right.",
        advice: "Correct what is described, and run the command again."
    )
    package static let accountUnconfigured = ProblemKind(
        "accounts.unconfigured",
        status: 409,
        meaning: "A built-in external account has no settings yet.",
        advice: "Run `tallystick accounts create folder --id ID --path DIR`."
    )
    package static let accountDisabled = ProblemKind(
        "accounts.disabled",
        status: 409,
        meaning: "The external account is switched off.",
        advice: "Configure it again with `tallystick accounts create`, which also enables it."
    )
    package static let accountUnreachable = ProblemKind(
        "accounts.unreachable",
        status: 502,
        meaning: "The storage behind an external account can't be used.",
        advice: "Run `tallystick accounts check ID`; it names the step that fails and the likely cause."
    )
}
