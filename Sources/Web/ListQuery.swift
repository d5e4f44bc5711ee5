// SPDX-License-Identifier: Apache-2.0

import GRDB
import Problems

/// A list in the database, of which requests ask for parts.
package struct ListQuery {
    private let table: String
    private let columns: String
    private let key: String
    private let sortable: [String: String]
    private let searched: [String]
    private let limit: Int
    private let isNewestFirst: Bool
    private var conditions: [String] = []
    private var arguments: StatementArguments = []

    /// Describes a list.
    ///
    /// - Parameters:
    ///   - columns: What is selected.
    ///   - table: The table.
    ///   - key: The column of the number, which also decides between equals.
    ///   - sortable: The columns by the names under which requests sort.
    ///   - searched: The columns in which requests search.
    ///   - limit: The largest number of entries, if everything is asked for.
    ///   - isNewestFirst: Whether the largest number comes first where the request names no order.
    package init(
        _ columns: String,
        from table: String,
        key: String,
        sortable: [String: String],
        searched: [String],
        limit: Int,
        isNewestFirst: Bool = false
    ) {
        self.columns = columns
        self.table = table
        self.key = key
        self.sortable = sortable
        self.searched = searched
        self.limit = limit
        self.isNewestFirst = isNewestFirst
    }

    /// Narrows the list.
    ///
    /// - Parameters:
    ///   - condition: SQL.
    ///   - arguments: The values of its question marks.
    package mutating func require(_ condition: String, _ arguments: StatementArguments = []) {
        conditions.append(condition)
        self.arguments += arguments
    }

    /// Narrows the list to one value of a column, where a request gives one.
    package mutating func require(_ column: String, is value: (any DatabaseValueConvertible)?) {
        guard let value else { return }
        require("\(column) = ?", [value])
    }

    /// Reads the part that a request asks for.
    ///
    /// - Parameters:
    ///   - request: The part and its order.
    ///   - database: The database.
    ///   - decode: Makes an entry of a row.
    /// - Returns: The list.
    /// - Throws: ``Problem`` of kind `web.request-refused` for an order that there is not.
    package func fetch<Item: Sendable>(
        _ request: PageRequest,
        in database: Database,
        _ decode: (Row) throws -> Item
    ) throws -> Listing<Item> {
        var query = self
        if let search = request.search {
            // SQLite's own LIKE knows upper and lower case of ASCII letters only.
            let text = search.lowercased()
            let pattern = "%" + text.map { "%_\\".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "%"
            let lowercase = DatabaseFunction.lowercase.name
            let tests = searched.map { "\(lowercase)(CAST(\($0) AS TEXT)) LIKE ? ESCAPE '\\'" }
                .joined(separator: " OR ")
            query.require("(\(tests))", StatementArguments(searched.map { _ in pattern }))
        }
        let filter = query.conditions.isEmpty ? "" : " WHERE " + query.conditions.joined(separator: " AND ")
        let isDescending = request.isDescending || (isNewestFirst && request.sortBy == nil)
        let direction = isDescending ? "DESC" : "ASC"
        let order = "\(try column(request.sortBy)) \(direction), \(key) \(direction)"
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT \(columns) FROM \(table)\(filter) ORDER BY \(order) LIMIT ? OFFSET ?",
            arguments: query.arguments + [
                request.page == nil ? limit : request.pageSize, (request.page ?? 0) * request.pageSize,
            ]
        )
        let items = try rows.map(decode)
        guard request.page != nil else { return Listing(items) }
        let total = try Int.fetchOne(
            database,
            sql: "SELECT count(*) FROM \(table)\(filter)",
            arguments: query.arguments
        )
        return Listing(items, request, total: total ?? 0)
    }

    private func column(_ name: String?) throws -> String {
        guard let name else { return key }
        guard let column = sortable[name] else {
            let names = sortable.keys.sorted().joined(separator: ", ")
            throw Problem(.requestRefused, "sortBy takes one of \(names).", field: "sortBy")
        }
        return column
    }
}
