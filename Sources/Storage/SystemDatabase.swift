// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems

/// The database file of one system: SQLite in WAL mode, opened, checked and brought up to date.
///
/// `synchronous=FULL`: what a transaction committed survives a power cut.
package enum SystemDatabase {
    /// Opens a database and applies the migrations it lacks.
    ///
    /// - Parameters:
    ///   - path: The database file.
    ///   - migrator: All migrations of the system, oldest first.
    /// - Returns: The open database.
    /// - Throws: ``Problem`` of kind `database.newer`, `database.damaged`, `data.not-writable` or
    ///   `data.disk-full`.
    package static func open(_ path: String, migrator: DatabaseMigrator) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(30)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -32768")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        do {
            if FileManager.default.fileExists(atPath: path) {
                guard !isEmpty(path) else { throw Problem(.databaseDamaged, "\(path) is empty.") }
                guard !isSeenAsNewer(path, migrator) else { throw newer(path) }
            } else {
                try prepareNewFile(path)
            }
            let pool = try DatabasePool(path: path, configuration: configuration)
            // The pool lowers this for WAL files when it opens; all writing goes through this one connection.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            let (isNewer, isComplete) = try pool.read { database in
                (
                    try migrator.hasBeenSuperseded(database),
                    try migrator.hasCompletedMigrations(database)
                )
            }
            guard !isNewer else { throw newer(path) }
            if !isComplete {
                try migrator.migrate(pool)
            }
            return pool
        } catch {
            throw problem(error, about: path)
        }
    }

    /// Turns a database error into what the person can act on; other errors pass unchanged.
    ///
    /// - Parameters:
    ///   - error: Any error.
    ///   - path: The database file, for the text.
    /// - Returns: A ``Problem`` or the same error.
    package static func problem(_ error: any Error, about path: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        // SQLite could not make room for the file that connections share: an error of its own, though the disk is full.
        guard error.extendedResultCode != .SQLITE_IOERR_SHMSIZE else {
            return Problem(.diskFull, "The disk is full; there is no room left beside \(path).")
        }
        switch error.resultCode {
        case .SQLITE_FULL:
            return Problem(.diskFull, "The disk is full; \(path) could not grow.")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            return Problem(.dataNotWritable, "\(path) can't be opened for writing.")
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            return Problem(.databaseDamaged, "\(path) is damaged or no database.")
        case .SQLITE_BUSY:
            return Problem(.dataBusy, "Another process holds \(path) for longer than 30 seconds.")
        case .SQLITE_IOERR:
            return Problem(.databaseUnreadable, "Reading or writing \(path) failed.")
        default:
            return error
        }
    }

    /// Whether a newer version wrote the file, as far as a connection sees that can't write.
    ///
    /// Opening a pool alone changes the file. What this connection can't read, the pool will see.
    private static func isSeenAsNewer(_ path: String, _ migrator: DatabaseMigrator) -> Bool {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(30)
        let queue = try? DatabaseQueue(path: path, configuration: configuration)
        return (try? queue?.read(migrator.hasBeenSuperseded)) ?? false
    }

    private static func newer(_ path: String) -> Problem {
        Problem(.databaseNewer, "\(path) was written by a newer version of Tallystick.")
    }

    /// Whether a file has lost everything: a database of ours is never empty.
    private static func isEmpty(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_size == 0
    }

    /// The page size can be chosen only while the file is empty; 8 KiB suits wide rows and member sets.
    ///
    /// The file gets its name once it is a database, so that one without content is always a damaged one.
    private static func prepareNewFile(_ path: String) throws {
        let newPath = path + ".new"
        unlink(newPath)
        let descriptor = Foundation.open(newPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw errno == ENOSPC || errno == EDQUOT
                ? Problem(.diskFull, "The disk is full; \(path) can't be made.")
                : Problem(.dataNotWritable, "\(path) can't be made.")
        }
        close(descriptor)
        let queue = try DatabaseQueue(path: newPath)
        try queue.inDatabase { database in
            try database.execute(sql: "PRAGMA page_size = 8192")
            try database.execute(sql: "CREATE TABLE made (moment INTEGER); DROP TABLE made")
        }
        try queue.close()
        guard rename(newPath, path) == 0 else {
            unlink(newPath)
            throw Problem(.dataNotWritable, "\(path) can't be made.")
        }
    }
}

extension ProblemKind {
    package static let databaseNewer = ProblemKind(
        "database.newer",
        status: 409,
        meaning: "The database was written by a newer version of the program.",
        advice: "Use the newer version; this one leaves the database as it is."
    )
    package static let databaseDamaged = ProblemKind(
        "database.damaged",
        status: 500,
        meaning: "The database file is damaged or isn't a database.",
        advice: "Restore it from a backup. Indexes need no backup: they are rebuilt from the database."
    )
    package static let databaseUnreadable = ProblemKind(
        "database.unreadable",
        status: 500,
        meaning: "The operating system could not read or write the database file.",
        advice:
            "Check the disk and its messages, then run the command again; the last transaction was undone."
    )
}
