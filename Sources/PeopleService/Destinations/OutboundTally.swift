// SPDX-License-Identifier: Apache-2.0

import Storage

/// The counts of a receipt of an outbound run.
package struct OutboundTally: Sendable, Equatable, Codable {
    /// Lines that were written, without header lines.
    package var lines = 0
    /// Memberships that the lines say: one for each ID and segment.
    package var added = 0
    /// Memberships that the lines take away.
    package var removed = 0
    /// Lines that could not be written, since nobody could read their ID back; their IDs are not sent.
    package var unwritten = 0
    /// Lines that the template has no place for: it can't say that somebody left.
    package var unsaid = 0

    package init() {}

    /// Reads counts; those of older receipts have fewer.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        lines = try container.decode(Int.self, forKey: .lines)
        added = try container.decode(Int.self, forKey: .added)
        removed = try container.decode(Int.self, forKey: .removed)
        unwritten = try container.decodeIfPresent(Int.self, forKey: .unwritten) ?? 0
        unsaid = try container.decodeIfPresent(Int.self, forKey: .unsaid) ?? 0
    }

    /// All lines, written or not.
    package var received: Int { lines + unwritten + unsaid }

    /// The lines by the states that all receipts share: every one that is written tells of a member or a former one.
    package var counts: LineCounts {
        var counts = LineCounts()
        counts[.matched] = lines
        counts[.malformed] = unwritten
        counts[.notRequested] = unsaid
        return counts
    }
}
