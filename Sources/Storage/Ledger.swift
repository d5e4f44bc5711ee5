// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The ledger of remote files: one entry per version of a file, and how far its work has come.
///
/// A file is known by account, path, size and time of change until it was read, and by its content after
/// that. Every step can run twice with the same effect.
package struct Ledger: Sendable {
    /// How far the work on a file has come.
    package enum State: String, Sendable, DatabaseValueConvertible {
        /// Seen in a listing.
        case discovered
        /// Readable on this machine.
        case spooled
        /// Read whole, size and checksums right.
        case verified
        /// Part of a completed run.
        case loaded
        /// Refused for a reason.
        case rejected
        /// Held until something else arrives.
        case waiting
    }

    /// One version of a remote file.
    package struct Entry: Sendable, Equatable {
        /// The row's number.
        package let id: Int64
        /// The external account that holds the file.
        package let account: String
        /// The path below the account's root.
        package let path: String
        /// Its size in bytes.
        package let byteCount: Int64
        /// When it was changed, in nanoseconds since 1970.
        package let modified: Int64
        /// SHA-256 of its bytes in hex, once it was read.
        package let sha256: String?
        /// When a listing showed it first, in milliseconds since 1970 by our clock.
        package let discovered: Int64
        /// When its state changed last, in milliseconds since 1970 by our clock.
        package let changed: Int64
        /// How far its work has come.
        package let state: State
        /// Why it waits or was rejected.
        package let reason: String?
        /// The receipt of the run that read it.
        package let receipt: String?
    }

    private let time: Int64

    /// Opens the ledger for a moment's work.
    ///
    /// - Parameter milliseconds: The current time, in milliseconds since 1970.
    package init(at milliseconds: Int64) {
        time = milliseconds
    }

    /// Notes that a listing shows a file; a version that is known already stays as it is.
    ///
    /// - Parameters:
    ///   - account: The external account.
    ///   - path: The path below the account's root.
    ///   - byteCount: Its size in bytes.
    ///   - modified: When it was changed, in nanoseconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Returns: The entry.
    /// - Throws: What the database answers.
    package func discover(
        account: String,
        path: String,
        byteCount: Int64,
        modified: Int64,
        in database: Database
    ) throws -> Entry {
        try database.execute(
            sql: """
                INSERT INTO ledger_files (account, path, byte_count, modified, state, discovered, changed)
                VALUES (?, ?, ?, ?, 'discovered', ?, ?)
                ON CONFLICT (account, path, byte_count, modified) DO NOTHING
                """,
            arguments: [account, path, byteCount, modified, time, time]
        )
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT * FROM ledger_files
                WHERE account = ? AND path = ? AND byte_count = ? AND modified = ?
                """,
            arguments: [account, path, byteCount, modified]
        )
        guard let row else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
        return Entry(row)
    }

    /// Moves an entry on.
    ///
    /// - Parameters:
    ///   - id: The entry.
    ///   - state: The new state.
    ///   - reason: Why it waits or was rejected; `nil` clears an older reason.
    ///   - receipt: The run that read it.
    ///   - sha256: The checksum of its bytes, once known.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    package func move(
        _ id: Int64,
        to state: State,
        reason: String? = nil,
        receipt: String? = nil,
        sha256: String? = nil,
        in database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE ledger_files
                SET state = ?, reason = ?, receipt = coalesce(?, receipt), sha256 = coalesce(?, sha256),
                    changed = ?
                WHERE id = ? AND (state <> ? OR reason IS NOT ? OR ? IS NOT NULL OR ? IS NOT NULL)
                """,
            arguments: [state, reason, receipt, sha256, time, id, state, reason, receipt, sha256]
        )
    }

    /// The files whose work was interrupted, back to where it began.
    ///
    /// - Parameter database: The database, in a transaction, with no other run at work.
    /// - Throws: What the database answers.
    package func resetInterrupted(in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE ledger_files SET state = 'discovered', receipt = NULL, changed = ?
                WHERE state IN ('spooled', 'verified')
                """,
            arguments: [time]
        )
    }

    /// The files of an account that wait.
    ///
    /// - Parameters:
    ///   - account: The external account.
    ///   - database: The database.
    /// - Returns: At most 100,000 entries, oldest first.
    /// - Throws: What the database answers.
    package func waiting(in account: String, in database: Database) throws -> [Entry] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM ledger_files WHERE account = ? AND state = 'waiting' ORDER BY id LIMIT 100000
                """,
            arguments: [account]
        )
        .map(Entry.init)
    }

    /// Lets go of a file that has left its account: when it comes back its work begins anew.
    ///
    /// - Parameters:
    ///   - id: The entry.
    ///   - reason: What happened to it.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    package func letGo(_ id: Int64, reason: String, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE ledger_files SET state = 'discovered', reason = ?, receipt = NULL, changed = ?
                WHERE id = ?
                """,
            arguments: [reason, time, id]
        )
    }

    /// The rejected files of a run, back to where their work began.
    ///
    /// - Parameters:
    ///   - receipt: The run that rejected them.
    ///   - database: The database, in a transaction.
    /// - Returns: How many files there are.
    /// - Throws: What the database answers.
    package func reopen(receipt: String, in database: Database) throws -> Int {
        try database.execute(
            sql: """
                UPDATE ledger_files SET state = 'discovered', reason = NULL, receipt = NULL, changed = ?
                WHERE receipt = ? AND state = 'rejected'
                """,
            arguments: [time, receipt]
        )
        return database.changesCount
    }

    /// The version of a file that was loaded last.
    ///
    /// - Parameters:
    ///   - account: The external account.
    ///   - path: The path below the account's root.
    ///   - database: The database.
    /// - Returns: The entry; `nil` if no version was loaded.
    /// - Throws: What the database answers.
    package func lastLoaded(account: String, path: String, in database: Database) throws -> Entry? {
        try Row.fetchOne(
            database,
            sql: """
                SELECT * FROM ledger_files WHERE account = ? AND path = ? AND state = 'loaded'
                ORDER BY changed DESC, id DESC LIMIT 1
                """,
            arguments: [account, path]
        )
        .map(Entry.init)
    }

    /// Files of a name and size whose version that was loaded last has this size, wherever they lie, to recognise copies.
    ///
    /// - Parameters:
    ///   - name: The name without its folder.
    ///   - byteCount: The size in bytes.
    ///   - database: The database.
    /// - Returns: At most 100 entries, of each path one, the one that was loaded last first.
    /// - Throws: What the database answers.
    package func lastLoaded(named name: String, byteCount: Int64, in database: Database) throws -> [Entry] {
        let entries = try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM ledger_files
                WHERE byte_count = ? AND state = 'loaded' AND sha256 IS NOT NULL
                    AND (path = ? OR substr(path, -length(?)) = ?)
                ORDER BY changed DESC, id DESC LIMIT 100
                """,
            arguments: [byteCount, name, "/" + name, "/" + name]
        )
        .map(Entry.init)
        return try entries.filter { entry in
            try lastLoaded(account: entry.account, path: entry.path, in: database)?.id == entry.id
        }
    }

    /// Loaded files of a size, newest first, to recognise the same bytes under a new name.
    ///
    /// - Parameters:
    ///   - byteCount: The size in bytes.
    ///   - database: The database.
    /// - Returns: At most 100 entries.
    /// - Throws: What the database answers.
    package func loaded(byteCount: Int64, in database: Database) throws -> [Entry] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM ledger_files
                WHERE byte_count = ? AND state = 'loaded' AND sha256 IS NOT NULL
                ORDER BY id DESC LIMIT 100
                """,
            arguments: [byteCount]
        )
        .map(Entry.init)
    }
}

extension Ledger.Entry {
    fileprivate init(_ row: Row) {
        id = row["id"]
        account = row["account"]
        path = row["path"]
        byteCount = row["byte_count"]
        modified = row["modified"]
        discovered = row["discovered"]
        changed = row["changed"]
        sha256 = row["sha256"]
        state = row["state"]
        reason = row["reason"]
        receipt = row["receipt"]
    }
}
