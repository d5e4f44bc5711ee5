// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage
import Transfer

/// Storage of a partner and how to reach it.
package struct ExternalAccount: Sendable, Equatable {
    /// What kind of storage it is, with its settings.
    package enum Settings: Sendable, Equatable {
        /// Made at the start, not yet configured.
        case unconfigured
        /// A local directory.
        case folder(path: String)
        /// An SFTP server.
        case sftp(SFTPAccount)
        /// A bucket of S3.
        case s3(S3Account)
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

    /// How its files are treated.
    package let rules: AccountRules

    /// What signs us in, sealed; nothing for a folder.
    package let sealedSecrets: Data?

    /// Whether it may be used.
    package let isEnabled: Bool

    package init(
        id: String,
        label: String,
        settings: Settings,
        rules: AccountRules = AccountRules(),
        sealedSecrets: Data? = nil,
        isEnabled: Bool = true
    ) {
        self.id = id
        self.label = label
        self.settings = settings
        self.rules = rules
        self.sealedSecrets = sealedSecrets
        self.isEnabled = isEnabled
    }

    /// Whether it is one of the two that exist from the start.
    package var isBuiltIn: Bool { id == Self.importID || id == Self.exportID }

    /// The word for its kind of storage.
    package var typeName: String {
        switch settings {
        case .unconfigured: "unconfigured"
        case .folder: "folder"
        case .sftp: "sftp"
        case .s3: "s3"
        }
    }

    /// Where the storage is, for people, without a secret; nothing while it is not configured.
    package var place: String? {
        switch settings {
        case .unconfigured: nil
        case .folder(let path): path
        case .sftp(let server): server.place
        case .s3(let bucket):
            bucket.endpoint.map { "\($0)/\(bucket.receiverServer)" } ?? bucket.receiverServer
        }
    }

    /// Refuses an account that nothing may be written to.
    ///
    /// - Throws: ``Problem`` of kind `accounts.read-only`.
    package func requireWriting() throws {
        guard rules.isReadOnly else { return }
        throw Problem(
            .accountReadOnly,
            "The external account \(id) is good for imports only, so nothing is shared to it."
        )
    }

    /// How long to wait between two looks while watching.
    package var pollInterval: Duration {
        if let seconds = rules.pollSeconds { return .seconds(seconds) }
        return switch settings {
        case .unconfigured, .folder: .milliseconds(500)
        case .sftp: .seconds(10)
        case .s3: .seconds(30)
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
    package static let accountInUse = ProblemKind(
        "accounts.in-use",
        status: 409,
        meaning: "An external account can't be deleted while a shared data source or a destination uses it.",
        advice:
            "Give what uses it another account (`tallystick data-sources edit`, `tallystick people destinations edit`), or disable the account; a built-in one is deleted all the same with --force."
    )
    package static let accountFileTaken = ProblemKind(
        "accounts.file-taken",
        status: 409,
        meaning: "A file can't be published, because a different one has its name in the account already.",
        advice: "Move the other file away; Tallystick never overwrites what it did not write."
    )
    package static let hostKeyUnconfirmed = ProblemKind(
        "accounts.host-key-unconfirmed",
        status: 409,
        meaning: "Nobody has confirmed the host key that an SFTP server shows.",
        advice: "Ask the partner for the server's fingerprint, compare it, and give it with --host-key."
    )
    package static let hostKeyChanged = ProblemKind(
        "accounts.host-key-changed",
        status: 502,
        meaning: "An SFTP server shows another host key than the confirmed one; nothing is transferred.",
        advice:
            "Ask the partner, by telephone or mail, whether the key was changed and what its fingerprint is now; then `tallystick accounts edit ID --host-key SHA256:…`."
    )
    package static let accountUnconfigured = ProblemKind(
        "accounts.unconfigured",
        status: 409,
        meaning: "A built-in external account has no settings yet.",
        advice: "Run `tallystick accounts create folder|sftp|s3 --id ID …`."
    )
    package static let accountDisabled = ProblemKind(
        "accounts.disabled",
        status: 409,
        meaning: "The external account is switched off.",
        advice: "Run `tallystick accounts enable ID`."
    )
    package static let accountReadOnly = ProblemKind(
        "accounts.read-only",
        status: 409,
        meaning: "Something is to be shared to an external account that is good for imports only.",
        advice:
            "Share through a data source with another export account, or, if we may write there, run `tallystick accounts edit ID --no-read-only`."
    )
    package static let accountUnreachable = ProblemKind(
        "accounts.unreachable",
        status: 502,
        meaning: "The storage behind an external account can't be used.",
        advice: "Run `tallystick accounts check ID`; it names the step that fails and the likely cause."
    )
}
