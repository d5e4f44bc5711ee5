// SPDX-License-Identifier: Apache-2.0

import Terminal

/// What a load of profiles did, or would do.
package struct ProfileLoadReport: Report {
    package let read: Int
    package let inserted: Int
    package let updated: Int
    package let unchanged: Int
    package let rejected: Int
    package let seconds: Double
    package let dryRun: Bool
    /// How the file is written, as it was recognised.
    package let format: String
    /// Columns of the file and the fields that they fill.
    package let columns: [String: String]
    /// Columns that fill no field.
    package let ignoredColumns: [String]
    /// How many rows were refused for each reason.
    package let reasons: [String: Int]
    /// Where the refused rows are kept.
    package let rejectedFile: String?
    let rejectedSample: [RejectedRows.Sample]

    init(
        _ counts: ProfileWriter.Counts,
        _ plan: ProfileLoadPlan,
        dialect: CSVDialect,
        isDryRun: Bool,
        rejected: RejectedRows,
        seconds: Double
    ) {
        read = counts.inserted + counts.updated + counts.unchanged + counts.rejected
        inserted = counts.inserted
        updated = counts.updated
        unchanged = counts.unchanged
        self.rejected = counts.rejected
        self.seconds = seconds
        dryRun = isDryRun
        format = dialect.description
        columns = Dictionary(plan.columns.map { ($0.title, $0.field.name) }) { first, _ in first }
        ignoredColumns = plan.ignored
        reasons = rejected.reasons
        rejectedFile = rejected.path
        rejectedSample = rejected.samples
    }

    package var text: String {
        var lines = ["format    \(format)"]
        if !ignoredColumns.isEmpty {
            lines.append(
                "ignored   \(ignoredColumns.joined(separator: ", ")) (no such field; map with --map COLUMN=FIELD)"
            )
        }
        lines.append(
            """
            read      \(read.grouped) rows in \(seconds.secondsText)\(dryRun ? ", dry run: nothing was changed" : "")
            inserted  \(inserted.grouped)
            updated   \(updated.grouped)
            unchanged \(unchanged.grouped)
            rejected  \(rejected.grouped)
            """
        )
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
