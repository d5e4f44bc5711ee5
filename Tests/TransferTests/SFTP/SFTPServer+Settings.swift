// SPDX-License-Identifier: Apache-2.0

import Surroundings

@testable import Transfer

extension SFTPServer {
    /// The settings of a user whose root is a folder of the jail.
    func settings(_ user: User = .ordinary, root: String, port: UInt16? = nil) throws -> SFTPSettings {
        var settings = SFTPSettings(
            host: "127.0.0.1",
            port: port ?? self.port,
            user: name(of: user),
            root: root,
            hostKeys: [try hostKey("ed25519")]
        )
        settings.password = Self.password
        return settings
    }
}
