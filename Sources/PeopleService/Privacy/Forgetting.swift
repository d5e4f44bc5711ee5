// SPDX-License-Identifier: Apache-2.0

import GRDB
import Logging
import Matching
import Storage

/// Wipes the texts of IDs that nobody holds any more.
///
/// A deleted or inactive ID leaves every segment at once. Its text stays until every destination was told, since files
/// name it; then nothing readable is left: the page of texts is written without it, free pages are zero, the write-ahead
/// log is emptied, and rejected lines of deleted IDs lose their text. Of those who opted out a keyed hash stays, so that later files do not bring them back.
struct Forgetting {
    private let directory: IDDirectory
    private let service: PeopleService

    /// Prepares to forget; the caller holds the lock for changes.
    init(_ directory: IDDirectory, _ service: PeopleService) {
        self.directory = directory
        self.service = service
    }

    /// Wipes the texts of all IDs that wait for it and that no destination holds.
    ///
    /// - Parameter owed: Waiting IDs that a destination was told of and not yet told to remove.
    /// - Returns: How many texts were wiped; doing it again wipes nothing.
    /// - Throws: ``Problem``, or what the database answers.
    @discardableResult
    func forgetDelivered(stillOwed owed: MemberSet) throws -> Int {
        // Before the texts go: a run that is killed begins anew.
        try RejectedLineWiping(deletedTexts(stillOwed: owed)).wipe(in: service.directory)
        let count = try service.write { database in
            let gone = try Self.waiting(in: database).subtracting(owed)
            guard !gone.isEmpty else { return 0 }
            try wipe(gone, in: database)
            return gone.count
        }
        try directory.finishForgetting(service)
        try emptyLog()
        return count
    }

    /// The IDs whose texts wait to be wiped: they were deleted, or are inactive and have not been seen since.
    static func waiting(in database: Database) throws -> MemberSet {
        let deleted = try IDStore().members(of: .deleted, in: database)
        let inactive = try IDStore().members(of: .inactive, in: database)
        guard !inactive.isEmpty else { return deleted }
        return deleted.union(inactive.subtracting(try ActivityStore().all(in: database)))
    }

    private func deletedTexts(stillOwed owed: MemberSet) throws -> Set<[UInt8]> {
        try service.read { database in
            var texts: Set<[UInt8]> = []
            let gone = try IDStore().members(of: .deleted, in: database).subtracting(owed)
            try IDStore().forEach(of: gone, in: database) { _, _, text in texts.insert(Array(text)) }
            return texts
        }
    }

    private func wipe(_ gone: MemberSet, in database: Database) throws {
        let store = IDStore()
        let optedOut = try store.members(of: .optedOut, in: database)
        var keys: [DataSourceNumber: IDKeys] = [:]
        var entries: [ForgottenIDStore.Entry] = []
        try store.forEach(of: gone, in: database) { number, source, text in
            let maker = try keys[source] ?? directory.keys(of: source)
            keys[source] = maker
            entries.append(ForgottenIDStore.Entry(number: number, key: maker.key(of: text)))
        }
        for entry in entries {
            try ForgottenIDStore()
                .add(entry, isSuppressed: optedOut.contains(entry.number), in: database)
        }
        try store.forget(gone, in: database)
        for source in keys.keys.sorted() {
            try store.change(.dataSource(source), in: database) { $0.subtracting(gone) }
        }
        try store.change(.deleted, in: database) { $0.subtracting(gone) }
        // Those who were seen since wait no longer.
        let waiting = try Self.waiting(in: database).subtracting(gone)
        try store.change(.inactive, in: database) { $0.intersection(waiting) }
        try PrivacyRequestStore().finish(gone, at: service.world.milliseconds, in: database)
        try LogState.stale.store(in: database)
    }

    /// Empties the write-ahead log, which holds old pages; while others read it stays for the next time.
    private func emptyLog() throws {
        guard try service.read({ try LogState(in: $0) }) == .stale else { return }
        do {
            try service.database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        } catch is DatabaseError {
            return service.logger.notice("the write-ahead log is still read, so it is emptied later")
        }
        try service.write { try LogState.clean.store(in: $0) }
    }

    /// Whether the write-ahead log may hold texts that were wiped.
    private enum LogState: Int {
        case clean = 0
        case stale = 1

        init(in database: Database) throws {
            let value = try Int.fetchOne(database, sql: "SELECT value FROM counters WHERE name = 'stale-log'")
            self = value == 1 ? .stale : .clean
        }

        func store(in database: Database) throws {
            try database.execute(
                sql: """
                    INSERT INTO counters (name, value) VALUES ('stale-log', ?)
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value
                    """,
                arguments: [rawValue]
            )
        }
    }
}
