// SPDX-License-Identifier: Apache-2.0

import Foundation
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
    /// Where the account is, for people: a path below the user's home begins with `~`.
    var place: String {
        let path = path.hasPrefix("/") ? path : "/~/" + path
        return "\(user)@\(host.contains(":") ? "[\(host)]" : host):\(port)\(path)"
    }

    /// Whether a text can be a server's name or address: nothing of a URL, and colons in an IPv6 address only.
    package static func isHost(_ text: String) -> Bool {
        var address = in6_addr()
        let number = text.split(separator: "%").first.map(String.init) ?? ""
        return text.wholeMatch(of: /[^\s\/@:\[\]]+/) != nil || inet_pton(AF_INET6, number, &address) == 1
    }

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
