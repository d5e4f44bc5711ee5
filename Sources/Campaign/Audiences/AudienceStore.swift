// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage

/// The audiences of an installation.
///
/// What changes an audience is one transaction, so readers see the old members or the new ones.
package struct AudienceStore {
    /// The day on which audiences are left out that have expired; `nil` to see them still.
    private let today: String?

    /// All audiences that are kept, also those that the next sync deletes.
    package init() {
        today = nil
    }

    /// The audiences whose day has not come yet, as people see them.
    ///
    /// - Parameter campaign: The installation, whose clock tells the day.
    package init(_ campaign: Campaign) {
        today = String(Moment.text(campaign.world.milliseconds).prefix(10))
    }

    /// Makes an audience.
    ///
    /// - Parameters:
    ///   - label: The name for people.
    ///   - kind: Where its members come from.
    ///   - members: The members of a list.
    ///   - count: How many members a query has now.
    ///   - expires: The day on which it is deleted.
    ///   - time: The current time, in milliseconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Returns: The audience with the next ID, `AUDn`.
    /// - Throws: ``Problem`` of kind `audiences.refused` when the label or the day is not one, or what the database
    ///   answers.
    func insert(
        label: String,
        _ kind: Audience.Kind,
        members: MemberSet? = nil,
        count: Int = 0,
        expires: String? = nil,
        at time: Int64,
        in database: Database
    ) throws -> Audience {
        let label = label.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !label.isEmpty, label.count <= 128, label.isOneLine else {
            throw Problem(
                .audienceRefused,
                "A label has 1 to 128 characters on one line, without control characters.",
                field: "label"
            )
        }
        if let expires { try Self.check(expires: expires) }
        let number = try Counter.audience.next(in: database)
        let id = "AUD\(number)"
        var filter: String?
        var definition: Audience.Definition?
        switch kind {
        case .query(let text): filter = text
        case .shared(let segment), .file(let segment): definition = segment
        case .list: break
        }
        try database.execute(
            sql: """
                INSERT INTO audiences (id, position, label, type, filter, data_source, segment,
                    is_reconciliation_forced, count, members, created, updated, expires)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id, number, label, kind.name, filter, definition?.dataSource.rawValue, definition?.segment,
                definition?.isReconciliationForced ?? false, members?.count ?? count,
                members.map { Data($0.serialized()) }, time, time, expires,
            ]
        )
        return try AudienceStore().find(id, in: database)
    }

    /// Finds an audience by its ID, or by a label that only one has.
    ///
    /// - Throws: ``Problem`` of kind `audiences.unknown`, or `audiences.refused` for a label that several have.
    package func find(_ name: String, in database: Database) throws -> Audience {
        if let row = try Row.fetchOne(
            database,
            sql: "SELECT \(Self.columns) FROM audiences WHERE id = ? AND \(Self.isAlive)",
            arguments: [name, today]
        ) {
            return decode(row)
        }
        let named = try Row.fetchAll(
            database,
            sql: """
                SELECT \(Self.columns) FROM audiences WHERE label = ? AND \(Self.isAlive)
                ORDER BY position LIMIT 3
                """,
            arguments: [name, today]
        )
        guard let first = named.first else {
            throw Problem(.audienceUnknown, "There is no audience \(name).")
        }
        guard named.count == 1 else {
            let ids = named.map { decode($0).id.rawValue }.joined(separator: ", ")
            throw Problem(
                .audienceRefused,
                "Several audiences have the label \(name): \(ids).",
                advice: "Use the ID."
            )
        }
        return decode(first)
    }

    /// Audiences in the order in which they were made.
    ///
    /// - Parameters:
    ///   - limit: How many at most.
    ///   - after: Only later ones than this audience, to page on.
    ///   - database: The database.
    /// - Returns: The audiences, without their members.
    /// - Throws: What the database answers.
    package func list(limit: Int, after: Audience.ID? = nil, in database: Database) throws -> [Audience] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT \(Self.columns) FROM audiences
                WHERE position > coalesce((SELECT position FROM audiences WHERE id = ?), 0) AND \(Self.isAlive)
                ORDER BY position LIMIT ?
                """,
            arguments: [after?.rawValue, today, limit]
        )
        .map(decode)
    }

    /// The audiences that follow segments through a data source.
    func following(_ source: SharedDataSource.ID, in database: Database) throws -> [Audience] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT \(Self.columns) FROM audiences WHERE data_source = ? AND \(Self.isAlive)
                ORDER BY position LIMIT 100000
                """,
            arguments: [source.rawValue, today]
        )
        .map(decode)
    }

    /// The members as they are kept; empty for an audience that has none yet.
    func storedMembers(of id: Audience.ID, in database: Database) throws -> MemberSet {
        let data = try Data.fetchOne(
            database,
            sql: "SELECT members FROM audiences WHERE id = ?",
            arguments: [id.rawValue]
        )
        guard let data else { return .empty }
        return try data.withUnsafeBytes { try MemberSet(serialized: $0) }
    }

    /// Gives an audience new members.
    func publish(_ members: MemberSet, to id: Audience.ID, at time: Int64, in database: Database) throws {
        try database.execute(
            sql:
                "UPDATE audiences SET members = ?, count = ?, version = version + 1, updated = ? WHERE id = ?",
            arguments: [Data(members.serialized()), members.count, time, id.rawValue]
        )
    }

    /// Gives a File audience a new list of addresses.
    func publish(list file: String, count: Int, to id: Audience.ID, at time: Int64, in database: Database)
        throws
    {
        try database.execute(
            sql:
                "UPDATE audiences SET list_file = ?, count = ?, version = version + 1, updated = ? WHERE id = ?",
            arguments: [file, count, time, id.rawValue]
        )
    }

    /// Notes how many members a query has now.
    func note(count: Int, of id: Audience.ID, at time: Int64, in database: Database) throws {
        try database.execute(
            sql: "UPDATE audiences SET count = ?, updated = ? WHERE id = ? AND count <> ?",
            arguments: [count, time, id.rawValue, count]
        )
    }

    /// Sets or clears the day on which an audience is deleted.
    func setExpiry(_ day: String?, of id: Audience.ID, in database: Database) throws {
        if let day { try Self.check(expires: day) }
        try database.execute(
            sql: "UPDATE audiences SET expires = ? WHERE id = ?",
            arguments: [day, id.rawValue]
        )
    }

    /// Deletes an audience.
    ///
    /// - Parameters:
    ///   - audience: The audience.
    ///   - isForced: Whether its shares end with it; what was shared stays at the other side.
    ///   - database: The database, in a transaction.
    /// - Throws: ``Problem`` of kind `audiences.in-use`.
    func delete(_ audience: Audience, isForced: Bool, in database: Database) throws {
        let shares = try Int.fetchOne(
            database,
            sql: "SELECT count(*) FROM shares WHERE audience = ?",
            arguments: [audience.id.rawValue]
        )
        guard isForced || shares == 0 else {
            throw Problem(.audienceInUse, "The audience \(audience.id) is shared into a segment.")
        }
        try database.execute(sql: "DELETE FROM audiences WHERE id = ?", arguments: [audience.id.rawValue])
    }

    /// Deletes the audiences whose day has come.
    ///
    /// - Parameters:
    ///   - today: The current day in UTC, `YYYY-MM-DD`.
    ///   - database: The database, in a transaction.
    /// - Returns: The deleted audiences.
    /// - Throws: What the database answers.
    func deleteExpired(today: String, in database: Database) throws -> [Audience] {
        let expired = try Row.fetchAll(
            database,
            sql: "SELECT \(Self.columns) FROM audiences WHERE expires <= ? LIMIT 10000",
            arguments: [today]
        )
        .map(decode)
        for audience in expired { try delete(audience, isForced: true, in: database) }
        return expired
    }

    /// The files of lists that audiences refer to.
    func listFiles(in database: Database) throws -> [String] {
        try String.fetchAll(
            database,
            sql: "SELECT list_file FROM audiences WHERE list_file IS NOT NULL LIMIT 1000000"
        )
    }

    private static func check(expires: String) throws {
        guard isDay(expires) else {
            throw Problem(.audienceRefused, "The expiry date is a day like 2027-01-31.", field: "expires")
        }
    }

    /// Whether a text is a day, `YYYY-MM-DD`.
    static func isDay(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { CalendarDay.isValid(UnsafeRawBufferPointer($0)) }
    }

    /// Whether an audience has not expired on a day; the one parameter is the day, NULL to let all through.
    private static let isAlive = "coalesce(expires > ?, 1)"

    /// Everything but the members, which are large.
    private static let columns = """
        id, label, type, filter, data_source, segment, is_reconciliation_forced, count, version, list_file,
        created, updated, expires
        """

    private func decode(_ row: Row) -> Audience {
        let type: String = row["type"]
        let kind: Audience.Kind
        if let filter: String = row["filter"] {
            kind = .query(filter: filter)
        } else if let source: String = row["data_source"], let segment: String = row["segment"] {
            let definition = Audience.Definition(
                segment: segment,
                dataSource: SharedDataSource.ID(source),
                isReconciliationForced: row["is_reconciliation_forced"]
            )
            kind = type == "file" ? .file(definition) : .shared(definition)
        } else {
            kind = .list
        }
        return Audience(
            id: Audience.ID(row["id"]),
            label: row["label"],
            kind: kind,
            count: row["count"],
            version: row["version"],
            listFile: row["list_file"],
            created: row["created"],
            updated: row["updated"],
            expires: row["expires"]
        )
    }
}
