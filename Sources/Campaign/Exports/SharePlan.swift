// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Storage

/// An export whose files and list are durable: what is left is to publish the files and to note it.
struct SharePlan: Sendable {
    /// A file to publish.
    struct File: Sendable, Equatable {
        /// The name in the account.
        let name: String
        /// Where it lies, below the data directory's `spool/`.
        let spoolFile: String
        /// Its size in bytes.
        let byteCount: Int
        /// SHA-256 of its bytes, in hex.
        let sha256: String
    }

    /// The receipt of the export.
    let receipt: Receipt.ID
    /// The number of the share.
    let share: Int64
    /// The segment's number.
    let segment: Int64
    /// The list of what the segment has then.
    let list: SharedList
    /// The audience's version that is shared.
    let version: Int64
    /// The count of changes of profiles that is shared.
    let change: Int64
    /// The files, in their order.
    let files: [File]
}

/// The exports that are still to be published.
struct SharePlanStore {
    /// Keeps a plan.
    func insert(_ plan: SharePlan, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO export_plans (receipt, share, list_file, list_count, shared_version, shared_change)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                plan.receipt.rawValue, plan.share, plan.list.file, plan.list.count, plan.version, plan.change,
            ]
        )
        for (position, file) in plan.files.enumerated() {
            try database.execute(
                sql: """
                    INSERT INTO export_plan_files (receipt, position, name, spool_file, bytes, sha256)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    plan.receipt.rawValue, position, file.name, file.spoolFile, file.byteCount, file.sha256,
                ]
            )
        }
    }

    /// All plans, oldest first.
    func all(in database: Database) throws -> [SharePlan] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT export_plans.*, receipt_segments.segment FROM export_plans
                JOIN receipts ON receipts.id = export_plans.receipt
                JOIN receipt_segments ON receipt_segments.receipt = export_plans.receipt
                ORDER BY receipts.position LIMIT 10000
                """
        )
        .map { row in
            let receipt: String = row["receipt"]
            let segment: String = row["segment"]
            return SharePlan(
                receipt: Receipt.ID(receipt),
                share: row["share"],
                segment: Int64(segment) ?? 0,
                list: SharedList(file: row["list_file"], count: row["list_count"]),
                version: row["shared_version"],
                change: row["shared_change"],
                files: try files(receipt, in: database)
            )
        }
    }

    /// Forgets a plan that was carried out or given up.
    func delete(_ receipt: Receipt.ID, in database: Database) throws {
        try database.execute(sql: "DELETE FROM export_plans WHERE receipt = ?", arguments: [receipt.rawValue])
    }

    private func files(_ receipt: String, in database: Database) throws -> [SharePlan.File] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM export_plan_files WHERE receipt = ? ORDER BY position LIMIT 100000",
            arguments: [receipt]
        )
        .map { row in
            SharePlan.File(
                name: row["name"],
                spoolFile: row["spool_file"],
                byteCount: row["bytes"],
                sha256: row["sha256"]
            )
        }
    }
}
