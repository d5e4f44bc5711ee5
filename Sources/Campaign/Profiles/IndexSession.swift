// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Storage

/// One index while profiles are being loaded: answers with the load's own changes, and keeps or drops them all.
///
/// A load that is large for the base writes a copy of the index file, which the load's transaction then names.
/// A small one keeps its changes in memory and journals them in its transaction; the file follows afterwards.
final class IndexSession {
    /// What an index knows about a key.
    enum Match {
        case none
        case one(ProfileNumber)
        case several(Int)
    }

    private struct Change {
        let key: IDKey
        let number: ProfileNumber
        let isAdded: Bool
    }

    private enum Way {
        /// A copy in a file of its own, and the path of the older file, which may just have been made.
        case copy(IDIndex, file: String, older: String)
        case journal(IDIndex)
    }

    let record: ProfileIndexes.Record
    private let indexes: ProfileIndexes
    private let directory: String
    private let way: Way
    private var overlay: [IDKey: [ProfileNumber]] = [:]
    private var changes: [Change] = []

    /// Begins to change an index; the caller holds the lock for changes.
    ///
    /// - Parameters:
    ///   - record: The index.
    ///   - campaign: The installation.
    ///   - expected: About how many keys the load adds.
    ///   - isLarge: Whether the load is large for the base.
    /// - Throws: `MatchingError` when the index can't be copied or made anew, or what the database answers.
    init(_ record: ProfileIndexes.Record, _ campaign: Campaign, expecting expected: Int, isLarge: Bool) throws
    {
        self.record = record
        indexes = ProfileIndexes(campaign)
        directory = campaign.directory.indexes
        let base = try indexes.open(record)
        guard isLarge else {
            way = .journal(base)
            return
        }
        let file = indexes.newFileName(record)
        let path = "\(directory)/\(file)"
        do {
            let copy = try Self.copy(of: base, to: path, record, campaign, expecting: expected)
            way = .copy(copy, file: file, older: base.path)
        } catch {
            ProfileIndexes.removeFile(path)
            throw error
        }
    }

    private static func copy(
        of base: IDIndex,
        to path: String,
        _ record: ProfileIndexes.Record,
        _ campaign: Campaign,
        expecting expected: Int
    ) throws -> IDIndex {
        let fingerprint = record.definition.fingerprint
        let secret = try campaign.keySecret()
        guard base.count > 0 else {
            return try IDIndex.create(
                path: path,
                fingerprint: fingerprint,
                secret: secret,
                expectedCount: expected
            )
        }
        try base.copy(to: path)
        return try IDIndex.open(
            path: path,
            fingerprint: fingerprint,
            secret: secret,
            writable: true,
            verifying: false
        )
    }

    /// The profiles under a key, with the load's changes so far.
    func match(_ key: IDKey) -> Match {
        switch way {
        case .copy(let index, _, _):
            return Self.match(index, key)
        case .journal(let index):
            guard let numbers = overlay[key] else { return Self.match(index, key) }
            return numbers.isEmpty ? .none : numbers.count == 1 ? .one(numbers[0]) : .several(numbers.count)
        }
    }

    /// All profiles under a key, the most recently inserted first, with the load's changes so far.
    func numbers(_ key: IDKey) -> [ProfileNumber] {
        switch way {
        case .copy(let index, _, _): index.numbers(of: key)
        case .journal(let index): current(key, in: index)
        }
    }

    /// Fetches the memory behind keys that are about to be asked for, many at a time.
    func prefetch(_ keys: UnsafeBufferPointer<IDKey>) {
        switch way {
        case .copy(let index, _, _), .journal(let index):
            withUnsafeTemporaryAllocation(of: IDIndex.Entry.self, capacity: keys.count) { entries in
                index.lookup(keys, into: entries)
            }
        }
    }

    /// Puts a profile under a key, in front of those that are there.
    func insert(_ key: IDKey, _ number: ProfileNumber) throws {
        switch way {
        case .copy(let index, _, _):
            try index.insert(key, number)
        case .journal(let index):
            overlay[key] = [number] + current(key, in: index).filter { $0 != number }
            changes.append(Change(key: key, number: number, isAdded: true))
        }
    }

    /// Puts profiles under keys, many at a time.
    func insert(_ keys: [IDKey], _ numbers: [ProfileNumber]) throws {
        guard case .copy(let index, _, _) = way else {
            for (key, number) in zip(keys, numbers) { try insert(key, number) }
            return
        }
        try keys.withUnsafeBufferPointer { keys in
            try numbers.withUnsafeBufferPointer { try index.insert(keys: keys, numbers: $0) }
        }
    }

    /// Takes a profile away from a key.
    func remove(_ key: IDKey, _ number: ProfileNumber) throws {
        switch way {
        case .copy(let index, _, _):
            try index.remove(key, number)
        case .journal(let index):
            overlay[key] = current(key, in: index).filter { $0 != number }
            changes.append(Change(key: key, number: number, isAdded: false))
        }
    }

    /// Keeps the changes with the load's transaction.
    ///
    /// - Parameter database: The database, in the load's transaction.
    /// - Throws: `MatchingError` when the index can't be written, or what the database answers.
    func store(in database: Database) throws {
        switch way {
        case .copy(let index, let file, _):
            index.revision = UInt64(record.revision)
            try index.synchronize()
            try database.execute(
                sql: "UPDATE indexes SET file = ? WHERE id = ?",
                arguments: [file, record.id]
            )
        case .journal:
            guard !changes.isEmpty else { return }
            let insert = try database.makeStatement(
                sql: "INSERT INTO index_changes (index_id, key, profile, is_added) VALUES (?, ?, ?, ?)"
            )
            for change in changes {
                try insert.execute(
                    arguments: [record.id, Data(change.key.bytes), Int64(change.number), change.isAdded])
            }
            try database.execute(
                sql: "UPDATE indexes SET revision = ? WHERE id = ?",
                arguments: [database.lastInsertedRowID, record.id]
            )
        }
    }

    /// Cleans up after the transaction was committed: the older file goes, or the file follows the journal.
    func finish(_ campaign: Campaign) throws {
        switch way {
        case .copy(_, _, let older):
            ProfileIndexes.removeFile(older)
        case .journal:
            guard !changes.isEmpty else { return }
            _ = try indexes.open(record.definition)
        }
    }

    /// Cleans up after the transaction was undone.
    func undo() {
        guard case .copy(_, let file, _) = way else { return }
        ProfileIndexes.removeFile("\(directory)/\(file)")
    }

    private func current(_ key: IDKey, in index: IDIndex) -> [ProfileNumber] {
        overlay[key] ?? index.lookup(key).map { index.numbers(of: $0) } ?? []
    }

    private static func match(_ index: IDIndex, _ key: IDKey) -> Match {
        guard let entry = index.lookup(key) else { return .none }
        if let number = entry.number { return .one(number) }
        let numbers = index.numbers(of: entry)
        return numbers.count == 1 ? .one(numbers[0]) : .several(numbers.count)
    }
}
