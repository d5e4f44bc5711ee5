// SPDX-License-Identifier: Apache-2.0

import Storage

/// The counts of a receipt of ID synchronization.
package struct IDSyncTally: Sendable, Equatable, Codable {
    /// Rows that came in.
    package var received = 0
    /// Rows that linked their IDs, or confirmed the link.
    package var linked = 0
    /// Rows that break the grammar: a tab or blank at the end, an empty ID, no UTF-8, too long, or one ID in all columns.
    package var formatErrors = 0
    /// Rows with an ID that is not one of its column's data source.
    package var invalidIDs = 0
    /// Rows of people who opted out.
    package var optedOut = 0
    /// Rows whose first ID is a declared one of which no device is known.
    package var notSynced = 0
    /// IDs that were met for the first time.
    package var newIDs = 0
    /// Links between IDs of one device that rows said.
    package var deviceLinks = 0
    /// Links of which the oldest gave way, since a device or a person had too many.
    package var evictedLinks = 0

    package init() {}

    /// Reads the counts of a receipt, which may be older than some of them.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func count(_ key: CodingKeys) throws -> Int {
            try container.decodeIfPresent(Int.self, forKey: key) ?? 0
        }
        received = try count(.received)
        linked = try count(.linked)
        formatErrors = try count(.formatErrors)
        invalidIDs = try count(.invalidIDs)
        optedOut = try count(.optedOut)
        notSynced = try count(.notSynced)
        newIDs = try count(.newIDs)
        deviceLinks = try count(.deviceLinks)
        evictedLinks = try count(.evictedLinks)
    }

    /// The rows by the states that all receipts share.
    package var counts: LineCounts {
        var counts = LineCounts()
        counts[.matched] = linked
        counts[.malformed] = formatErrors + invalidIDs
        counts[.unknown] = notSynced
        counts[.suppressed] = optedOut
        return counts
    }

    /// Counts a row that links nothing.
    mutating func reject(_ reason: IDSyncReason) {
        switch reason {
        case .none: break
        case .wrongMasterID, .forbiddenCharacter, .wrongIDSpelling: invalidIDs += 1
        case .masterNotSynced: notSynced += 1
        case .optedOut: optedOut += 1
        case .emptyRow, .trailingSeparator, .nulByte, .invalidUTF8, .emptyID, .rowTooLong, .sameID:
            formatErrors += 1
        }
    }
}
