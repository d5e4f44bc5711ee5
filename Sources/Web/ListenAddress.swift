// SPDX-License-Identifier: Apache-2.0

import Problems

/// Where a server listens: `127.0.0.1:8081`, `[::1]:8081`, `localhost:8081`.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// The name or number of the host, without brackets.
    package let host: String
    /// The port; 0 for any free one.
    package let port: Int

    /// Reads an address.
    ///
    /// - Parameter text: `HOST:PORT`.
    /// - Throws: ``Problem`` of kind `web.address-refused`.
    package init(_ text: String) throws {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw Problem(.addressRefused, "The address to listen on is not HOST:PORT.", field: "listen")
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw Problem(.addressRefused, "An IPv6 address stands in brackets.", field: "listen")
        }
        guard !host.isEmpty, host.allSatisfy({ $0.isASCII && !$0.isWhitespace }) else {
            throw Problem(.addressRefused, "The address to listen on names no host.", field: "listen")
        }
        self.host = String(host)
        self.port = Int(port)
    }

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
