// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import GRDBSQLite
import Matching
import Storage

/// The reading of some columns of some profiles, in the order of their numbers.
///
/// One pass over the table, or one look-up for each profile where they are few. One owner at a time.
final class ProfileScan {
    /// The share of all profiles below which they are looked up one by one: one in so many.
    private static let fewness = 20

    private let statement: Statement
    private let numbers: [ProfileNumber]
    private let isLookup: Bool
    private var position = 0
    private var isAtRow = false
    private var hasEnded = false

    /// Prepares the reading.
    ///
    /// - Parameters:
    ///   - columns: SQL of the columns, after the number.
    ///   - table: The table, and the name of its column with a profile's number.
    ///   - members: Which profiles.
    ///   - database: The database; only this scan uses it until it is done.
    /// - Throws: What the database answers.
    init(
        _ columns: String,
        from table: (name: String, number: String) = ("profiles", "number"),
        of members: MemberSet,
        in database: Database
    ) throws {
        numbers = members.numbers()
        isLookup = numbers.count < (try Counter.profiles.value(in: database)) / Self.fewness
        let select = "SELECT \(table.number), \(columns) FROM \(table.name)"
        if isLookup {
            statement = try database.makeStatement(sql: "\(select) WHERE \(table.number) = ?")
        } else {
            let condition = "\(table.number) BETWEEN ? AND ? ORDER BY \(table.number)"
            statement = try database.makeStatement(sql: "\(select) WHERE \(condition)")
            try statement.setArguments([Int64(numbers.first ?? 0), Int64(numbers.last ?? 0)])
        }
        sqlite3_reset(statement.sqliteStatement)
    }

    /// Goes to the next row.
    ///
    /// - Returns: The profile's number; none at the end.
    func next() throws -> ProfileNumber? {
        // Stepping on after the last row would begin anew.
        guard !hasEnded else { return nil }
        return isLookup ? try nextLookup() : try nextInPass()
    }

    /// The bytes of a text or blob of the row, columns counted from 1; valid until the next row.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let handle = statement.sqliteStatement
        let isBlob = sqlite3_column_type(handle, column) == SQLITE_BLOB
        let start =
            isBlob
            ? sqlite3_column_blob(handle, column) : UnsafeRawPointer(sqlite3_column_text(handle, column))
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }

    private func nextInPass() throws -> ProfileNumber? {
        while position < numbers.count, try step() {
            let number = ProfileNumber(truncatingIfNeeded: sqlite3_column_int64(statement.sqliteStatement, 0))
            while position < numbers.count, numbers[position] < number { position &+= 1 }
            if position < numbers.count, numbers[position] == number { return number }
        }
        hasEnded = true
        return nil
    }

    private func nextLookup() throws -> ProfileNumber? {
        let handle = statement.sqliteStatement
        if isAtRow, try step() { return numbers[position &- 1] }
        while position < numbers.count {
            sqlite3_reset(handle)
            sqlite3_bind_int64(handle, 1, Int64(numbers[position]))
            position &+= 1
            isAtRow = try step()
            if isAtRow { return numbers[position &- 1] }
        }
        hasEnded = true
        return nil
    }

    private func step() throws -> Bool {
        let code = sqlite3_step(statement.sqliteStatement)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        return false
    }
}
