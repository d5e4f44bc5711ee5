// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems
import Storage
import Testing

@Suite struct DataDirectoryTests {
    @Test func `every part is made for the owner alone`() throws {
        let folder = StorageFolder()
        let directory = folder.directory
        try directory.create()
        for path in [directory.path, directory.indexes, directory.lists, directory.rejected, directory.spool]
        {
            #expect(try folder.mode(of: path) == 0o700)
        }
        try directory.create()
    }

    @Test func `a directory without an installation is said`() throws {
        let folder = StorageFolder()
        #expect(problemCode { try folder.directory.require(.campaign) } == "data.not-initialized")
        #expect(!FileManager.default.fileExists(atPath: folder.directory.path))
    }

    @Test func `a file in the way of the directory is said`() throws {
        let folder = StorageFolder()
        #expect(FileManager.default.createFile(atPath: folder.directory.path, contents: nil))
        #expect(problemCode { try folder.directory.create() } == "data.not-writable")
    }

    @Test func `a directory that can't be written is said`() throws {
        // Root may write anywhere but where the file system itself says no.
        let isRoot = geteuid() == 0
        let directory = DataDirectory(path: isRoot ? "/proc/self/tallystick" : "/tallystick")
        #expect(problemCode { try directory.create() } == "data.not-writable")
    }

    @Test func `one lock of a purpose at a time; it ends with its holder`() throws {
        let folder = StorageFolder()
        try folder.directory.create()
        do {
            let lock = try DirectoryLock(folder.directory, .sync)
            #expect(problemCode { _ = try DirectoryLock(folder.directory, .sync) } == "data.busy")
            _ = try DirectoryLock(folder.directory, .change)
            withExtendedLifetime(lock) {}
        }
        _ = try DirectoryLock(folder.directory, .sync)
    }

    @Test func `a patient one waits for the lock`() async throws {
        let folder = StorageFolder()
        try folder.directory.create()
        let directory = folder.directory
        var lock: DirectoryLock? = try DirectoryLock(directory, .change)
        async let second = DirectoryLock(directory, .change, patience: .seconds(60))
        #expect(lock != nil)
        lock = nil
        _ = try await second
    }

    @Test func `identities of two digits come after those of one`() {
        let ids = ["AUD10", "AUD9", "AUD2"].map { Identifier<DataDirectory>($0) }
        #expect(ids.sorted().map(\.rawValue) == ["AUD2", "AUD9", "AUD10"])
    }

    @Test func `a database of ours keeps what it committed through a power cut`() throws {
        let folder = StorageFolder()
        try folder.directory.create()
        var migrator = DatabaseMigrator()
        migrator.registerMigration("0001") { try LedgerSchema.create(in: $0) }
        let pool = try SystemDatabase.open(folder.directory.campaignDatabase, migrator: migrator)
        let (journal, synchronous) = try pool.write { database in
            (
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(database, sql: "PRAGMA synchronous")
            )
        }
        #expect(journal == "wal")
        #expect(synchronous == 2)
        #expect(try folder.mode(of: folder.directory.campaignDatabase) == 0o600)
    }

    @Test func `database errors become problems that a person can act on`() {
        let codes: [(ResultCode, String)] = [
            (.SQLITE_FULL, "data.disk-full"), (.SQLITE_IOERR_SHMSIZE, "data.disk-full"),
            (.SQLITE_READONLY, "data.not-writable"), (.SQLITE_CANTOPEN, "data.not-writable"),
            (.SQLITE_NOTADB, "database.damaged"),
            (.SQLITE_CORRUPT, "database.damaged"), (.SQLITE_BUSY, "data.busy"),
            (.SQLITE_IOERR, "database.unreadable"),
        ]
        for (result, code) in codes {
            let problem = SystemDatabase.problem(DatabaseError(resultCode: result), about: "x.db") as? Problem
            #expect(problem?.kind.code == code)
        }
        #expect(
            SystemDatabase.problem(DatabaseError(resultCode: .SQLITE_MISUSE), about: "x.db") is DatabaseError
        )
    }
}
