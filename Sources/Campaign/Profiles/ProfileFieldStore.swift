// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems

/// The fields of the profile as this installation has them: the standard ones and the custom ones.
package enum ProfileFieldStore {
    /// All fields, standard ones first, in the order of exports.
    ///
    /// - Parameter database: The database.
    /// - Returns: The standard fields and at most 1,000 custom ones.
    /// - Throws: ``Problem`` of kind `profiles.field-refused` when the database has a type that there is not, or what
    ///   the database answers.
    package static func all(in database: Database) throws -> [ProfileField] {
        let custom = try Row.fetchAll(
            database,
            sql: "SELECT name, type, choices, is_unique FROM profile_fields ORDER BY position LIMIT 1000"
        )
        return try ProfileField.standard
            + custom.map { row in
                ProfileField(
                    row["name"],
                    row["name"],
                    try kind(type: row["type"], choices: row["choices"]),
                    isUnique: row["is_unique"]
                )
            }
    }

    /// Adds a custom field: a column of its own, empty in every profile.
    ///
    /// - Parameters:
    ///   - name: `cus` and then letters or digits, at most 30 characters.
    ///   - type: `string`, `integer`, `number`, `boolean`, `date`, `datetime` or `enumeration(a,b,…)`.
    ///   - isUnique: Whether no two profiles may have the same value.
    ///   - database: The database, in a transaction.
    /// - Returns: The field.
    /// - Throws: ``Problem`` of kind `profiles.field-refused`, or what the database answers.
    package static func add(
        name: String,
        type: String,
        isUnique: Bool,
        in database: Database
    ) throws -> ProfileField {
        guard name.wholeMatch(of: /cus[A-Za-z0-9]{1,27}/) != nil else {
            throw Problem(
                .fieldRefused,
                "The name of a custom field is `cus` and 1 to 27 letters or digits.",
                field: "name"
            )
        }
        let isTaken = try all(in: database).contains { $0.name.lowercased() == name.lowercased() }
        guard !isTaken else {
            throw Problem(.fieldRefused, "There is a field \(name) already.", field: "name")
        }
        let (typeName, choices) = try split(type)
        let kind = try kind(type: typeName, choices: choices)
        let column =
            switch kind {
            case .integer, .boolean, .dateTime: "INTEGER"
            case .number: "REAL"
            default: "TEXT"
            }
        try database.execute(
            sql: """
                INSERT INTO profile_fields (name, type, choices, is_unique, position)
                VALUES (?, ?, ?, ?, (SELECT count(*) FROM profile_fields))
                """,
            arguments: [name, typeName, choices, isUnique]
        )
        // The name was checked above: letters and digits only.
        try database.execute(sql: "ALTER TABLE profiles ADD COLUMN \(name) \(column)")
        return ProfileField(name, name, kind, isUnique: isUnique)
    }

    /// Finds a field by its name.
    ///
    /// - Throws: ``Problem`` of kind `profiles.field-unknown` that names the nearest field.
    package static func field(named name: String, in database: Database) throws -> ProfileField {
        let fields = try all(in: database)
        if let field = fields.first(where: { $0.name == name }) { return field }
        let near = fields.first { $0.name.lowercased() == name.lowercased() }
        let hint = near.map { "Did you mean \($0.name)?" }
        throw Problem(.fieldUnknown, "There is no profile field \(name).", advice: hint, field: name)
    }

    private static func split(_ type: String) throws -> (name: String, choices: String) {
        guard let open = type.firstIndex(of: "("), type.hasSuffix(")") else { return (type, "") }
        let choices = type[type.index(after: open)...].dropLast().split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) }
        return (String(type[..<open]), choices.joined(separator: ","))
    }

    /// The names of the types, without the values of an enumeration.
    static let types = ["string", "integer", "number", "boolean", "date", "datetime", "enumeration"]

    private static func kind(type: String, choices: String) throws -> ProfileField.Kind {
        switch type {
        case "string": return .text(maximum: 255)
        case "integer": return .integer
        case "number": return .number
        case "boolean": return .boolean
        case "date": return .date
        case "datetime": return .dateTime
        case "enumeration":
            let names = choices.split(separator: ",").map(String.init)
            guard !names.isEmpty, Set(names).count == names.count else {
                throw Problem(
                    .fieldRefused,
                    "An enumeration lists its values once each, like `enumeration(gold,silver)`.",
                    field: "type"
                )
            }
            return .enumeration(names)
        default:
            throw Problem(.fieldRefused, "There is no field type \(type).", field: "type")
        }
    }
}

extension ProblemKind {
    package static let fieldRefused = ProblemKind(
        "profiles.field-refused",
        status: 422,
        meaning: "A custom profile field can't be added like this.",
        advice:
            "Use `profiles fields add cusNAME --type string|integer|number|boolean|date|datetime|enumeration(a,b)`."
    )
    package static let fieldUnknown = ProblemKind(
        "profiles.field-unknown",
        status: 404,
        meaning: "A command names a profile field that doesn't exist.",
        advice: "Run `profiles fields list` to see the fields."
    )
}
