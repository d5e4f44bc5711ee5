// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Matching
import Storage
import Surroundings

@testable import Campaign

extension Partner {
    /// The SHA-256 of a file in hex.
    func sha256(_ name: String) async throws -> String {
        HexText.string(try Digester(.sha256).digest(try await contents(name)))
    }
}

extension TestCampaign {
    /// Lets an account lead to a partner's storage.
    ///
    /// - Parameters:
    ///   - id: The account's ID.
    ///   - partner: The storage.
    ///   - rules: How its files are treated.
    ///   - port: Where its server is to be found, if not at its own port.
    /// - Throws: What the database answers.
    func connect(
        _ id: String,
        to partner: Partner,
        _ rules: AccountRules = AccountRules(),
        port: UInt16? = nil
    ) throws {
        let account = try partner.account(id, rules, port: port, sealer: campaign.sealer)
        try campaign.write { try ExternalAccountStore().save(account, isReplacing: true, in: $0) }
    }

    /// One pass of the exchange that waits for files to be quiet, as the program does.
    func exchange() async throws -> SyncReport {
        try await SyncRun(campaign).pass()
    }
}
