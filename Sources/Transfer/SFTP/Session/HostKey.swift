// SPDX-License-Identifier: Apache-2.0

/// The key by which an SSH server proves who it is.
package struct HostKey: Hashable, Sendable {
    /// The fingerprint as OpenSSH prints it: `SHA256:` and 43 letters of Base64.
    package let fingerprint: String

    /// The kind of key, for example `ssh-ed25519`.
    package let type: String
}

/// A family of host keys; a server has at most one key of each, as a rule.
enum HostKeyFamily: String, CaseIterable {
    case ed25519 = "ssh-ed25519"
    case ecdsa = "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521"
    case rsa = "rsa-sha2-512,rsa-sha2-256"

    /// The algorithms of all families, the best first, as SSH lists them.
    static let all = allCases.map(\.rawValue).joined(separator: ",")
}
