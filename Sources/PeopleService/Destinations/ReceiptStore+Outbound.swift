// SPDX-License-Identifier: Apache-2.0

import GRDB

extension ReceiptStore {
    /// Begins an outbound run, or goes on with the last one of the destination if that could not be done.
    ///
    /// - Parameters:
    ///   - destination: The destination.
    ///   - time: The current time, in milliseconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Returns: The receipt, noted as running.
    /// - Throws: What the database answers.
    func begin(_ destination: Destination, at time: Int64, in database: Database) throws -> Receipt {
        var receipt: Receipt
        let last = try latest(of: destination.number, in: database)
        if let last, try last.state == .failed || isUnfinished(last, destination, in: database) {
            receipt = Receipt(last.number, .outbound, account: destination.account, started: last.started)
            receipt.attempts = last.state == .running ? last.attempts : last.attempts + 1
            receipt.notes = last.notes
            receipt.ended = time
        } else {
            receipt = try begin(.outbound, account: destination.account, at: time, in: database)
        }
        receipt.destination = destination.number
        receipt.dataSource = destination.keyDataSource
        try save(receipt, in: database)
        return receipt
    }

    /// Ends a run whose files were taken back, where there is nothing to say instead.
    func settle(_ destination: Destination, at time: Int64, in database: Database) throws {
        guard var last = try latest(of: destination.number, in: database),
            try isUnfinished(last, destination, in: database)
        else { return }
        last.state = .cancelled
        last.ended = time
        try save(last, in: database)
    }

    /// Whether a run waits although its files were taken back.
    func isUnfinished(_ receipt: Receipt, _ destination: Destination, in database: Database) throws -> Bool {
        guard receipt.state == .waiting || receipt.state == .running else { return false }
        return try OutboundPlanStore().plan(of: destination.number, in: database) == nil
    }

    /// The newest receipt of a destination.
    func latest(of destination: Int, in database: Database) throws -> Receipt? {
        try String.fetchOne(
            database,
            sql: """
                SELECT content FROM receipts WHERE destination = ? ORDER BY started DESC, number DESC LIMIT 1
                """,
            arguments: [destination]
        )
        .map(decode)
    }
}
