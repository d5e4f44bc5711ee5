// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Logging
import Matching
import Problems
import Storage
import Terminal

/// The indexes of the profiles: opened up to date, built when missing, rebuilt when damaged.
///
/// Small changes are kept in the database (`index_changes`) in the transaction that makes them and applied to
/// the index file afterwards, so that a crash loses none; applying one twice does no harm. Large loads write a
/// new index file and switch to it in their transaction.
struct ProfileIndexes {
    /// One index as the database knows it.
    struct Record {
        let id: Int64
        let definition: IndexDefinition
        let file: String?
        let revision: Int64
    }

    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Makes sure that the database knows an index; its file is built later.
    func register(_ definition: IndexDefinition, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO indexes (definition) VALUES (?) ON CONFLICT (definition) DO NOTHING",
            arguments: [definition.text]
        )
    }

    /// All indexes; those of an older version of the normalizers are dropped, since nothing asks for them.
    func records(in database: Database) throws -> [Record] {
        try Row.fetchAll(
            database,
            sql: "SELECT id, definition, file, revision FROM indexes ORDER BY id LIMIT 1000"
        )
        .compactMap { row in
            guard let definition = IndexDefinition(text: row["definition"]) else { return nil }
            return Record(id: row["id"], definition: definition, file: row["file"], revision: row["revision"])
        }
    }

    /// Builds the files of indexes that have none; the caller holds the lock for changes.
    func buildMissing() throws {
        for record in try campaign.read({ try records(in: $0) }) where record.file == nil {
            _ = try rebuild(record)
        }
    }

    /// Opens an index for reading, with every change applied; the caller holds the lock for changes.
    ///
    /// - Parameter definition: Which index.
    /// - Returns: The index; a missing or damaged one is built anew.
    /// - Throws: `MatchingError` when the file can't be made anew, or what the database answers.
    func open(_ definition: IndexDefinition) throws -> IDIndex {
        let record = try campaign.write { database in
            try register(definition, in: database)
            return try records(in: database).first { $0.definition == definition }
        }
        guard let record else {
            throw Problem(.databaseDamaged, "The database does not keep the index \(definition.text).")
        }
        return try open(record)
    }

    /// Opens an index that the database knows.
    func open(_ record: Record) throws -> IDIndex {
        guard let file = record.file else { return try rebuild(record) }
        let path = "\(campaign.directory.indexes)/\(file)"
        do {
            let secret = try campaign.keySecret()
            let fingerprint = record.definition.fingerprint
            let index = try IDIndex.open(
                path: path,
                fingerprint: fingerprint,
                secret: secret,
                writable: false
            )
            if index.revision == UInt64(record.revision) { return index }
            guard index.revision < UInt64(record.revision) else {
                throw MatchingError.indexDamaged
            }
            let writable = try IDIndex.open(
                path: path,
                fingerprint: fingerprint,
                secret: secret,
                writable: true,
                verifying: false
            )
            try applyChanges(to: writable, record)
            return writable
        } catch let error as MatchingError {
            campaign.logger.warning(
                "index missing or damaged, building it again from the database",
                metadata: ["index": "\(record.definition.text)", "cause": "\(error)"]
            )
            return try rebuild(record)
        }
    }

    /// Forgets changes that their index files hold for good.
    ///
    /// - Parameter database: The database, in a transaction.
    /// - Throws: What the database answers.
    func pruneChanges(in database: Database) throws {
        for record in try records(in: database) {
            guard let file = record.file,
                let index = try? IDIndex.open(
                    path: "\(campaign.directory.indexes)/\(file)",
                    fingerprint: record.definition.fingerprint,
                    secret: campaign.keySecret(),
                    writable: false,
                    verifying: false
                ),
                index.revision >= UInt64(record.revision)
            else { continue }
            try database.execute(
                sql: "DELETE FROM index_changes WHERE index_id = ? AND sequence <= ?",
                arguments: [record.id, record.revision]
            )
        }
    }

    /// Removes index files that the database doesn't know, left by interrupted loads.
    func removeLeftovers() throws {
        let known = Set(try campaign.read { try records(in: $0) }.compactMap(\.file))
        let found = (try? FileManager.default.contentsOfDirectory(atPath: campaign.directory.indexes)) ?? []
        for file in found where !known.contains(where: { file.hasPrefix($0) }) {
            try? FileManager.default.removeItem(atPath: "\(campaign.directory.indexes)/\(file)")
        }
    }

    /// A name for a new index file that no other has.
    func newFileName(_ record: Record) -> String {
        "\(record.id)-\(campaign.world.randomHex(6)).index"
    }

    /// Removes an index file; the memory of a process that has it open stays valid.
    static func removeFile(_ path: String) {
        unlink(path)
    }

    private func applyChanges(to index: IDIndex, _ record: Record) throws {
        try campaign.read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT key, profile, is_added FROM index_changes
                    WHERE index_id = ? AND sequence > ? AND sequence <= ? ORDER BY sequence
                    """,
                arguments: [record.id, Int64(index.revision), record.revision]
            )
            while let row = try rows.next() {
                let data: Data = row["key"]
                let key = data.withUnsafeBytes { IDKey(bytes: $0) }
                let number: Int64 = row["profile"]
                let isAdded: Bool = row["is_added"]
                if isAdded {
                    try index.insert(key, ProfileNumber(number))
                } else {
                    try index.remove(key, ProfileNumber(number))
                }
            }
        }
        index.revision = UInt64(record.revision)
        try index.synchronize()
    }

    private func rebuild(_ record: Record) throws -> IDIndex {
        let name = newFileName(record)
        let path = "\(campaign.directory.indexes)/\(name)"
        let index: IDIndex
        do {
            index = try IndexBuilder(campaign).build(record.definition, at: path)
            index.revision = UInt64(record.revision)
            try index.synchronize()
        } catch {
            Self.removeFile(path)
            throw error
        }
        try campaign.write { database in
            try database.execute(
                sql: "UPDATE indexes SET file = ? WHERE id = ?",
                arguments: [name, record.id]
            )
        }
        if let old = record.file {
            Self.removeFile("\(campaign.directory.indexes)/\(old)")
        }
        return index
    }
}
