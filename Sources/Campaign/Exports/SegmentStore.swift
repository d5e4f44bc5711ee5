// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems
import Storage

/// The segments that were made here, each a name with the number that the hub knows it by.
struct SegmentStore {
    /// The segment of a name, or the next number for it.
    ///
    /// - Parameters:
    ///   - name: The name, 1 to 255 characters.
    ///   - isMaking: Whether a new segment is stored; otherwise its number is only foretold.
    ///   - database: The database, in a transaction if a segment may be made.
    /// - Returns: The segment's number.
    /// - Throws: ``Problem`` of kind `exports.segment-refused`.
    func number(named name: String, isMaking: Bool, in database: Database) throws -> Int64 {
        try confirm(name: name)
        if let known = try knownNumber(name, in: database) { return known }
        guard isMaking else { return Int64(try Counter.segment.value(in: database) + 1) }
        let number = Int64(try Counter.segment.next(in: database))
        try database.execute(
            sql: "INSERT INTO segments (number, name) VALUES (?, ?)",
            arguments: [number, name]
        )
        return number
    }

    /// Refuses a name that no segment can have.
    ///
    /// - Throws: ``Problem`` of kind `exports.segment-refused`.
    func confirm(name: String) throws {
        guard !name.isEmpty, name.count <= 255, !name.contains(where: \.isNewline) else {
            throw Problem(
                .segmentRefused,
                "The name of a segment has 1 to 255 characters on one line.",
                field: "segment-name"
            )
        }
    }

    /// The number of a name.
    func knownNumber(_ name: String, in database: Database) throws -> Int64? {
        try Int64.fetchOne(database, sql: "SELECT number FROM segments WHERE name = ?", arguments: [name])
    }

    /// Whether a name has a number already.
    func isKnown(_ name: String, in database: Database) throws -> Bool {
        try knownNumber(name, in: database) != nil
    }

    /// Keeps the name of a number that the hub gave.
    func add(_ number: Int64, named name: String, in database: Database) throws {
        try database.execute(
            sql: "INSERT OR IGNORE INTO segments (number, name) VALUES (?, ?)",
            arguments: [number, name]
        )
    }

    /// How people see a segment: `NAME (number)`, or the number alone if it was not made here.
    func title(_ number: Int64, in database: Database) throws -> String {
        let name = try String.fetchOne(
            database,
            sql: "SELECT name FROM segments WHERE number = ?",
            arguments: [number]
        )
        return name.map { "\($0) (\(number))" } ?? String(number)
    }
}

extension ProblemKind {
    package static let segmentRefused = ProblemKind(
        "exports.segment-refused",
        status: 422,
        meaning: "The name or number of a segment can't be one.",
        advice: "Give the segment's number with --segment, or a name with --segment-name."
    )
}
