// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems
import Storage

/// The receipts of all runs, each kept whole as JSON with the columns that lists ask for beside it.
package struct ReceiptStore {
    package init() {}

    /// Begins a run: gives it the next number and notes it as running.
    package func begin(_ kind: Receipt.Kind, account: String, at time: Int64, in database: Database) throws
        -> Receipt
    {
        let receipt = Receipt(try Counter.receipt.next(in: database), kind, account: account, started: time)
        try save(receipt, in: database)
        return receipt
    }

    /// Writes a receipt down.
    ///
    /// - Throws: ``Problem`` of kind `people.lines-unaccounted` when a completed run's states don't add up.
    func save(_ receipt: Receipt, in database: Database) throws {
        let isCompleted = receipt.state == .completed || receipt.state == .completedWithRejects
        guard !isCompleted || receipt.counts.sum == receipt.received else {
            throw Problem(
                .peopleLinesUnaccounted,
                "\(receipt.received) lines came in and \(receipt.counts.sum) were accounted for."
            )
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try database.execute(
            sql: """
                INSERT INTO receipts (number, kind, state, data_source, destination, account, started, content)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (number) DO UPDATE SET state = excluded.state, data_source = excluded.data_source,
                    destination = excluded.destination, account = excluded.account, content = excluded.content
                """,
            arguments: [
                receipt.number, receipt.kind.rawValue, receipt.state.rawValue, receipt.dataSource,
                receipt.destination, receipt.account, receipt.started,
                String(decoding: try encoder.encode(receipt), as: UTF8.self),
            ]
        )
    }

    /// Finds a receipt by its ID.
    ///
    /// - Throws: ``Problem`` of kind `people.receipt-unknown`.
    func find(_ id: String, in database: Database) throws -> Receipt {
        let number = id.wholeMatch(of: /P([1-9][0-9]*)/).flatMap { Int($0.1) }
        let content = try String.fetchOne(
            database,
            sql: "SELECT content FROM receipts WHERE number = ?",
            arguments: [number]
        )
        guard let content else {
            throw Problem(.peopleReceiptUnknown, "There is no receipt \(id).")
        }
        return try decode(content)
    }

    /// Receipts, newest first.
    ///
    /// - Parameters:
    ///   - limit: How many at most.
    ///   - before: Only older ones than this number, to page on.
    ///   - database: The database.
    /// - Returns: The receipts.
    /// - Throws: What the database answers.
    func list(limit: Int, before: Int = .max, in database: Database) throws -> [Receipt] {
        try String.fetchAll(
            database,
            sql: "SELECT content FROM receipts WHERE number < ? ORDER BY number DESC LIMIT ?",
            arguments: [before, limit]
        )
        .map(decode)
    }

    /// Forgets a run that changed nothing.
    func forget(_ receipt: Receipt, in database: Database) throws {
        try database.execute(sql: "DELETE FROM receipts WHERE number = ?", arguments: [receipt.number])
    }

    /// Forgets runs that were interrupted; their work begins anew.
    ///
    /// - Parameters:
    ///   - open: The numbers of runs whose files are still to be published.
    ///   - database: The database, in a transaction, with no other run at work.
    /// - Throws: What the database answers.
    func forgetInterrupted(keeping open: Set<Int>, in database: Database) throws {
        let running = try Int.fetchAll(
            database,
            sql: "SELECT number FROM receipts WHERE state = 'running' ORDER BY number LIMIT 100000"
        )
        for number in running where !open.contains(number) {
            try database.execute(sql: "DELETE FROM receipts WHERE number = ?", arguments: [number])
        }
    }

    func decode(_ content: String) throws -> Receipt {
        do {
            return try JSONDecoder().decode(Receipt.self, from: Data(content.utf8))
        } catch {
            throw Problem(.databaseDamaged, "A receipt in the database is damaged.")
        }
    }
}
