// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Storage

/// Who has opted out of what.
struct OptOuts {
    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// The profiles that opted out of sharing (`ccpaOptOut`).
    func ofSharing() throws -> MemberSet {
        try campaign.read { database in
            let numbers = try Int64.fetchCursor(
                database,
                sql: "SELECT number FROM profiles WHERE ccpaOptOut = 1 ORDER BY number"
            )
            let builder = MemberSetBuilder()
            while let number = try numbers.next() { builder.insert(ProfileNumber(number)) }
            return builder.added
        }
    }
}
