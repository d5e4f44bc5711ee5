// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage

/// The segments of the installation, with their members.
struct SegmentStore {
    /// Adds a segment without members yet.
    ///
    /// - Parameters:
    ///   - segment: The segment; its number was given by ``Counter/sid``.
    ///   - traits: The traits that its rule refers to.
    ///   - time: The current time, in milliseconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    func add(_ segment: Segment, traits: Set<SID>, at time: Int64, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO segments (sid, name, description, data_source, folder, integration_code, rule,
                    merge_rule, state, set_number, size, evaluated, created, changed)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)
                """,
            arguments: [
                segment.sid, segment.name, segment.description, segment.dataSource, segment.folder,
                segment.integrationCode, segment.rule, segment.mergeRule, segment.state.rawValue,
                try MemberSetStore().make(in: database), time, time, time,
            ]
        )
        try store(traits, of: segment.sid, in: database)
        try Counter.change.next(in: database)
    }

    /// Changes what can be changed of a segment: everything but its number, its data source and its members.
    ///
    /// - Parameters:
    ///   - segment: The segment.
    ///   - traits: The traits that its rule refers to.
    ///   - time: The current time, in milliseconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    func update(_ segment: Segment, traits: Set<SID>, at time: Int64, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE segments SET name = ?, description = ?, folder = ?, integration_code = ?, rule = ?,
                    merge_rule = ?, state = ?, changed = ?
                WHERE sid = ?
                """,
            arguments: [
                segment.name, segment.description, segment.folder, segment.integrationCode, segment.rule,
                segment.mergeRule, segment.state.rawValue, time, segment.sid,
            ]
        )
        try database.execute(sql: "DELETE FROM segment_traits WHERE segment = ?", arguments: [segment.sid])
        try store(traits, of: segment.sid, in: database)
        try Counter.change.next(in: database)
    }

    private func store(_ traits: Set<SID>, of segment: SID, in database: Database) throws {
        for trait in traits {
            try database.execute(
                sql: "INSERT INTO segment_traits (segment, trait) VALUES (?, ?)",
                arguments: [segment, trait]
            )
        }
    }

    /// Finds a segment.
    ///
    /// - Throws: ``Problem`` of kind `people.segment-unknown`.
    func find(_ sid: SID, in database: Database) throws -> Segment {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT \(Self.columns) FROM segments WHERE sid = ?",
            arguments: [sid]
        )
        guard let row else { throw Problem(.peopleSegmentUnknown, "There is no segment \(sid).") }
        return Segment(row)
    }

    /// Segments by number.
    ///
    /// - Parameters:
    ///   - limit: How many at most.
    ///   - after: Only those with larger numbers, to page on.
    ///   - database: The database.
    /// - Returns: The segments.
    /// - Throws: What the database answers.
    func list(limit: Int, after: SID = 0, in database: Database) throws -> [Segment] {
        try Row.fetchAll(
            database,
            sql: "SELECT \(Self.columns) FROM segments WHERE sid > ? ORDER BY sid LIMIT ?",
            arguments: [after, limit]
        )
        .map(Segment.init)
    }

    /// The active segments whose rule refers to any of some traits or to a folder trait over one, or all of them.
    func active(referringTo traits: Set<SID>?, in database: Database) throws -> [Segment] {
        let all = try Row.fetchAll(
            database,
            sql: "SELECT \(Self.columns) FROM segments WHERE state = 'active' ORDER BY sid LIMIT ?",
            arguments: [Segment.limit]
        )
        .map(Segment.init)
        guard let traits else { return all }
        var referring: Set<SID> = []
        for trait in try FolderTraits(in: database).closure(of: traits) {
            referring.formUnion(try self.referring(to: trait, in: database))
        }
        return all.filter { referring.contains($0.sid) }
    }

    /// The segments whose rule refers to a trait.
    func referring(to trait: SID, in database: Database) throws -> [SID] {
        try Int.fetchAll(
            database,
            sql: "SELECT segment FROM segment_traits WHERE trait = ? ORDER BY segment LIMIT ?",
            arguments: [trait, Segment.limit]
        )
    }

    /// Who is in a segment: IDs of devices and of people.
    func members(of sid: SID, in database: Database) throws -> MemberSet {
        try set(of: sid, in: database).map { try MemberSetStore().members(of: $0, in: database) } ?? .empty
    }

    /// Who is in a segment, of the IDs of some blocks and of others beside them.
    ///
    /// - Parameters:
    ///   - sid: The segment, which is there.
    ///   - blocks: The blocks.
    ///   - database: The database.
    /// - Returns: The members as they are kept, to be changed.
    /// - Throws: What the database answers.
    func stored(_ sid: SID, _ blocks: Blocks, in database: Database) throws -> StoredMembers {
        guard let set = try set(of: sid, in: database) else {
            throw Problem(.peopleSegmentUnknown, "There is no segment \(sid).")
        }
        return try MemberSetStore().read(set, blocks, in: database)
    }

    private func set(of sid: SID, in database: Database) throws -> SetNumber? {
        try Int.fetchOne(database, sql: "SELECT set_number FROM segments WHERE sid = ?", arguments: [sid])
    }

    /// Lets IDs come into a segment and leave, and notes its size in its history.
    ///
    /// - Parameters:
    ///   - sid: The segment.
    ///   - members: Who comes and who leaves.
    ///   - pieces: The same for the pieces in which the members are kept.
    ///   - time: The current time, in milliseconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Returns: What changed; `nil` if nothing did.
    /// - Throws: What the database answers.
    func change(
        _ sid: SID,
        _ members: MemberChange,
        _ pieces: PieceChanges,
        at time: Int64,
        in database: Database
    ) throws -> Receipt.Segment? {
        guard !members.isEmpty else { return nil }
        let before =
            try Int.fetchOne(database, sql: "SELECT size FROM segments WHERE sid = ?", arguments: [sid]) ?? 0
        let (added, removed) = (members.added.count, members.removed.count)
        let change = Receipt.Segment(
            segment: sid,
            before: before,
            after: before + added - removed,
            added: added,
            removed: removed
        )
        try MemberSetStore().write(pieces, in: database)
        try database.execute(
            sql: "UPDATE segments SET size = ?, evaluated = ? WHERE sid = ?",
            arguments: [change.after, time, sid]
        )
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO segment_sizes (segment, moment, size, added, removed)
                VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [sid, time, change.after, change.added, change.removed]
        )
        try Counter.change.next(in: database)
        return change
    }

    /// The sizes of a segment, newest first.
    func sizes(of sid: SID, limit: Int, in database: Database) throws -> [SegmentSize] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM segment_sizes WHERE segment = ? ORDER BY moment DESC LIMIT ?",
            arguments: [sid, limit]
        )
        .map {
            SegmentSize(moment: $0["moment"], size: $0["size"], added: $0["added"], removed: $0["removed"])
        }
    }

    /// Pauses or resumes a segment.
    func setState(_ state: Segment.State, of sid: SID, at time: Int64, in database: Database) throws {
        try database.execute(
            sql: "UPDATE segments SET state = ?, changed = ? WHERE sid = ?",
            arguments: [state.rawValue, time, sid]
        )
        try Counter.change.next(in: database)
    }

    /// Deletes a segment; its receipts stay.
    func delete(_ sid: SID, in database: Database) throws {
        try database.execute(sql: "DELETE FROM segments WHERE sid = ?", arguments: [sid])
        try Counter.change.next(in: database)
    }

    static let columns = """
        sid, name, description, data_source, folder, integration_code, rule, merge_rule, state, size, evaluated
        """
}

/// How many IDs were in a segment after a change.
struct SegmentSize: Equatable {
    /// When, in milliseconds since 1970.
    let moment: Int64
    let size: Int
    let added: Int
    let removed: Int
}

extension Segment {
    init(_ row: Row) {
        self.init(
            sid: row["sid"],
            name: row["name"],
            description: row["description"],
            dataSource: row["data_source"],
            folder: row["folder"],
            integrationCode: row["integration_code"],
            rule: row["rule"],
            mergeRule: row["merge_rule"],
            state: State(rawValue: row["state"]) ?? .active,
            size: row["size"],
            evaluated: row["evaluated"]
        )
    }
}
