// SPDX-License-Identifier: Apache-2.0

import Transfer

/// How to reach a partner's SFTP server; passwords and keys are in ``AccountSecrets``.
package struct SFTPAccount: Sendable, Equatable, Codable {
    /// The server's name or address.
    package var host: String

    /// The port, 1 to 65535.
    package var port: Int

    /// The user to sign in as.
    package var user: String

    /// The folder on the server that the account stands for.
    package var path: String

    /// The fingerprints of the host keys that were confirmed, each as `SHA256:…`: one, or two while the partner
    /// changes from one to the other.
    package var hostKeys: [String]

    package init(host: String, port: Int = 22, user: String, path: String, hostKeys: [String]) {
        self.host = host
        self.port = port
        self.user = user
        self.path = path
        self.hostKeys = hostKeys
    }
}

extension SFTPAccount {
    /// The settings of the transport.
    func settings(_ secrets: AccountSecrets) -> SFTPSettings {
        var settings = SFTPSettings(
            host: host,
            port: UInt16(clamping: port),
            user: user,
            root: path,
            hostKeys: hostKeys
        )
        settings.password = secrets.password
        settings.privateKey = secrets.privateKey
        settings.passphrase = secrets.passphrase
        return settings
    }
}
