// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Everything that a database holds, for the comparison of two of them: the rows of each table as text, sorted; of
/// bytes a checksum.
///
/// - Parameters:
///   - path: The file.
///   - tables: Tables that are left out.
///   - columns: Columns that are left out in every table, such as moments.
/// - Returns: The rows by table.
/// - Throws: What the database answers.
package func databaseContents(_ path: String, without tables: Set<String>, columns: Set<String>) throws
    -> [String: [String]]
{
    try DatabaseQueue(path: path).read { database in
        let names = try String.fetchAll(
            database,
            sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
        var contents: [String: [String]] = [:]
        for name in names where !tables.contains(name) {
            contents[name] = try Row.fetchAll(database, sql: "SELECT * FROM \(name)")
                .map { row in
                    row.filter { !columns.contains($0.0) }.map { "\($0.0)=\(text($0.1))" }.joined(
                        separator: " "
                    )
                }
                .sorted()
        }
        return contents
    }
}

private func text(_ value: DatabaseValue) -> String {
    guard case .blob(let data) = value.storage else { return "\(value)" }
    // FNV-1a, 64 bits.
    let sum = data.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return "\(data.count) bytes, \(String(sum, radix: 16))"
}
