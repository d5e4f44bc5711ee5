// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

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

    /// Whether what is sent crosses a network that others may listen to, unencrypted.
    package var isExposed: Bool { !isSecure && !isLoopback }

    /// Whether the server is on this machine, as far as the host's spelling alone tells.
    private var isLoopback: Bool {
        if bareHost.lowercased() == "localhost" { return true }
        var (four, six) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, bareHost, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        guard inet_pton(AF_INET6, bareHost, &six) == 1 else { return false }
        return withUnsafeBytes(of: &six) { $0.last == 1 && $0.dropLast().allSatisfy { $0 == 0 } }
    }

    /// The host without the brackets of an IPv6 address.
    var bareHost: String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }
}
