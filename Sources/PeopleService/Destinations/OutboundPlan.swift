// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems

/// What an outbound run wrote and has to publish: made durable before the first file leaves, so that a run that was
/// interrupted publishes the same files under the same names.
struct OutboundPlan: Equatable {
    /// A file in the spool; control files come last.
    struct File: Equatable, Codable {
        /// The name in the account.
        let name: String
        /// The name in the folder of the run.
        let spoolFile: String
        let byteCount: Int
        let sha256: String
    }

    /// The number of the receipt.
    let receipt: Int
    let destination: Int
    let files: [File]
    /// Whether the files list all members or tell what changed.
    var mode = Destination.Mode.iter
    /// When the files were written, in milliseconds since 1970.
    var made: Int64 = 0
    /// How many of the files may stand in the account: publishing them was begun, and nothing says that it failed.
    var begun = 0
}

/// The plans of outbound runs that are not published yet.
struct OutboundPlanStore {
    /// Notes a plan.
    ///
    /// - Parameters:
    ///   - plan: The files.
    ///   - changes: What the destination has else of each segment once they are published.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    func add(_ plan: OutboundPlan, changes: [SID: MemberChange], in database: Database) throws {
        let files = String(decoding: try JSONEncoder().encode(plan.files), as: UTF8.self)
        try database.execute(
            sql: """
                INSERT INTO outbound_plans (receipt, destination, files, mode, made) VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [plan.receipt, plan.destination, files, plan.mode.rawValue, plan.made]
        )
        for (segment, change) in changes {
            try database.execute(
                sql: """
                    INSERT INTO outbound_plan_sets (receipt, segment, added_set, removed_set) VALUES (?, ?, ?, ?)
                    """,
                arguments: [
                    plan.receipt, segment, try MemberSetStore().make(change.added, in: database),
                    try MemberSetStore().make(change.removed, in: database),
                ]
            )
        }
    }

    /// The plan of a destination, if one is open.
    func plan(of destination: Int, in database: Database) throws -> OutboundPlan? {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT * FROM outbound_plans WHERE destination = ?",
            arguments: [destination]
        )
        return try row.map(decode)
    }

    /// All open plans of destinations that are there, by receipt.
    func all(in database: Database) throws -> [OutboundPlan] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM outbound_plans WHERE destination IN (SELECT number FROM destinations)
                ORDER BY receipt LIMIT ?
                """,
            arguments: [Destination.limit]
        )
        .map(decode)
    }

    /// Notes how many files of a plan may stand in the account.
    func setBegun(_ count: Int, of plan: OutboundPlan, in database: Database) throws {
        try database.execute(
            sql: "UPDATE outbound_plans SET begun = ? WHERE receipt = ?",
            arguments: [count, plan.receipt]
        )
    }

    private func decode(_ row: Row) throws -> OutboundPlan {
        let files: String = row["files"]
        return OutboundPlan(
            receipt: row["receipt"],
            destination: row["destination"],
            files: try JSONDecoder().decode([OutboundPlan.File].self, from: Data(files.utf8)),
            mode: Destination.Mode(rawValue: row["mode"]) ?? .iter,
            made: row["made"],
            begun: row["begun"]
        )
    }

    /// What the destination has else of each segment once a plan is published.
    func changes(of plan: OutboundPlan, in database: Database) throws -> [SID: MemberChange] {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT segment, added_set, removed_set FROM outbound_plan_sets WHERE receipt = ?",
            arguments: [plan.receipt]
        )
        let sets = MemberSetStore()
        return try rows.reduce(into: [:]) { changes, row in
            changes[row[0]] = MemberChange(
                added: try sets.members(of: row[1], in: database),
                removed: try sets.members(of: row[2], in: database)
            )
        }
    }

    /// What the destination has of each segment once a plan is published.
    func sets(of plan: OutboundPlan, in database: Database) throws -> [SID: MemberSet] {
        var sets: [SID: MemberSet] = [:]
        for (segment, change) in try changes(of: plan, in: database) {
            let sent = try DestinationStore().sent(segment, to: plan.destination, in: database)
            sets[segment] = sent.subtracting(change.removed).union(change.added)
        }
        return sets
    }

    /// Notes under which names the files of a plan tell of segments.
    func setAliases(_ aliases: [SID: String], of plan: OutboundPlan, in database: Database) throws {
        for (segment, alias) in aliases {
            try database.execute(
                sql: "UPDATE outbound_plan_sets SET alias = ? WHERE receipt = ? AND segment = ?",
                arguments: [alias, plan.receipt, segment]
            )
        }
    }

    /// Under which names the files of a plan tell of segments.
    func aliases(of plan: OutboundPlan, in database: Database) throws -> [SID: String] {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT segment, alias FROM outbound_plan_sets WHERE receipt = ? AND alias IS NOT NULL",
            arguments: [plan.receipt]
        )
        return rows.reduce(into: [:]) { $0[$1[0]] = $1[1] }
    }

    /// Ends a plan.
    func delete(_ plan: OutboundPlan, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM outbound_plans WHERE receipt = ?",
            arguments: [plan.receipt]
        )
    }

    /// The receipts of all open plans.
    func receipts(in database: Database) throws -> Set<Int> {
        try Int.fetchSet(database, sql: "SELECT receipt FROM outbound_plans")
    }
}
