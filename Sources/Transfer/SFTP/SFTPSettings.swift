// SPDX-License-Identifier: Apache-2.0

/// Where an SFTP account is and how it is signed in to.
///
/// Nothing else is read: no configuration of OpenSSH, no known hosts, no agent. The description leaves secrets out.
package struct SFTPSettings: Hashable, Sendable {
    /// The server's name or address.
    package let host: String

    /// The server's port.
    package let port: UInt16

    /// The name by which we sign in.
    package let user: String

    /// The password, where the server asks for one.
    package var password: String?

    /// The text of a private key (OpenSSH or PEM; ed25519, ECDSA or RSA), where the server asks for one.
    package var privateKey: String?

    /// What the private key is encrypted with, if it is.
    package var passphrase: String?

    /// The folder on the server that is the account's root; a relative one begins where the server puts us.
    package let root: String

    /// The host keys that a person has confirmed, as `SHA256:…`: one, or two while the partner changes them.
    ///
    /// With none, every connection ends with ``TransferError/hostKeyUnknown(presented:)``.
    package var hostKeys: [String]

    /// How long a name, a connection, a host key and a sign-in may take, each.
    package var connectTimeout = Duration.seconds(20)

    /// How long the server may stay without an answer or 32 KiB of progress while we wait for one.
    package var idleTimeout = Duration.seconds(60)

    /// How long a connection rests until the server is asked whether it is still there.
    package var keepAliveInterval = Duration.seconds(15)

    /// How long an unused connection rests until it is closed.
    package var restTime = Duration.seconds(120)

    /// How many connections there are at most at a time.
    package var connectionLimit = 4

    /// How long a temporary file of ours rests, by the server's clock, until it counts as left behind.
    package var leftoverAge = Duration.seconds(24 * 60 * 60)

    /// The mode of files that we write, less the server's `umask`.
    package var fileMode: UInt32 = 0o640

    /// Describes an account.
    ///
    /// - Parameters:
    ///   - host: The server's name or address.
    ///   - port: The server's port.
    ///   - user: The name by which we sign in.
    ///   - root: The folder on the server that is the account's root.
    ///   - hostKeys: The confirmed host keys, as `SHA256:…`.
    package init(host: String, port: UInt16 = 22, user: String, root: String, hostKeys: [String]) {
        self.host = host
        self.port = port
        self.user = user
        self.root = root
        self.hostKeys = hostKeys
    }
}

extension SFTPSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Where the account is, without secrets.
    package var description: String { "sftp://\(user)@\(host):\(port)/\(root)" }

    /// The same as the description.
    package var debugDescription: String { description }

    /// Nothing but the description, so that a dump shows no secrets either.
    package var customMirror: Mirror { Mirror(self, children: ["account": description]) }
}
