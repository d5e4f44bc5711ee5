// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage
import Terminal

/// What linking visitor IDs did.
package struct VisitorLinkReport: Report {
    package let read: Int
    package let linked: Int
    package let rejected: Int
    package let seconds: Double
    package let format: String
    package let reasons: [String: Int]
    package let rejectedFile: String?
    let rejectedSample: [RejectedRows.Sample]

    package var text: String {
        var lines = [
            "format    \(format)", "read      \(read.grouped) rows in \(seconds.secondsText)",
            "linked    \(linked.grouped)", "rejected  \(rejected.grouped)",
        ]
        for (reason, count) in reasons.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append("  \(count.grouped) \(reason): \(RowReason.hint(reason))")
        }
        for row in rejectedSample {
            lines.append("  line \(row.line), column \(row.column): \(row.reason)")
        }
        if let rejectedFile { lines.append("kept in   \(rejectedFile)") }
        return lines.joined(separator: "\n")
    }
}
