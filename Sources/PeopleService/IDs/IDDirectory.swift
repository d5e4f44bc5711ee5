// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Logging
import Matching
import Problems
import Storage

/// Finds the number of an ID: a memory-mapped index over all IDs, derived from the database.
///
/// The index follows the database after each transaction, and its revision is the number of IDs that it has taken.
/// So what a crash kept from it is read from the database at the next start; a damaged file is made anew.
///
/// Lookups are safe from many threads; changes need the lock of the data directory.
package final class IDDirectory: Sendable {
    /// The index itself, for lookups in batches.
    let index: IDIndex
    private let secret: IDKeySecret

    /// Opens the index, brought up to date with the database; the caller holds the lock for changes.
    ///
    /// - Parameter service: The installation.
    /// - Throws: ``Problem``, or what the database answers.
    package init(_ service: PeopleService) throws {
        secret = try service.idSecret()
        let path = "\(service.directory.indexes)/people.index"
        let count = try service.read { try IDStore().count(in: $0) }
        let opened = try? IDIndex.open(
            path: path,
            fingerprint: Self.fingerprint,
            secret: secret,
            writable: true
        )
        // A revision beyond the database is that of a newer one: a backup was restored.
        if let opened, opened.revision <= UInt64(count) {
            index = opened
        } else {
            if FileManager.default.fileExists(atPath: path) {
                service.logger.warning("the index of IDs is made anew", metadata: ["ids": "\(count)"])
            }
            index = try IDIndex.create(
                path: path,
                fingerprint: Self.fingerprint,
                secret: secret,
                expectedCount: count
            )
        }
        try service.read { try catchUp(to: count, in: $0) }
        try finishForgetting(service)
    }

    /// Opens the index as it is, without the lock and without changing it, for a few lookups at once.
    ///
    /// - Parameter service: The installation.
    /// - Returns: The index; `nil` when it is damaged or behind the database: then it has to be opened for changes.
    /// - Throws: ``Problem``, or what the database answers.
    static func forReading(_ service: PeopleService) throws -> IDDirectory? {
        let secret = try service.idSecret()
        let index = try? IDIndex.open(
            path: "\(service.directory.indexes)/people.index",
            fingerprint: fingerprint,
            secret: secret,
            writable: false,
            verifying: false
        )
        let count = try service.read { try IDStore().count(in: $0) }
        guard let index, index.revision == UInt64(count) else { return nil }
        return IDDirectory(index, secret)
    }

    private init(_ index: IDIndex, _ secret: IDKeySecret) {
        self.index = index
        self.secret = secret
    }

    /// The keys of a data source's IDs.
    ///
    /// - Parameter dataSource: The data source that the IDs belong to.
    /// - Returns: What makes the keys; cheap to copy.
    /// - Throws: `MatchingError`, never for a secret of ours.
    func keys(of dataSource: DataSourceNumber) throws -> IDKeys { try IDKeys(dataSource, secret) }

    /// The number of an ID.
    ///
    /// - Parameters:
    ///   - text: The ID.
    ///   - dataSource: Its data source.
    /// - Returns: The number; none if the ID was never met, or was forgotten.
    /// - Throws: `MatchingError`, never for a secret of ours.
    func number(of text: String, _ dataSource: DataSourceNumber) throws -> IDNumber? {
        let key = try keys(of: dataSource).key(of: Array(text.utf8))
        return index.lookup(key).map { index.latestNumber(of: $0) }
    }

    /// Takes what a committed transaction added.
    ///
    /// - Parameters:
    ///   - keys: The keys of the IDs that the transaction added at the end, in the order of their numbers.
    ///   - first: The number of the first one.
    /// - Throws: `MatchingError` if the index can't grow.
    func add(_ keys: [IDKey], first: IDNumber) throws {
        let end = first + IDNumber(keys.count)
        try index.reserve(keys.count)
        try insert(keys, Array(first..<end))
        index.revision = UInt64(end)
    }

    /// Forgets the IDs whose texts a transaction forgot, and for good: what a crash kept from it comes at the next
    /// start.
    ///
    /// - Parameter service: The installation.
    /// - Throws: ``Problem``, or what the database answers.
    func finishForgetting(_ service: PeopleService) throws {
        let store = ForgottenIDStore()
        let ids = try service.read { try store.unsuppressed(in: $0) }
        guard !ids.isEmpty else { return }
        for id in ids { try index.remove(id.key, id.number) }
        try index.synchronize()
        try service.write { try store.remove(ids.map(\.number), in: $0) }
    }

    private static let fingerprint = Array("people-ids-00001".utf8)

    private func insert(_ keys: [IDKey], _ numbers: [IDNumber]) throws {
        try keys.withUnsafeBufferPointer { keys in
            try numbers.withUnsafeBufferPointer { try index.insert(keys: keys, numbers: $0) }
        }
    }

    private func catchUp(to count: Int, in database: Database) throws {
        var next = Int(index.revision)
        guard next < count else { return }
        if next == 0 {
            // Their texts are gone; who opted out is still known again.
            let suppressed = try ForgottenIDStore().suppressed(in: database)
            try insert(suppressed.map(\.key), suppressed.map(\.number))
        }
        var keysOfSource: [DataSourceNumber: IDKeys] = [:]
        while next < count {
            var keys: [IDKey] = []
            var numbers: [IDNumber] = []
            let page = next / IDPage.capacity
            try IDStore().withPage(page, in: database) { page in
                guard let page else { throw IDPage.damaged }
                for place in next % IDPage.capacity..<page.count {
                    let (source, text) = (page.dataSource(at: place), page.text(at: place))
                    numbers.append(IDNumber(next))
                    next += 1
                    guard !text.isEmpty else {
                        numbers.removeLast()
                        continue
                    }
                    if keysOfSource[source] == nil { keysOfSource[source] = try IDKeys(source, secret) }
                    if let maker = keysOfSource[source] { keys.append(maker.key(of: text)) }
                }
            }
            guard next / IDPage.capacity > page || next == count else { throw IDPage.damaged }
            try insert(keys, numbers)
        }
        index.revision = UInt64(count)
        try index.synchronize()
    }
}

/// Makes the keys of the IDs of one data source: the same text has another key in another data source.
struct IDKeys: Sendable {
    private let secret: IDKeySecret

    /// The secret of a data source is the key of its number under the secret of the installation.
    init(_ dataSource: DataSourceNumber, _ secret: IDKeySecret) throws {
        let number = withUnsafeBytes(of: UInt32(truncatingIfNeeded: dataSource).littleEndian) { Array($0) }
        self.secret = try IDKeySecret(bytes: IDKey(canonical: number, secret: secret).bytes)
    }

    /// The key of an ID.
    @inline(__always)
    func key(of text: UnsafeRawBufferPointer) -> IDKey { IDKey(canonical: text, secret: secret) }

    /// The key of an ID.
    func key(of text: [UInt8]) -> IDKey { IDKey(canonical: text, secret: secret) }
}
