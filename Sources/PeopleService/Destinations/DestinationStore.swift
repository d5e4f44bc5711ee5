// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage

/// The destinations of the installation and the segments that are mapped to them.
struct DestinationStore {
    /// Adds a destination.
    ///
    /// - Parameters:
    ///   - destination: The destination; its number was given by ``Counter/destination``.
    ///   - time: The current time, in milliseconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Throws: What the database answers.
    func add(_ destination: Destination, at time: Int64, in database: Database) throws {
        let template = try destination.template.map {
            String(decoding: try JSONEncoder().encode($0), as: UTF8.self)
        }
        try database.execute(
            sql: """
                INSERT INTO destinations (number, name, description, key_data_source, account, mode, schedule,
                    template, alias, is_gzip, part_byte_count, is_paused, created, changed)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                destination.number, destination.name, destination.description, destination.keyDataSource,
                destination.account, destination.mode.rawValue, destination.schedule.text, template,
                destination.alias, destination.isGzip, destination.partByteCount, destination.isPaused, time,
                time,
            ]
        )
        for label in destination.labels {
            try database.execute(
                sql: "INSERT INTO destination_labels (destination, label) VALUES (?, ?)",
                arguments: [destination.number, label.rawValue]
            )
        }
        try Counter.change.next(in: database)
    }

    /// Finds a destination.
    ///
    /// - Throws: ``Problem`` of kind `people.destination-unknown`.
    func find(_ number: Int, in database: Database) throws -> Destination {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT * FROM destinations WHERE number = ?",
            arguments: [number]
        )
        guard let row else { throw Problem(.destinationUnknown, "There is no destination \(number).") }
        return try decode(row, in: database)
    }

    /// Destinations by number.
    ///
    /// - Parameters:
    ///   - limit: How many at most.
    ///   - after: Only those with larger numbers, to page on.
    ///   - database: The database.
    /// - Returns: At most so many, by number.
    /// - Throws: What the database answers.
    func list(limit: Int, after: Int = 0, in database: Database) throws -> [Destination] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM destinations WHERE number > ? ORDER BY number LIMIT ?",
            arguments: [after, limit]
        )
        .map { try decode($0, in: database) }
    }

    /// Pauses a destination, or lets it go on.
    func setPaused(_ isPaused: Bool, _ number: Int, at time: Int64, in database: Database) throws {
        try database.execute(
            sql: "UPDATE destinations SET is_paused = ?, changed = ? WHERE number = ?",
            arguments: [isPaused, time, number]
        )
        try Counter.change.next(in: database)
    }

    /// Deletes a destination with its mappings; what was sent stays at the receiver.
    func delete(_ number: Int, in database: Database) throws {
        try database.execute(sql: "DELETE FROM destinations WHERE number = ?", arguments: [number])
        try Counter.change.next(in: database)
    }

    // Mappings

    /// Maps a segment, or changes how it is mapped.
    func map(_ mapping: SegmentMapping, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO mappings (destination, segment, alias, start_day, end_day, sent, sent_count)
                VALUES (?, ?, ?, ?, ?, ?, 0)
                ON CONFLICT (destination, segment) DO UPDATE SET alias = excluded.alias,
                    start_day = excluded.start_day, end_day = excluded.end_day
                """,
            arguments: [
                mapping.destination, mapping.segment, mapping.alias, mapping.start?.number,
                mapping.end?.number, Data(MemberSet.empty.serialized()),
            ]
        )
        try Counter.change.next(in: database)
    }

    /// The mappings of a destination, by segment.
    func mappings(of destination: Int, in database: Database) throws -> [SegmentMapping] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM mappings WHERE destination = ? ORDER BY segment LIMIT 20000",
            arguments: [destination]
        )
        .map { row in
            SegmentMapping(
                destination: row["destination"],
                segment: row["segment"],
                alias: row["alias"],
                start: (row["start_day"] as Int32?).map { Day($0) },
                end: (row["end_day"] as Int32?).map { Day($0) },
                sentCount: row["sent_count"],
                sentAt: row["sent_at"]
            )
        }
    }

    /// The IDs that a destination has of a segment, by the files that were published.
    func sent(_ segment: SID, to destination: Int, in database: Database) throws -> MemberSet {
        let data = try Data.fetchOne(
            database,
            sql: "SELECT sent FROM mappings WHERE destination = ? AND segment = ?",
            arguments: [destination, segment]
        )
        return try data.map { try $0.withUnsafeBytes { try MemberSet(serialized: $0) } } ?? .empty
    }

    /// Notes what a destination has of a segment now.
    func setSent(
        _ members: MemberSet,
        _ segment: SID,
        to destination: Int,
        at time: Int64,
        in database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE mappings SET sent = ?, sent_count = ?, sent_at = ? WHERE destination = ? AND segment = ?
                """,
            arguments: [Data(members.serialized()), members.count, time, destination, segment]
        )
    }

    /// Ends a mapping for good, once the receiver was told.
    func unmap(_ segment: SID, from destination: Int, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM mappings WHERE destination = ? AND segment = ?",
            arguments: [destination, segment]
        )
        try Counter.change.next(in: database)
    }

    /// The destinations that have IDs of a set, by the files that were published.
    ///
    /// - Parameters:
    ///   - members: The IDs.
    ///   - database: The database.
    /// - Returns: The names of the destinations of each ID that any has.
    /// - Throws: What the database answers.
    func holders(of members: MemberSet, in database: Database) throws -> [IDNumber: [String]] {
        var holders: [IDNumber: [String]] = [:]
        for destination in try list(limit: Destination.limit, in: database) {
            var held = MemberSet.empty
            for mapping in try mappings(of: destination.number, in: database) {
                let sent = try sent(mapping.segment, to: destination.number, in: database)
                held = held.union(sent.intersection(members))
            }
            held.forEach { holders[$0, default: []].append(destination.name) }
        }
        return holders
    }

    /// The IDs that any destination still has of any segment.
    func stillSent(in database: Database) throws -> MemberSet {
        let rows = try Row.fetchCursor(database, sql: "SELECT sent FROM mappings")
        var union = MemberSet.empty
        while let row = try rows.next() {
            let set = try row.withUnsafeData(atIndex: 0) { data in
                try (data ?? Data()).withUnsafeBytes { try MemberSet(serialized: $0) }
            }
            union = union.union(set)
        }
        return union
    }

    func decode(_ row: Row, in database: Database) throws -> Destination {
        let number: Int = row["number"]
        let labels = try String.fetchSet(
            database,
            sql: "SELECT label FROM destination_labels WHERE destination = ?",
            arguments: [number]
        )
        let template: String? = row["template"]
        return Destination(
            number: number,
            name: row["name"],
            description: row["description"],
            keyDataSource: row["key_data_source"],
            account: row["account"],
            mode: Destination.Mode(rawValue: row["mode"]) ?? .iter,
            schedule: Destination.Schedule(text: row["schedule"]) ?? .onChange,
            template: try template.map {
                try JSONDecoder().decode(Destination.Template.self, from: Data($0.utf8))
            },
            alias: row["alias"],
            labels: Set(labels.compactMap(ExportRestriction.init)),
            isGzip: row["is_gzip"],
            partByteCount: row["part_byte_count"],
            isPaused: row["is_paused"]
        )
    }
}

extension Destination.Schedule {
    /// The schedule as people write it: `on-change`, `on-demand` or a time of the day in UTC like `14:00`.
    package var text: String {
        switch self {
        case .onChange: "on-change"
        case .onDemand: "on-demand"
        case .daily(let minute):
            "\(minute / 600)\(minute / 60 % 10):\(minute % 60 / 10)\(minute % 10)"
        }
    }

    /// Reads a schedule.
    package init?(text: String) {
        switch text {
        case "on-change": self = .onChange
        case "on-demand": self = .onDemand
        default:
            guard let match = text.wholeMatch(of: /([01][0-9]|2[0-3]):([0-5][0-9])/),
                let hour = Int(match.1), let minute = Int(match.2)
            else { return nil }
            self = .daily(minute: hour * 60 + minute)
        }
    }
}
