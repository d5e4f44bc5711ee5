// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import GRDBSQLite
import Matching
import Storage
import Terminal

/// Builds an index from the database: one scan, hashing on all cores.
struct IndexBuilder {
    /// Values of a run of profiles, copied out of the database.
    private struct Rows {
        var numbers: [ProfileNumber] = []
        var ends: [Int] = []
        var bytes: [UInt8] = []
    }

    /// The same run as keys.
    private struct Keys {
        var keys: [IDKey] = []
        var numbers: [ProfileNumber] = []

        func insert(into index: IDIndex) throws {
            try keys.withUnsafeBufferPointer { keys in
                try numbers.withUnsafeBufferPointer { try index.insert(keys: keys, numbers: $0) }
            }
        }
    }

    private static let rowsPerBatch = 16_384

    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Builds an index file.
    ///
    /// - Parameters:
    ///   - definition: What the index maps.
    ///   - path: Where the file goes.
    /// - Returns: The index, open for writing.
    /// - Throws: `MatchingError` when the file can't be made, or what the database answers.
    func build(_ definition: IndexDefinition, at path: String) throws -> IDIndex {
        let secret = try campaign.keySecret()
        let progress = Progress("building the index \(definition.text)")
        defer { progress.finish() }
        return try campaign.read { database in
            let (statement, expected) = try scan(definition, in: database)
            let index = try IDIndex.create(
                path: path,
                fingerprint: definition.fingerprint,
                secret: secret,
                expectedCount: expected
            )
            let handle = statement.sqliteStatement
            sqlite3_reset(handle)
            var done = 0
            var isAtEnd = false
            try OrderedBatches.run(
                width: Processors.count,
                produce: { try isAtEnd ? nil : Self.nextRows(handle, isAtEnd: &isAtEnd) },
                makeWorkspace: { try IndexKeyMaker(definition, secret: secret) },
                work: { try Self.keys(of: $1, $0) },
                finish: { (batch: Keys) in
                    try batch.insert(into: index)
                    done += batch.keys.count
                    progress.show(done, of: expected, "IDs")
                }
            )
            return index
        }
    }

    /// Visitor links come oldest first, since inserting puts a number in front of the older ones.
    private func scan(_ definition: IndexDefinition, in database: Database) throws -> (Statement, Int) {
        if let field = definition.field {
            let count =
                try Int.fetchOne(database, sql: "SELECT value FROM counters WHERE name = 'profile'") ?? 0
            let sql = "SELECT number, \(field) FROM profiles WHERE \(field) IS NOT NULL AND \(field) <> ''"
            return (try database.makeStatement(sql: sql), count)
        }
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM visitor_links") ?? 0
        let sql = "SELECT profile, visitor FROM visitor_links ORDER BY linked, profile"
        return (try database.makeStatement(sql: sql), count)
    }

    /// A statement that was stepped to its end would begin again, so the end is remembered.
    private static func nextRows(_ statement: SQLiteStatement, isAtEnd: inout Bool) throws -> Rows? {
        var rows = Rows()
        rows.numbers.reserveCapacity(rowsPerBatch)
        rows.ends.reserveCapacity(rowsPerBatch)
        rows.bytes.reserveCapacity(rowsPerBatch * 32)
        while rows.numbers.count < rowsPerBatch {
            let code = sqlite3_step(statement)
            guard code == SQLITE_ROW else {
                guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
                isAtEnd = true
                break
            }
            rows.numbers.append(ProfileNumber(truncatingIfNeeded: sqlite3_column_int64(statement, 0)))
            let isBlob = sqlite3_column_type(statement, 1) == SQLITE_BLOB
            let start =
                isBlob
                ? sqlite3_column_blob(statement, 1) : UnsafeRawPointer(sqlite3_column_text(statement, 1))
            let count = Int(sqlite3_column_bytes(statement, 1))
            if isBlob {
                let value = VisitorID(stored: UnsafeRawBufferPointer(start: start, count: count))
                value.appendDigits(to: &rows.bytes)
            } else {
                rows.bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
            }
            rows.ends.append(rows.bytes.count)
        }
        return rows.numbers.isEmpty ? nil : rows
    }

    private static func keys(of rows: Rows, _ maker: IndexKeyMaker) throws -> Keys {
        var batch = Keys()
        batch.keys.reserveCapacity(rows.numbers.count)
        batch.numbers.reserveCapacity(rows.numbers.count)
        try rows.bytes.withUnsafeBytes { bytes in
            var start = 0
            for (number, end) in zip(rows.numbers, rows.ends) {
                if let key = try maker.key(of: UnsafeRawBufferPointer(rebasing: bytes[start..<end])) {
                    batch.keys.append(key)
                    batch.numbers.append(number)
                }
                start = end
            }
        }
        return batch
    }
}
