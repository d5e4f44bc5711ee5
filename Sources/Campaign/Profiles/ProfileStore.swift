// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems
import Storage

/// The profiles of an installation, one by one; loads and exports go in bulk.
package struct ProfileStore {
    package init() {}

    /// A profile for display: field names and values as text, empty fields left out.
    package struct Card: Sendable {
        package let number: Int64
        package let values: [(field: ProfileField, text: String)]
        package let visitorCount: Int
    }

    /// How many profiles there are.
    package func count(in database: Database) throws -> Int {
        try Counter.profiles.value(in: database)
    }

    /// Finds profiles by the value of a field.
    ///
    /// - Parameters:
    ///   - field: The field.
    ///   - text: The value as commands write it.
    ///   - limit: How many at most.
    ///   - database: The database.
    /// - Returns: The profiles in the order of their numbers.
    /// - Throws: ``Problem`` of kind `profiles.value-unsuitable` when the field can't have the value, or what the
    ///   database answers.
    package func find(_ field: ProfileField, _ text: String, limit: Int, in database: Database) throws
        -> [Card]
    {
        let value = try databaseValue(field, text)
        let fields = try ProfileFieldStore.all(in: database)
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT * FROM profiles WHERE \(field.name) IS ? ORDER BY number LIMIT ?",
            arguments: [value, limit]
        )
        return try rows.map { try card($0, fields, in: database) }
    }

    /// Finds a profile by its number.
    package func find(number: Int64, in database: Database) throws -> Card? {
        let fields = try ProfileFieldStore.all(in: database)
        return try Row.fetchOne(database, sql: "SELECT * FROM profiles WHERE number = ?", arguments: [number])
            .map { try card($0, fields, in: database) }
    }

    private func card(_ row: Row, _ fields: [ProfileField], in database: Database) throws -> Card {
        let number: Int64 = row["number"]
        let values = fields.compactMap { field -> (field: ProfileField, text: String)? in
            let text = field.text(of: row[field.name])
            return text.isEmpty ? nil : (field, text)
        }
        let visitors = try Int.fetchOne(
            database,
            sql: "SELECT count(*) FROM visitor_links WHERE profile = ?",
            arguments: [number]
        )
        return Card(number: number, values: values, visitorCount: visitors ?? 0)
    }

    private func databaseValue(_ field: ProfileField, _ text: String) throws -> DatabaseValue {
        var text = text
        let parser = FieldParser(field)
        return try text.withUTF8 { bytes in
            do throws(FieldParser.Fault) {
                let value = try parser.parse(UnsafeRawBufferPointer(bytes))
                return switch value.kind {
                case .empty: .null
                case .integer: value.integer.databaseValue
                case .real: value.real.databaseValue
                case .text: String(decoding: value.bytes, as: UTF8.self).databaseValue
                }
            } catch {
                throw Problem(
                    .valueUnsuitable,
                    "The value doesn't fit the field \(field.name): \(error.hint)."
                )
            }
        }
    }
}

extension ProfileField {
    /// A stored value as files and commands write it; empty for an empty field.
    func text(of value: DatabaseValue) -> String {
        switch (kind, value.storage) {
        case (_, .null): ""
        case (.boolean, .int64(let number)): number == 0 ? "false" : "true"
        case (.choice(let names), .int64(let number)):
            names.indices.contains(Int(number)) ? names[Int(number)] : String(number)
        case (.dateTime, .int64(let number)): Moment.text(number)
        case (_, .int64(let number)): String(number)
        case (_, .double(let number)): String(number)
        case (_, .string(let text)): text
        case (_, .blob): ""
        }
    }
}

extension ProblemKind {
    package static let valueUnsuitable = ProblemKind(
        "profiles.value-unsuitable",
        status: 422,
        meaning: "A value doesn't fit the profile field it is meant for.",
        advice: "Write the value as the field's type asks; `profiles fields list` shows the types."
    )
    package static let profileUnknown = ProblemKind(
        "profiles.unknown",
        status: 404,
        meaning: "No profile has the value that a command asked for.",
        advice: "Check the value and its case; texts are compared as they are."
    )
}
