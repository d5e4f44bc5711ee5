// SPDX-License-Identifier: Apache-2.0

import GRDB
import GRDBSQLite
import Matching
import Storage

/// Writes validated rows into the profiles and their indexes: insert or update by the key, in order.
final class ProfileWriter {
    /// What became of the rows.
    struct Counts {
        var inserted = 0
        var updated = 0
        var unchanged = 0
        var rejected = 0
    }

    private(set) var counts = Counts()

    /// The number of the newest profile.
    private(set) var lastNumber: ProfileNumber

    private let plan: ProfileLoadPlan
    private let columnCount: Int
    private let indexCount: Int
    /// The indexes whose new keys are looked for within the load: the key's, and those of unique fields.
    private let immediate: [Int]
    private let deferred: [Int]
    /// New keys of the other indexes, put in many at a time.
    private var pending: [(keys: [IDKey], numbers: [ProfileNumber])]
    private let sessions: [IndexSession]
    private let makers: [IndexKeyMaker]
    private let time: Int64
    private let insert: Statement
    private let select: Statement
    private let update: Statement
    private let reject: (ProfileLoadBatch.Rejection, CSVRecord) throws -> Void

    /// Prepares the statements of a load.
    ///
    /// - Parameters:
    ///   - plan: What to load.
    ///   - sessions: A session for each index of the plan.
    ///   - secret: The secret of the indexes.
    ///   - time: The current time, in milliseconds since 1970.
    ///   - database: The database, in the load's transaction.
    ///   - reject: Keeps a refused row.
    /// - Throws: `MatchingError` when libcrypto lacks an algorithm, or what the database answers.
    init(
        _ plan: ProfileLoadPlan,
        _ sessions: [IndexSession],
        secret: IDKeySecret,
        at time: Int64,
        in database: Database,
        reject: @escaping (ProfileLoadBatch.Rejection, CSVRecord) throws -> Void
    ) throws {
        self.plan = plan
        columnCount = plan.columns.count
        indexCount = plan.indexes.count
        immediate = plan.indexes.indices.filter { $0 == 0 || plan.indexes[$0].isUnique }
        deferred = plan.indexes.indices.filter { $0 != 0 && !plan.indexes[$0].isUnique }
        pending = plan.indexes.map { _ in ([], []) }
        self.sessions = sessions
        self.time = time
        self.reject = reject
        makers = try plan.indexes.map { try IndexKeyMaker($0.record.definition, secret: secret) }
        lastNumber = ProfileNumber(try Counter.profile.value(in: database))
        // Field names are checked where fields are made: letters and digits only.
        let names = plan.columns.map(\.field.name)
        let marks = names.map { _ in "?" }.joined(separator: ", ")
        let assignments = names.map { "\($0) = ?" }.joined(separator: ", ")
        insert = try database.makeStatement(
            sql: """
                INSERT INTO profiles (\(names.joined(separator: ", ")), number, created, lastModified)
                VALUES (\(marks), ?, ?, ?)
                """
        )
        select = try database.makeStatement(
            sql: "SELECT \(names.joined(separator: ", ")) FROM profiles WHERE number = ?"
        )
        update = try database.makeStatement(
            sql: "UPDATE profiles SET \(assignments), lastModified = ? WHERE number = ?"
        )
    }

    /// Writes the rows of a batch.
    func write(_ batch: ProfileLoadBatch) throws {
        for index in immediate {
            let keys = stride(from: index, to: batch.keys.count, by: indexCount).compactMap { batch.keys[$0] }
            keys.withUnsafeBufferPointer { sessions[index].prefetch($0) }
        }
        var rejections = batch.rejections.makeIterator()
        var nextRejection = rejections.next()
        try batch.values.withUnsafeBufferPointer { values in
            try batch.keys.withUnsafeBufferPointer { keys in
                for row in 0..<batch.rowCount {
                    if let rejection = nextRejection, rejection.row == row {
                        nextRejection = rejections.next()
                        try refuse(rejection, batch)
                        continue
                    }
                    let start = row * columnCount
                    let firstKey = row * indexCount
                    try write(
                        row,
                        UnsafeBufferPointer(rebasing: values[start..<start + columnCount]),
                        UnsafeBufferPointer(rebasing: keys[firstKey..<firstKey + indexCount]),
                        batch
                    )
                }
            }
        }
        try putPending()
    }

    /// Puts the keys that were held back into their indexes.
    private func putPending() throws {
        for index in deferred where !pending[index].keys.isEmpty {
            try sessions[index].insert(pending[index].keys, pending[index].numbers)
            pending[index].keys.removeAll(keepingCapacity: true)
            pending[index].numbers.removeAll(keepingCapacity: true)
        }
    }

    private func write(
        _ row: Int,
        _ values: UnsafeBufferPointer<FieldValue>,
        _ keys: UnsafeBufferPointer<IDKey?>,
        _ batch: ProfileLoadBatch
    ) throws {
        guard let key = keys[0] else {
            return try refuse(row, column: plan.keyColumn, "key-unusable", batch)
        }
        switch sessions[0].match(key) {
        case .none:
            if let column = takenColumn(keys, nil) {
                return try refuse(row, column: column, "not-unique", batch)
            }
            try insert(values, keys)
        case .one(let number):
            if let column = takenColumn(keys, number) {
                return try refuse(row, column: column, "not-unique", batch)
            }
            try update(number, values, keys)
        case .several:
            try refuse(row, column: plan.keyColumn, "key-ambiguous", batch)
        }
    }

    private func insert(
        _ values: UnsafeBufferPointer<FieldValue>,
        _ keys: UnsafeBufferPointer<IDKey?>
    ) throws {
        let number = lastNumber + 1
        let handle = insert.sqliteStatement
        bind(values, to: handle)
        let count = Int32(values.count)
        sqlite3_bind_int64(handle, count + 1, Int64(number))
        sqlite3_bind_int64(handle, count + 2, time)
        sqlite3_bind_int64(handle, count + 3, time)
        try step(handle)
        lastNumber = number
        for index in immediate {
            if let key = keys[index] { try sessions[index].insert(key, number) }
        }
        for index in deferred {
            guard let key = keys[index] else { continue }
            pending[index].keys.append(key)
            pending[index].numbers.append(number)
        }
        counts.inserted += 1
    }

    private func update(
        _ number: ProfileNumber,
        _ values: UnsafeBufferPointer<FieldValue>,
        _ keys: UnsafeBufferPointer<IDKey?>
    ) throws {
        // The profile may be one of those whose keys are held back.
        try putPending()
        let handle = select.sqliteStatement
        sqlite3_bind_int64(handle, 1, Int64(number))
        defer { sqlite3_reset(handle) }
        guard sqlite3_step(handle) == SQLITE_ROW else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "an index names a profile that is gone")
        }
        let changed = values.indices.filter { !isEqual(values[$0], handle, Int32($0)) }
        guard !changed.isEmpty else {
            counts.unchanged += 1
            return
        }
        for (position, index) in plan.indexes.enumerated() where changed.contains(index.column) {
            if let old = try makers[position].key(of: stored(handle, Int32(index.column))) {
                try sessions[position].remove(old, number)
            }
            if let new = keys[position] {
                try sessions[position].insert(new, number)
            }
        }
        let writing = update.sqliteStatement
        bind(values, to: writing)
        sqlite3_bind_int64(writing, Int32(values.count) + 1, time)
        sqlite3_bind_int64(writing, Int32(values.count) + 2, Int64(number))
        try step(writing)
        counts.updated += 1
    }

    /// The column whose value must be unique and belongs to another profile.
    private func takenColumn(_ keys: UnsafeBufferPointer<IDKey?>, _ number: ProfileNumber?) -> Int? {
        for position in immediate where position > 0 {
            guard let key = keys[position] else { continue }
            switch sessions[position].match(key) {
            case .none: continue
            case .one(let owner) where owner == number: continue
            case .one, .several: return plan.indexes[position].column
            }
        }
        return nil
    }

    private func refuse(_ row: Int, column: Int, _ reason: String, _ batch: ProfileLoadBatch) throws {
        try refuse(
            ProfileLoadBatch.Rejection(row: row, column: plan.columns[column].title, reason: reason),
            batch
        )
    }

    private func refuse(_ rejection: ProfileLoadBatch.Rejection, _ batch: ProfileLoadBatch) throws {
        counts.rejected += 1
        try reject(rejection, batch.records[rejection.row])
    }

    private func bind(_ values: UnsafeBufferPointer<FieldValue>, to handle: SQLiteStatement) {
        for (index, value) in values.enumerated() {
            let position = Int32(index) + 1
            switch value.kind {
            case .empty:
                sqlite3_bind_null(handle, position)
            case .integer:
                sqlite3_bind_int64(handle, position, value.integer)
            case .real:
                sqlite3_bind_double(handle, position, value.real)
            case .text:
                // No destructor: the batch keeps the bytes until the statement was stepped.
                let bytes = value.bytes
                sqlite3_bind_text(
                    handle,
                    position,
                    bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                    Int32(bytes.count),
                    nil
                )
            }
        }
    }

    private func step(_ handle: SQLiteStatement) throws {
        let code = sqlite3_step(handle)
        sqlite3_reset(handle)
        guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    private func stored(_ handle: SQLiteStatement, _ column: Int32) -> FieldValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_NULL: .empty
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(handle, column))
        default:
            .text(
                UnsafeRawBufferPointer(
                    start: UnsafeRawPointer(sqlite3_column_text(handle, column)),
                    count: Int(sqlite3_column_bytes(handle, column))
                )
            )
        }
    }

    private func isEqual(_ value: FieldValue, _ handle: SQLiteStatement, _ column: Int32) -> Bool {
        let old = stored(handle, column)
        guard value.kind == old.kind else { return false }
        return switch value.kind {
        case .empty: true
        case .integer: value.integer == old.integer
        case .real: value.real == old.real
        case .text: value.bytes.elementsEqual(old.bytes)
        }
    }
}
