// SPDX-License-Identifier: Apache-2.0

import Terminal

/// What a deletion changed, or would change.
struct DeletedReport: Report {
    /// A destination that has members.
    struct Destination: Encodable {
        let destination: Int
        /// How many it is told to take back.
        let members: Int
    }

    let deleted: Int
    /// What changed in segments.
    let segments: [Receipt.Segment]
    /// Who is told with the next file.
    let destinations: [Destination]
    /// Whether nothing was changed.
    let dryRun: Bool

    init(
        _ deleted: Int,
        segments: [Receipt.Segment] = [],
        destinations: [Destination] = [],
        dryRun: Bool = false
    ) {
        self.deleted = deleted
        self.segments = segments
        self.destinations = destinations
        self.dryRun = dryRun
    }

    var text: String {
        var lines = [dryRun ? "would delete \(deleted); nothing was changed" : "\(deleted) is deleted"]
        lines += segments.map { "  segment \($0.segment): \($0.before.grouped) → \($0.after.grouped)" }
        lines += destinations.map {
            "  destination \($0.destination): takes back \($0.members.grouped) members with its next file"
        }
        return lines.joined(separator: "\n")
    }
}
