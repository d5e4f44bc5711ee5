// SPDX-License-Identifier: Apache-2.0

import Storage
import Synchronization
import Transfer

/// The open ways to external accounts, one for each, so that connections are used again within a run.
package final class Transports: Sendable {
    private let opened = Mutex<[String: (account: ExternalAccount, transport: any Transport)]>([:])

    package init() {}

    /// The way to an account; opened anew when the account's settings changed.
    ///
    /// - Parameters:
    ///   - account: The external account.
    ///   - sealer: Opens its secrets.
    ///   - world: The source of names for temporary files.
    /// - Returns: The transport of its kind.
    /// - Throws: ``Problem`` of kind `accounts.unconfigured`, `accounts.disabled` or `secrets.unreadable`.
    package func transport(
        to account: ExternalAccount,
        _ sealer: Sealer,
        _ world: World
    ) throws -> any Transport {
        try opened.withLock { opened in
            if let known = opened[account.id], known.account == account { return known.transport }
            let transport = try account.transport(sealer, world)
            opened[account.id] = (account, transport)
            return transport
        }
    }
}
