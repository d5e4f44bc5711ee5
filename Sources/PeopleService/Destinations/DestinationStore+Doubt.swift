// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching

/// What a destination may have by files that were taken back, and those of the files that surely stood in its account.
extension DestinationStore {
    /// Notes what may have arrived of a plan that is taken back.
    func noteDoubt(about plan: OutboundPlan, in database: Database) throws {
        let known = try doubtful(of: plan.destination, in: database)
        for (segment, members) in try OutboundPlanStore().sets(of: plan, in: database) {
            let sent = try sent(segment, to: plan.destination, in: database)
            let doubtful = members.union(known[segment, default: .empty]).subtracting(sent)
            try database.execute(
                sql: "UPDATE mappings SET doubtful = ? WHERE destination = ? AND segment = ?",
                arguments: [Data(doubtful.serialized()), plan.destination, segment]
            )
        }
        // The destination may have another account by now.
        let account = try ReceiptStore().find("P\(plan.receipt)", in: database).account
        // The one that was begun last may be somebody else's.
        for file in plan.files.prefix(plan.begun - 1) {
            try database.execute(
                sql: "INSERT OR IGNORE INTO withdrawn_files (account, path, destination) VALUES (?, ?, ?)",
                arguments: [account, file.name, plan.destination]
            )
        }
    }

    /// What a destination may have of each segment besides what it surely has.
    func doubtful(of destination: Int, in database: Database) throws -> [SID: MemberSet] {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT segment, doubtful FROM mappings WHERE destination = ? AND doubtful IS NOT NULL",
            arguments: [destination]
        )
        return try rows.reduce(into: [:]) { sets, row in
            let data: Data = row[1]
            sets[row[0]] = try data.withUnsafeBytes { try MemberSet(serialized: $0) }
        }
    }

    /// The IDs that any destination may have.
    func doubtful(in database: Database) throws -> MemberSet {
        let sets = try Data.fetchAll(
            database,
            sql: "SELECT doubtful FROM mappings WHERE doubtful IS NOT NULL"
        )
        return MemberSet.union(of: try sets.map { try $0.withUnsafeBytes { try MemberSet(serialized: $0) } })
    }

    /// Ends the doubt: files that say everything were published.
    func endDoubt(of destination: Int, in database: Database) throws {
        try database.execute(
            sql: "UPDATE mappings SET doubtful = NULL WHERE destination = ? AND doubtful IS NOT NULL",
            arguments: [destination]
        )
    }

    /// The names of files that were published for a destination and taken back since, by account.
    func withdrawnFiles(of destination: Destination, in database: Database) throws -> [String: [String]] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT account, path FROM withdrawn_files WHERE destination = ? ORDER BY account, path LIMIT 10000
                """,
            arguments: [destination.number]
        )
        return rows.reduce(into: [:]) { files, row in files[row[0], default: []].append(row[1]) }
    }

    /// Notes that a file that was taken back is gone.
    func forgetWithdrawn(
        _ name: String,
        in account: String,
        of destination: Destination,
        in database: Database
    ) throws {
        try database.execute(
            sql: "DELETE FROM withdrawn_files WHERE account = ? AND path = ? AND destination = ?",
            arguments: [account, name, destination.number]
        )
    }
}
