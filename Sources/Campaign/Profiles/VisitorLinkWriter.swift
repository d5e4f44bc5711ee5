// SPDX-License-Identifier: Apache-2.0

import GRDB
import GRDBSQLite
import Matching

/// Writes links between visitor IDs and profiles, in order, into the table and the index.
final class VisitorLinkWriter {
    private(set) var linked = 0
    private(set) var rejected = 0

    private let visitors: IndexSession
    private let keys: IDIndex
    private let columns: VisitorLinkColumns
    private let time: Int64
    private let insert: Statement
    private let select: Statement
    private let reject: (ProfileLoadBatch.Rejection, CSVRecord) throws -> Void

    init(
        _ visitors: IndexSession,
        _ keys: IDIndex,
        columns: VisitorLinkColumns,
        at time: Int64,
        in database: Database,
        reject: @escaping (ProfileLoadBatch.Rejection, CSVRecord) throws -> Void
    ) throws {
        self.visitors = visitors
        self.keys = keys
        self.columns = columns
        self.time = time
        self.reject = reject
        insert = try database.makeStatement(
            sql: """
                INSERT INTO visitor_links (profile, visitor, linked) VALUES (?, ?, ?)
                ON CONFLICT (profile, visitor) DO UPDATE SET linked = max(linked, excluded.linked)
                """
        )
        select = try database.makeStatement(
            sql: "SELECT linked FROM visitor_links WHERE profile = ? AND visitor = ?"
        )
    }

    func write(_ batch: VisitorLinkBatch) throws {
        let profileKeys = batch.rows.compactMap(\.profileKey)
        let entries = profileKeys.withUnsafeBufferPointer { keys in
            [IDIndex.Entry](unsafeUninitializedCapacity: keys.count) { entries, count in
                entries.initialize(repeating: .none)
                self.keys.lookup(keys, into: UnsafeMutableBufferPointer(rebasing: entries[..<keys.count]))
                count = keys.count
            }
        }
        batch.rows.compactMap(\.visitorKey).withUnsafeBufferPointer { visitors.prefetch($0) }
        var position = 0
        for (index, row) in batch.rows.enumerated() {
            guard row.rejection == nil, let visitor = row.visitor, let visitorKey = row.visitorKey else {
                if let rejection = row.rejection { try refuse(rejection, batch) }
                continue
            }
            let entry = entries[position]
            position += 1
            guard entry.isFound else {
                try refuse(column: columns.key, "no-profile", index, batch)
                continue
            }
            guard let number = entry.number else {
                try refuse(column: columns.key, "key-ambiguous", index, batch)
                continue
            }
            try link(visitor, visitorKey, number, row.linked)
        }
    }

    /// Rows without a time of their own are as old as the load.
    private func link(_ visitor: VisitorID, _ key: IDKey, _ number: ProfileNumber, _ moment: Int64?) throws {
        let handle = insert.sqliteStatement
        sqlite3_bind_int64(handle, 1, Int64(number))
        sqlite3_bind_int64(handle, 3, moment ?? time)
        let code = visitor.stored.withUnsafeBytes { bytes in
            sqlite3_bind_blob(handle, 2, bytes.baseAddress, 16, nil)
            defer { sqlite3_reset(handle) }
            return sqlite3_step(handle)
        }
        guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        switch visitors.match(key) {
        case .none: try visitors.insert(key, number)
        case .one(let known) where known == number: break
        case .one, .several: try order(visitor, key, number)
        }
        linked += 1
    }

    /// Puts the profiles of a visitor ID into the order in which an index built anew has them: most recent first.
    private func order(_ visitor: VisitorID, _ key: IDKey, _ number: ProfileNumber) throws {
        let numbers = visitors.numbers(key)
        let others = numbers.filter { $0 != number }
        let moments = try ([number] + others).map { (moment: try moment(of: $0, visitor), number: $0) }
        let sorted = moments.sorted { ($0.moment, $0.number) < ($1.moment, $1.number) }
        guard sorted.reversed().map(\.number) != numbers else { return }
        // What is inserted comes in front of the others; the oldest ones that stay in place are left alone.
        let settled = zip(sorted.map(\.number), numbers.reversed()).prefix { $0 == $1 }.count
        for entry in sorted[settled...] { try visitors.insert(key, entry.number) }
    }

    private func moment(of number: ProfileNumber, _ visitor: VisitorID) throws -> Int64 {
        let handle = select.sqliteStatement
        defer { sqlite3_reset(handle) }
        sqlite3_bind_int64(handle, 1, Int64(number))
        let code = visitor.stored.withUnsafeBytes { bytes in
            sqlite3_bind_blob(handle, 2, bytes.baseAddress, 16, nil)
            return sqlite3_step(handle)
        }
        guard code == SQLITE_ROW else { return 0 }
        return sqlite3_column_int64(handle, 0)
    }

    private func refuse(column: Int, _ reason: String, _ row: Int, _ batch: VisitorLinkBatch) throws {
        try refuse(.init(row: row, column: columns.titles[column], reason: reason), batch)
    }

    private func refuse(_ rejection: ProfileLoadBatch.Rejection, _ batch: VisitorLinkBatch) throws {
        rejected += 1
        try reject(rejection, batch.records[rejection.row])
    }
}
