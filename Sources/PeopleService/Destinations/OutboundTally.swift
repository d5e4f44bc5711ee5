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

    package init() {}

    /// The lines by the states that all receipts share: every one that is written tells of a member or a former one.
    package var counts: LineCounts {
        var counts = LineCounts()
        counts[.matched] = lines
        return counts
    }
}
