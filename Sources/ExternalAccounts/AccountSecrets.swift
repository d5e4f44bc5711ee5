// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage

/// What signs us in to an external account; sealed in the database, never printed.
package struct AccountSecrets: Sendable, Equatable, Codable, CustomStringConvertible, CustomReflectable {
    /// The password of an SFTP user.
    package var password: String?

    /// The text of a private key in OpenSSH format.
    package var privateKey: String?

    /// The passphrase of the private key.
    package var passphrase: String?

    /// The secret access key of S3.
    package var secretAccessKey: String?

    package init(
        password: String? = nil,
        privateKey: String? = nil,
        passphrase: String? = nil,
        secretAccessKey: String? = nil
    ) {
        self.password = password
        self.privateKey = privateKey
        self.passphrase = passphrase
        self.secretAccessKey = secretAccessKey
    }

    package var description: String { "•••" }

    package var customMirror: Mirror { Mirror(self, children: []) }

    /// What the secrets of an account are sealed for.
    static func owner(_ account: String) -> String { "external-account/\(account)" }

    /// Seals the secrets for an account.
    ///
    /// - Parameters:
    ///   - account: The account's ID; the sealed secrets can't be moved to another one.
    ///   - sealer: Seals them.
    /// - Returns: What the database keeps.
    /// - Throws: `CryptoKitError` when the cipher fails.
    package func sealed(for account: String, _ sealer: Sealer) throws -> Data {
        try sealer.seal(Array(JSONEncoder().encode(self)), for: Self.owner(account))
    }

    /// Opens the secrets of an account.
    ///
    /// - Parameters:
    ///   - sealed: What ``sealed(for:_:)`` returned.
    ///   - account: The account's ID.
    ///   - sealer: Opens them.
    /// - Throws: ``Problem`` of kind `secrets.unreadable` when the key or the account is another one.
    package init(opening sealed: Data, of account: String, _ sealer: Sealer) throws {
        let text = try sealer.open(sealed, for: Self.owner(account))
        self = try JSONDecoder().decode(AccountSecrets.self, from: Data(text))
    }
}
