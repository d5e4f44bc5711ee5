// SPDX-License-Identifier: Apache-2.0

import Terminal

/// What the deletion of something with a number did.
struct DeletedReport: Report {
    let deleted: Int
    /// What changed in segments.
    let segments: [Receipt.Segment]

    var text: String {
        (["\(deleted) is deleted"]
            + segments.map { "  segment \($0.segment): \($0.before.grouped) → \($0.after.grouped)" })
            .joined(separator: "\n")
    }
}
