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

extension TestCampaign: PartneredSystem {
    var system: Campaign { campaign }

    /// One pass of the exchange that waits for files to be quiet, as the program does.
    func exchange() async throws -> SyncReport {
        try await SyncRun(campaign).pass()
    }
}
