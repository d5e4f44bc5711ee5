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
        try database.execute(
            sql: """
                INSERT INTO destinations (number, name, description, key_data_source, account, mode, schedule,
                    template, alias, is_gzip, part_byte_count, is_paused, created, changed)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                destination.number, destination.name, destination.description, destination.keyDataSource,
                destination.account, destination.mode.rawValue, destination.schedule.text,
                try text(of: destination.template), destination.alias, destination.isGzip,
                destination.partByteCount, destination.isPaused, time,
                time,
            ]
        )
        try storeLabels(of: destination, in: database)
        try Counter.change.next(in: database)
    }

    /// Changes everything of a destination but its number.
    func update(_ destination: Destination, at time: Int64, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE destinations SET name = ?, description = ?, key_data_source = ?, account = ?, mode = ?,
                    schedule = ?, template = ?, alias = ?, is_gzip = ?, part_byte_count = ?, is_paused = ?, changed = ?
                WHERE number = ?
                """,
            arguments: [
                destination.name, destination.description, destination.keyDataSource, destination.account,
                destination.mode.rawValue, destination.schedule.text, try text(of: destination.template),
                destination.alias, destination.isGzip, destination.partByteCount, destination.isPaused, time,
                destination.number,
            ]
        )
        try storeLabels(of: destination, in: database)
        try Counter.change.next(in: database)
    }

    private func text(of template: Destination.Template?) throws -> String? {
        try template.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
    }

    private func storeLabels(of destination: Destination, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM destination_labels WHERE destination = ?",
            arguments: [destination.number]
        )
        for label in destination.labels {
            try database.execute(
                sql: "INSERT INTO destination_labels (destination, label) VALUES (?, ?)",
                arguments: [destination.number, label.rawValue]
            )
        }
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

    /// Whether a destination is still as it was read.
    func isThere(_ destination: Destination, in database: Database) throws -> Bool {
        try Row.fetchOne(
            database,
            sql: "SELECT * FROM destinations WHERE number = ?",
            arguments: [destination.number]
        )
        .map { try decode($0, in: database) == destination } ?? false
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
