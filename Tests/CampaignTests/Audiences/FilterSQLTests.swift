// SPDX-License-Identifier: Apache-2.0

import GRDB
import Surroundings
import Testing

@testable import Campaign

@Suite struct FilterSQLTests {
    private func arguments(_ values: [FilterValue?]) -> StatementArguments {
        StatementArguments(
            values.map { value -> (any DatabaseValueConvertible)? in
                switch value {
                case .text(let text): text
                case .integer(let number): number
                case .real(let number): number
                case nil: nil
                }
            }
        )
    }

    private func database(_ rows: [[String: FilterValue]]) throws -> DatabaseQueue {
        let queue = try DatabaseQueue()
        try queue.write { database in
            try database.execute(sql: FilterSamples.table)
            let names = FilterSamples.fields.keys.sorted()
            for (number, row) in rows.enumerated() {
                try database.execute(
                    sql: """
                        INSERT INTO profiles (number, \(names.joined(separator: ", ")))
                        VALUES (\(number)\(String(repeating: ", ?", count: names.count)))
                        """,
                    arguments: arguments(names.map { row[$0] })
                )
            }
        }
        return queue
    }

    private func matches(_ filter: Filter, in queue: DatabaseQueue) throws -> [Int] {
        let (sql, values) = FilterSQL.compile(filter)
        return try queue.read { database in
            try Int.fetchAll(
                database,
                sql: "SELECT number FROM profiles WHERE \(sql) ORDER BY number",
                arguments: arguments(values)
            )
        }
    }

    private func matches(_ text: String, in rows: [[String: FilterValue]]) throws -> [Int] {
        try matches(Filter.parse(text, fields: FilterSamples.fields), in: database(rows))
    }

    @Test(arguments: [
        (
            "country = \"FR\" and birthDate < 1990-01-01",
            "((birthDate < ? AND birthDate <> '') AND country IS ?)"
        ),
        ("cusVisits >= 3", "cusVisits >= ?"), ("not cusVisits >= 3", "NOT coalesce(cusVisits >= ?, 0)"),
        ("country in ('FR', 'DE')", "country IN (?, ?)"), ("blackList = false", "blackList IS NOT ?"),
        ("lastName like 'A%'", "lastName GLOB ?"), ("gender is empty", "(gender IS NULL OR gender = ?)"),
        ("cusScore is not empty", "cusScore IS NOT NULL"), ("lastName is not empty", "lastName <> ''"),
        ("not (country = 'A' or country = 'B')", "(country IS NOT ? AND country IS NOT ?)"),
    ])
    func `filters compile to conditions with bound values`(text: String, sql: String) throws {
        let compiled = FilterSQL.compile(try Filter.parse(text, fields: FilterSamples.fields))
        #expect(compiled.sql == sql)
        #expect(compiled.arguments.count == sql.count { $0 == "?" })
    }

    @Test func `no value of a filter is in its SQL`() throws {
        let text =
            "country = 'secret1' or lastName like 'secret2%' or mobilePhone in ('secret3') or cusVisits = 424242"
        let compiled = FilterSQL.compile(try Filter.parse(text, fields: FilterSamples.fields))
        #expect(!compiled.sql.contains("secret"))
        #expect(!compiled.sql.contains("424242"))
        #expect(
            compiled.arguments == [.text("secret1"), .text("secret2*"), .text("secret3"), .integer(424_242)]
        )
    }

    @Test func `an empty field is not equal, less, in or like anything`() throws {
        let rows: [[String: FilterValue]] = [
            ["country": .text("FR"), "cusVisits": .integer(1)],
            ["country": .text("DE"), "cusVisits": .integer(9)],
            ["country": .text("")], [:],
        ]
        #expect(try matches("country != 'FR'", in: rows) == [1, 2, 3])
        #expect(try matches("not (country = 'FR')", in: rows) == [1, 2, 3])
        #expect(try matches("country not in ('FR', 'DE')", in: rows) == [2, 3])
        #expect(try matches("country not like 'F%'", in: rows) == [1, 2, 3])
        #expect(try matches("country like '%'", in: rows) == [0, 1])
        #expect(try matches("country < 'ZZ'", in: rows) == [0, 1])
        #expect(try matches("not cusVisits < 5", in: rows) == [1, 2, 3])
        #expect(try matches("cusVisits >= 5", in: rows) == [1])
        #expect(try matches("country is empty", in: rows) == [2, 3])
        #expect(try matches("country = ''", in: rows) == [2, 3])
        #expect(try matches("country in ('', 'FR')", in: rows) == [0, 2, 3])
        #expect(try matches("country is not empty", in: rows) == [0, 1])
        #expect(try matches("blackList = false", in: rows) == [0, 1, 2, 3])
        #expect(try matches("blackList = true", in: rows) == [])
    }

    @Test func `like is case-sensitive and its characters are code points`() throws {
        let rows = ["Müller", "müller", "M*ller", "M?ller", "M[u]ller", "50%", "a_b", "axb", "😀"].map {
            ["lastName": FilterValue.text($0)]
        }
        #expect(try matches("lastName like 'M%'", in: rows) == [0, 2, 3, 4])
        #expect(try matches("lastName like 'M_ller'", in: rows) == [0, 2, 3])
        #expect(try matches("lastName like 'M*ller'", in: rows) == [2])
        #expect(try matches("lastName like 'M?ller'", in: rows) == [3])
        #expect(try matches("lastName like 'M[u]ller'", in: rows) == [4])
        #expect(try matches("lastName like '%\\%'", in: rows) == [5])
        #expect(try matches("lastName like 'a\\_b'", in: rows) == [6])
        #expect(try matches("lastName like '_'", in: rows) == [8])
        #expect(try matches("lastName like 'm%' or lastName like '%😀%'", in: rows) == [1, 8])
    }

    @Test func `SQLite agrees with a plain evaluation on random filters and rows`() throws {
        var random = SeededNumbers(seed: 23)
        let rows = (0..<300).map { _ in FilterSamples.row(&random) }
        let queue = try database(rows)
        var matched = 0
        for _ in 0..<3_000 {
            let filter = Filter(expression: FilterSamples.expression(depth: 4, &random))
            let expected = rows.indices.filter { FilterReference.matches(filter.expression, rows[$0]) }
            matched += expected.count
            #expect(try matches(filter, in: queue) == expected, "\(filter)")
        }
        #expect(matched > 100_000)
    }

    @Test func `the largest filters stay within the limits of SQLite`() throws {
        let rows: [[String: FilterValue]] = [["cusVisits": .integer(1)], ["cusVisits": .integer(2)]]
        let many = (0..<3_000).map { "cusVisits = \($0 + 2)" }.joined(separator: " or ")
        #expect(try matches(many, in: rows) == [1])
        let list = "cusVisits in (" + Array(repeating: "2", count: 21_000).joined(separator: ", ") + ")"
        #expect(try matches(list, in: rows) == [1])
        let wild = "lastName like '" + String(repeating: "*", count: 4_096) + "'"
        #expect(try matches(wild, in: rows) == [])
        // As many levels as may be, each with as many conditions as the length allows, deep ones first and last.
        for deepFirst in [true, false] {
            var nested = "cusVisits=2"
            for level in 0..<32 {
                let others = Array(repeating: level % 2 == 0 ? "cusVisits>0" : "not cusVisits>0", count: 60)
                let inner = level == 0 ? [nested] : ["(\(nested))"]
                let parts = deepFirst ? inner + others : others + inner
                nested = parts.joined(separator: level % 2 == 0 ? " and " : " or ")
            }
            #expect(try matches(nested, in: rows) == [1])
        }
    }
}
