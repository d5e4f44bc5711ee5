// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Transfer

extension ExternalAccount {
    /// Opens the way to the storage; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - sealer: Opens the account's secrets.
    ///   - world: The source of names for temporary files.
    /// - Returns: The transport of its kind.
    /// - Throws: ``Problem`` of kind `accounts.unconfigured`, `accounts.disabled` or `secrets.unreadable`.
    package func transport(_ sealer: Sealer, _ world: World = World()) throws -> any Transport {
        guard isEnabled else {
            throw Problem(
                .accountDisabled,
                "The external account \(id) is disabled.",
                advice: "Run `tallystick accounts enable \(id)`."
            )
        }
        switch settings {
        case .unconfigured:
            throw Problem(
                .accountUnconfigured,
                "The external account \(id) is not configured.",
                advice: "Run `tallystick accounts create folder|sftp|s3 --id \(id) …`."
            )
        case .folder(let path):
            return FolderTransport(root: path, newTemporaryID: { world.randomHex(8) })
        case .s3(let bucket):
            var settings = try bucket.settings(secrets(sealer))
            if let seconds = rules.timeoutSeconds {
                settings.timeouts.connect = .seconds(seconds)
                settings.timeouts.answer = .seconds(seconds)
            }
            return S3Transport(settings)
        case .sftp(let server):
            var settings = server.settings(try secrets(sealer))
            if let seconds = rules.timeoutSeconds {
                settings.connectTimeout = .seconds(seconds)
                settings.idleTimeout = .seconds(seconds)
            }
            return SFTPTransport(settings)
        }
    }

    /// The account's secrets, opened.
    ///
    /// - Parameter sealer: Opens them.
    /// - Returns: The secrets; empty where there are none.
    /// - Throws: ``Problem`` of kind `secrets.unreadable`.
    package func secrets(_ sealer: Sealer) throws -> AccountSecrets {
        try sealedSecrets.map { try AccountSecrets(opening: $0, of: id, sealer) } ?? AccountSecrets()
    }
}
