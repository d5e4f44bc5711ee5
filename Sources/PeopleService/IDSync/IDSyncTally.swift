// SPDX-License-Identifier: Apache-2.0

import Storage

/// The counts of a receipt of ID synchronization.
package struct IDSyncTally: Sendable, Equatable, Codable {
    /// Rows that came in.
    package var received = 0
    /// Rows that linked their IDs, or confirmed the link.
    package var linked = 0
    /// Rows that break the grammar: a tab or blank at the end, an empty ID, no UTF-8.
    package var formatErrors = 0
    /// Rows with an ID that is not one of its column's data source.
    package var invalidIDs = 0
    /// Rows of people who opted out.
    package var optedOut = 0
    /// IDs that were met for the first time.
    package var newIDs = 0
    /// Links of which the oldest gave way, since a device or a person had too many.
    package var evictedLinks = 0

    package init() {}

    /// The rows by the states that all receipts share.
    package var counts: LineCounts {
        var counts = LineCounts()
        counts[.matched] = linked
        counts[.malformed] = formatErrors + invalidIDs
        counts[.suppressed] = optedOut
        return counts
    }

    /// Counts a row that links nothing.
    mutating func reject(_ reason: IDSyncReason) {
        switch reason {
        case .none: break
        case .wrongMasterID, .forbiddenCharacter, .wrongIDSpelling: invalidIDs += 1
        case .optedOut: optedOut += 1
        case .emptyRow, .trailingSeparator, .nulByte, .invalidUTF8, .emptyID: formatErrors += 1
        }
    }
}
