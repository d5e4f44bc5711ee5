// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

/// The shares of an installation, their segments, and what was shared.
struct ShareStore {
    /// Finds a share, or keeps a new one; an existing one takes over whether IDs are removed and how files are written.
    ///
    /// - Throws: ``Problem`` of kind `exports.segment-taken` when replacing would remove another audience's IDs.
    func save(
        _ audience: Audience.ID,
        segment: Int64,
        _ source: SharedDataSource.ID,
        isReplacing: Bool,
        _ options: ShareOptions,
        in database: Database
    ) throws -> Share {
        try refuseRivals(audience, segment: segment, source, isReplacing: isReplacing, in: database)
        try database.execute(
            sql: """
                INSERT INTO shares (audience, segment, data_source, is_replacing, is_gzip, split_bytes)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (audience, segment, data_source) DO UPDATE
                SET is_replacing = excluded.is_replacing, is_gzip = excluded.is_gzip,
                    split_bytes = excluded.split_bytes
                """,
            arguments: [
                audience.rawValue, segment, source.rawValue, isReplacing, options.isGzip,
                options.splitByteCount,
            ]
        )
        guard let share = try find(audience, segment: segment, source, in: database) else {
            throw Problem(.databaseDamaged, "The database does not keep what is shared.")
        }
        return share
    }

    /// Finds a share.
    func find(
        _ audience: Audience.ID,
        segment: Int64,
        _ source: SharedDataSource.ID,
        in database: Database
    ) throws -> Share? {
        try Row.fetchOne(
            database,
            sql: "SELECT * FROM shares WHERE audience = ? AND segment = ? AND data_source = ?",
            arguments: [audience.rawValue, segment, source.rawValue]
        )
        .map(decode)
    }

    /// The data sources that something is shared through.
    func dataSources(in database: Database) throws -> Set<SharedDataSource.ID> {
        let sources = try String.fetchAll(
            database,
            sql: "SELECT DISTINCT data_source FROM shares ORDER BY 1 LIMIT 1000"
        )
        return Set(sources.map { SharedDataSource.ID($0) })
    }

    /// Where an audience is shared, by segment.
    func shares(of audience: Audience.ID, in database: Database) throws -> [Share] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM shares WHERE audience = ? ORDER BY segment, data_source LIMIT 1000",
            arguments: [audience.rawValue]
        )
        .map(decode)
    }

    /// Finds a share by its number.
    func find(id: Int64, in database: Database) throws -> Share? {
        try Row.fetchOne(database, sql: "SELECT * FROM shares WHERE id = ?", arguments: [id]).map(decode)
    }

    /// The shares whose audience, or whose profiles' IDs, may have changed since they were shared.
    ///
    /// - Parameter database: The database.
    /// - Returns: At most 10,000, the oldest first; none whose publication is still to be finished.
    /// - Throws: What the database answers.
    func due(in database: Database) throws -> [Share] {
        let change = try Counter.change.value(in: database)
        return try Row.fetchAll(
            database,
            sql: """
                SELECT shares.* FROM shares JOIN audiences ON audiences.id = shares.audience
                WHERE (shared_change <> ? OR shared_version <> audiences.version)
                    AND shares.id NOT IN (SELECT share FROM export_plans)
                ORDER BY shares.id LIMIT 10000
                """,
            arguments: [change]
        )
        .map(decode)
    }

    /// Ends a share; what the other side holds stays there.
    ///
    /// - Returns: Whether there was one.
    func remove(
        _ audience: Audience.ID,
        segment: Int64,
        _ source: SharedDataSource.ID,
        in database: Database
    ) throws -> Bool {
        try database.execute(
            sql: "DELETE FROM shares WHERE audience = ? AND segment = ? AND data_source = ?",
            arguments: [audience.rawValue, segment, source.rawValue]
        )
        return database.changesCount > 0
    }

    /// Notes what was shared.
    func note(_ id: Int64, version: Int64, change: Int64, in database: Database) throws {
        try database.execute(
            sql: "UPDATE shares SET shared_version = ?, shared_change = ? WHERE id = ?",
            arguments: [version, change, id]
        )
    }

    /// The list of IDs that were shared into a segment through a data source.
    func list(_ segment: Int64, _ source: SharedDataSource.ID, in database: Database) throws -> SharedList? {
        try Row.fetchOne(
            database,
            sql: "SELECT file, count FROM shared_lists WHERE segment = ? AND data_source = ?",
            arguments: [segment, source.rawValue]
        )
        .map { SharedList(file: $0["file"], count: $0["count"]) }
    }

    /// Puts a list in the place of the older one.
    func save(
        _ list: SharedList,
        _ segment: Int64,
        _ source: SharedDataSource.ID,
        at time: Int64,
        in database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO shared_lists (segment, data_source, file, count, updated) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (segment, data_source) DO UPDATE
                SET file = excluded.file, count = excluded.count, updated = excluded.updated
                """,
            arguments: [segment, source.rawValue, list.file, list.count, time]
        )
    }

    /// The files of all lists that are in use, or will be once their publication is finished.
    func listFiles(in database: Database) throws -> Set<String> {
        try String.fetchSet(
            database,
            sql: "SELECT file FROM shared_lists UNION SELECT list_file FROM export_plans"
        )
    }

    /// Two audiences may add to one segment, but none may remove what another one added.
    private func refuseRivals(
        _ audience: Audience.ID,
        segment: Int64,
        _ source: SharedDataSource.ID,
        isReplacing: Bool,
        in database: Database
    ) throws {
        let rival = try String.fetchOne(
            database,
            sql: """
                SELECT audience FROM shares
                WHERE segment = ? AND data_source = ? AND audience <> ? AND (is_replacing = 1 OR ?) LIMIT 1
                """,
            arguments: [segment, source.rawValue, audience.rawValue, isReplacing]
        )
        guard let rival else { return }
        throw Problem(
            .segmentTaken,
            "The audience \(rival) is shared into the segment \(segment) too, and one would remove the other's IDs.",
            field: "segment"
        )
    }

    private func decode(_ row: Row) -> Share {
        Share(
            id: row["id"],
            audience: Audience.ID(row["audience"]),
            segment: row["segment"],
            dataSource: SharedDataSource.ID(row["data_source"]),
            isReplacing: row["is_replacing"],
            isGzip: row["is_gzip"],
            splitByteCount: row["split_bytes"],
            sharedVersion: row["shared_version"],
            sharedChange: row["shared_change"]
        )
    }
}

extension ProblemKind {
    package static let segmentTaken = ProblemKind(
        "exports.segment-taken",
        status: 409,
        meaning: "Two audiences share into one segment, and at least one of them with removals.",
        advice: "Share into a segment of its own, or combine the audiences and share the result."
    )
}
