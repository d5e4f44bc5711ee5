// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Storage

/// A test that holds a system which exchanges files with partners.
package protocol PartneredSystem {
    associatedtype System: StoredSystem

    /// The system under test.
    var system: System { get }
}

extension PartneredSystem {
    /// Lets an account of the system lead to a partner's storage.
    ///
    /// - Parameters:
    ///   - id: The account's ID.
    ///   - partner: The storage.
    ///   - rules: How its files are treated.
    ///   - port: Where its server is to be found, if not at its own port.
    /// - Throws: What the database answers.
    package func connect(
        _ id: String,
        to partner: Partner,
        _ rules: AccountRules = AccountRules(),
        port: UInt16? = nil
    ) throws {
        let account = try partner.account(id, rules, port: port, sealer: system.sealer)
        try system.write { try ExternalAccountStore().save(account, isReplacing: true, in: $0) }
    }
}
