// SPDX-License-Identifier: Apache-2.0

import GRDB
import GRDBSQLite
import Matching
import Problems

/// Who is in an audience: kept members, or a filter evaluated now.
package struct AudienceMembers {
    package init() {}

    /// The members of an audience of profiles.
    ///
    /// - Parameters:
    ///   - audience: The audience.
    ///   - database: The database, in the state that is asked about.
    /// - Returns: The profiles' numbers.
    /// - Throws: ``Problem`` of kind `audiences.of-addresses` for a File audience, or
    ///   `audiences.filter-refused` for a filter that names a field that is gone.
    package func members(of audience: Audience, in database: Database) throws -> MemberSet {
        switch audience.kind {
        case .query(let text):
            return try evaluate(parse(text, in: database), in: database)
        case .list, .shared:
            return try AudienceStore().storedMembers(of: audience.id, in: database)
        case .file:
            throw Problem(.audienceOfAddresses, "The audience \(audience.id) holds addresses, not profiles.")
        }
    }

    /// Reads a filter.
    ///
    /// - Throws: ``Problem`` of kind `audiences.filter-refused` that names the column of the fault.
    func parse(_ text: String, in database: Database) throws -> Filter {
        let fields = try ProfileFieldStore.all(in: database).map { ($0.name, $0.filterField) }
        do {
            return try Filter.parse(text, fields: Dictionary(uniqueKeysWithValues: fields))
        } catch {
            throw Problem(.filterRefused, "\(error)", field: "where")
        }
    }

    /// The profiles that a filter lets through.
    func evaluate(_ filter: Filter, in database: Database) throws -> MemberSet {
        let (condition, arguments) = FilterSQL.compile(filter)
        let statement = try database.makeStatement(sql: "SELECT number FROM profiles WHERE \(condition)")
        try statement.setArguments(StatementArguments(arguments.map(\.databaseValue)))
        let handle = statement.sqliteStatement
        let builder = MemberSetBuilder()
        defer { sqlite3_reset(handle) }
        while true {
            let code = sqlite3_step(handle)
            guard code == SQLITE_ROW else {
                guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
                return builder.added
            }
            builder.insert(ProfileNumber(truncatingIfNeeded: sqlite3_column_int64(handle, 0)))
        }
    }
}

extension FilterValue {
    /// The value as a bound parameter.
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .text(let text): text.databaseValue
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        }
    }
}

extension ProfileField {
    /// The field as filters know it.
    var filterField: FilterField {
        FilterField(name, column: name, kind: filterKind, emptyNumber: emptyValue)
    }

    private var filterKind: FilterField.Kind {
        switch kind {
        case .text, .email, .mobilePhone, .timeZone: .string
        case .integer: .integer
        case .number: .number
        case .boolean: .boolean
        case .date: .date
        case .dateTime: .dateTime
        case .choice(let names):
            .choice(
                Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, Int64($0.offset)) })
            )
        case .enumeration(let names): .enumeration(names)
        }
    }
}
