// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

/// The receipts of all runs.
package struct ReceiptStore {
    package init() {}

    /// Begins a run: gives it the next ID and notes it as running.
    ///
    /// - Parameters:
    ///   - direction: Which way the audience goes.
    ///   - source: The shared data source.
    ///   - state: Running, or waiting for files that are missing.
    ///   - retryOf: The receipt whose rejected lines are imported again.
    ///   - time: The current time, in milliseconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Returns: The receipt, still empty.
    /// - Throws: What the database answers.
    func begin(
        _ direction: Receipt.Direction,
        _ source: SharedDataSource.ID,
        state: Receipt.State = .running,
        retryOf: Receipt.ID? = nil,
        at time: Int64,
        in database: Database
    ) throws -> Receipt {
        let number = try Counter.receipt.next(in: database)
        let id = Receipt.ID("R\(number)")
        try database.execute(
            sql: """
                INSERT INTO receipts (id, position, direction, state, data_source, retry_of, started)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id.rawValue, number, direction.rawValue, state.rawValue, source.rawValue, retryOf?.rawValue,
                time,
            ]
        )
        return Receipt(
            id: id,
            direction: direction,
            state: state,
            dataSource: source,
            retryOf: retryOf,
            started: time
        )
    }

    /// Writes a receipt down as it ended.
    ///
    /// - Parameters:
    ///   - receipt: The receipt.
    ///   - database: The database, in the transaction that publishes what the receipt states.
    /// - Throws: ``Problem`` of kind `receipts.lines-unaccounted` when a completed run's states don't add up.
    func finish(_ receipt: Receipt, in database: Database) throws {
        let isCompleted = receipt.state == .completed || receipt.state == .completedWithRejects
        guard !isCompleted || receipt.counts.sum == receipt.received else {
            throw Problem(
                .linesUnaccounted,
                "\(receipt.received) lines came in and \(receipt.counts.sum) were accounted for."
            )
        }
        let counts = receipt.counts
        try database.execute(
            sql: """
                UPDATE receipts SET state = ?, received = ?, matched = ?, duplicate = ?, unknown = ?,
                    malformed = ?, undecryptable = ?, ambiguous = ?, suppressed = ?, excess = ?,
                    not_requested = ?, added = ?, removed = ?, kept = ?, rejected_file = ?, seconds = ?,
                    problem_code = ?, problem = ?, advice = ?, same_as = ?, attempts = ?, usable_after = ?
                WHERE id = ?
                """,
            arguments: [
                receipt.state.rawValue, receipt.received, counts[.matched], counts[.duplicate],
                counts[.unknown],
                counts[.malformed], counts[.undecryptable], counts[.ambiguous], counts[.suppressed],
                counts[.excess], counts[.notRequested], receipt.change?.added, receipt.change?.removed,
                receipt.change?.kept, receipt.rejectedFile, receipt.seconds, receipt.failure?.code,
                receipt.failure?.summary, receipt.failure?.advice, receipt.sameAs?.rawValue,
                receipt.attempts, receipt.usableAfter, receipt.id.rawValue,
            ]
        )
        try storeParts(of: receipt, in: database)
    }

    /// The receipt that took over the rejected lines of another one.
    func retry(of id: Receipt.ID, in database: Database) throws -> Receipt.ID? {
        try String.fetchOne(
            database,
            sql: "SELECT id FROM receipts WHERE retry_of = ? AND state <> 'running' LIMIT 1",
            arguments: [id.rawValue]
        )
        .map { Receipt.ID($0) }
    }

    /// Forgets a run that changed nothing.
    func forget(_ id: Receipt.ID, in database: Database) throws {
        try database.execute(sql: "DELETE FROM receipts WHERE id = ?", arguments: [id.rawValue])
    }

    /// Forgets runs that were interrupted; their work begins anew.
    func forgetInterrupted(in database: Database) throws {
        try database.execute(
            sql: """
                DELETE FROM receipts
                WHERE state = 'running' AND id NOT IN (SELECT receipt FROM export_plans)
                """
        )
        try database.execute(
            sql: """
                UPDATE counters SET value = (SELECT coalesce(max(position), 0) FROM receipts)
                WHERE name = 'receipt'
                """
        )
    }

    /// The file of a receipt's rejected lines; `nil` for a receipt that has none or that doesn't exist.
    func rejectedFile(of id: Receipt.ID, in database: Database) throws -> String? {
        try String.fetchOne(
            database,
            sql: "SELECT rejected_file FROM receipts WHERE id = ? AND rejected_file IS NOT NULL",
            arguments: [id.rawValue]
        )
    }

    /// Finds a receipt.
    ///
    /// - Throws: ``Problem`` of kind `receipts.unknown`.
    package func find(_ id: Receipt.ID, in database: Database) throws -> Receipt {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT * FROM receipts WHERE id = ?",
            arguments: [id.rawValue]
        )
        guard let row else {
            throw Problem(.receiptUnknown, "There is no receipt \(id).")
        }
        return try decode(row, in: database)
    }

    /// Receipts, newest first.
    ///
    /// - Parameters:
    ///   - limit: How many at most.
    ///   - before: Only older ones than this receipt, to page on.
    ///   - database: The database.
    /// - Returns: The receipts with all their parts.
    /// - Throws: What the database answers.
    package func list(limit: Int, before: Receipt.ID? = nil, in database: Database) throws -> [Receipt] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM receipts
                WHERE position < coalesce((SELECT position FROM receipts WHERE id = ?), 9223372036854775807)
                ORDER BY position DESC LIMIT ?
                """,
            arguments: [before?.rawValue, limit]
        )
        .map { try decode($0, in: database) }
    }

    private func storeParts(of receipt: Receipt, in database: Database) throws {
        let id = receipt.id.rawValue
        for table in ["receipt_files", "receipt_segments", "receipt_stages", "receipt_reasons"] {
            try database.execute(sql: "DELETE FROM \(table) WHERE receipt = ?", arguments: [id])
        }
        for (position, file) in receipt.files.enumerated() {
            try database.execute(
                sql: "INSERT INTO receipt_files VALUES (?, ?, ?, ?, ?)",
                arguments: [id, position, file.name, file.bytes, file.sha256 ?? ""]
            )
        }
        for (position, segment) in receipt.segments.enumerated() {
            try database.execute(
                sql: "INSERT INTO receipt_segments VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [id, position, segment.segment, segment.audience, segment.before, segment.after]
            )
        }
        for (position, stage) in receipt.stages.enumerated() {
            try database.execute(
                sql: "INSERT INTO receipt_stages VALUES (?, ?, ?, ?)",
                arguments: [id, position, stage.stage, stage.seconds]
            )
        }
        for reason in receipt.reasons {
            try database.execute(
                sql: "INSERT INTO receipt_reasons VALUES (?, ?, ?, ?)",
                arguments: [id, reason.state, reason.reason, reason.lines]
            )
        }
    }

    private func decode(_ row: Row, in database: Database) throws -> Receipt {
        let id: String = row["id"]
        var receipt = Receipt(
            id: Receipt.ID(id),
            direction: Receipt.Direction(rawValue: row["direction"]) ?? .import,
            state: Receipt.State(rawValue: row["state"]) ?? .failed,
            dataSource: SharedDataSource.ID(row["data_source"]),
            retryOf: (row["retry_of"] as String?).map { Receipt.ID($0) },
            sameAs: (row["same_as"] as String?).map { Receipt.ID($0) },
            received: row["received"],
            rejectedFile: row["rejected_file"],
            started: row["started"],
            seconds: row["seconds"],
            attempts: row["attempts"],
            usableAfter: row["usable_after"]
        )
        receipt.counts[.matched] = row["matched"]
        receipt.counts[.duplicate] = row["duplicate"]
        receipt.counts[.unknown] = row["unknown"]
        receipt.counts[.malformed] = row["malformed"]
        receipt.counts[.undecryptable] = row["undecryptable"]
        receipt.counts[.ambiguous] = row["ambiguous"]
        receipt.counts[.suppressed] = row["suppressed"]
        receipt.counts[.excess] = row["excess"]
        receipt.counts[.notRequested] = row["not_requested"]
        if let added: Int = row["added"], let removed: Int = row["removed"], let kept: Int = row["kept"] {
            receipt.change = ShareChange(added: added, removed: removed, kept: kept)
        }
        if let code: String = row["problem_code"] {
            receipt.failure = Receipt.Failure(
                code: code,
                summary: row["problem"] ?? "",
                advice: row["advice"] ?? ""
            )
        }
        receipt.files = try parts("receipt_files", id, in: database).map {
            let sha256: String = $0["sha256"]
            return Receipt.File(
                name: $0["name"],
                bytes: $0["bytes"],
                sha256: sha256.isEmpty ? nil : sha256
            )
        }
        receipt.segments = try parts("receipt_segments", id, in: database).map {
            Receipt.Segment(
                segment: $0["segment"],
                audience: $0["audience"],
                before: $0["before"],
                after: $0["after"]
            )
        }
        receipt.stages = try parts("receipt_stages", id, in: database).map {
            Receipt.Stage(stage: $0["stage"], seconds: $0["seconds"])
        }
        receipt.reasons = try Row.fetchAll(
            database,
            sql:
                "SELECT * FROM receipt_reasons WHERE receipt = ? ORDER BY lines DESC, state, reason LIMIT 1000",
            arguments: [id]
        )
        .map { Receipt.Reason(state: $0["state"], reason: $0["reason"], lines: $0["lines"]) }
        return receipt
    }

    private func parts(_ table: String, _ id: String, in database: Database) throws -> [Row] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM \(table) WHERE receipt = ? ORDER BY position LIMIT 100000",
            arguments: [id]
        )
    }
}
