// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A server that speaks the S3 protocol, addressed with the bucket in the path.
package struct S3Endpoint: Hashable, Sendable {
    /// Whether the server is spoken to over TLS.
    package let isSecure: Bool

    /// The server's name or address.
    package let host: String

    /// The server's port.
    package let port: Int

    /// Reads an endpoint.
    ///
    /// - Parameter url: `http://host[:port]` or `https://host[:port]`; a `/` after it is forgiven.
    /// - Throws: ``S3SettingsError/endpoint``.
    package init(_ url: String) throws(S3SettingsError) {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil,
            parts.path.isEmpty || parts.path == "/",
            let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https",
            host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            (1...65_535).contains(parts.port ?? 1)
        else { throw .endpoint }
        isSecure = scheme == "https"
        self.host = host
        port = parts.port ?? (isSecure ? 443 : 80)
    }

    init(isSecure: Bool, host: String, port: Int) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
    }

    /// The host as the `Host` header gives it: with the port unless it is the scheme's own.
    var authority: String {
        port == (isSecure ? 443 : 80) ? host : "\(host):\(port)"
    }

    /// What stands before the path of every address.
    var origin: String {
        (isSecure ? "https://" : "http://") + authority
    }

    /// The host without the brackets of an IPv6 address.
    var bareHost: String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }
}
