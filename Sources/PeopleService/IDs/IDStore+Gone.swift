// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching

extension IDStore {
    /// The IDs that nothing may be sent of any more: they opted out, were deleted, or are inactive.
    func gone(in database: Database) throws -> MemberSet {
        MemberSet.union(
            of: try [IDSet.optedOut, .deleted, .inactive].map { try members(of: $0, in: database) }
        )
    }
}
