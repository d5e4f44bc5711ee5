// SPDX-License-Identifier: Apache-2.0

import Conditions
import Surroundings

@testable import Campaign

/// Fields, rows and random filters to try the filter language with.
enum FilterSamples {
    static let fields: [String: FilterField] = {
        let all = [
            FilterField("country", column: "country", kind: .string),
            FilterField("lastName", column: "lastName", kind: .string),
            FilterField("mobilePhone", column: "mobilePhone", kind: .string),
            FilterField("birthDate", column: "birthDate", kind: .date),
            FilterField("created", column: "created", kind: .dateTime),
            FilterField("cusVisits", column: "cusVisits", kind: .integer),
            FilterField("cusScore", column: "cusScore", kind: .number),
            FilterField("blackList", column: "blackList", kind: .boolean),
            FilterField(
                "gender",
                column: "gender",
                kind: .choice(["unknown": 0, "male": 1, "female": 2]),
                emptyNumber: 0
            ),
            FilterField("cusTier", column: "cusTier", kind: .enumeration(["gold", "silver", "no tier"])),
        ]
        return Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
    }()

    static let table = """
        CREATE TABLE profiles (
            number INTEGER PRIMARY KEY, country TEXT, lastName TEXT, mobilePhone TEXT, birthDate TEXT,
            created INTEGER, cusVisits INTEGER, cusScore REAL, blackList INTEGER, gender INTEGER, cusTier TEXT)
        """

    /// Values that the columns of rows and the literals of filters are drawn from.
    static func values(of field: FilterField) -> [FilterValue] {
        switch field.kind {
        case .string:
            [
                "FR", "fr", "DE", "", "F", "Fr*", "a?[b]", "x%_\\", "é", "É", "😀", "it's \"so\"", "*", "FRA",
                "\"a'\u{308}",
            ]
            .map(FilterValue.text)
        case .date:
            ["1990-01-01", "1989-12-31", "2000-02-29", "0001-01-01", "9999-12-31"].map(FilterValue.text)
        case .dateTime:
            [0, -1, 1_704_067_200_000, 1_704_067_200_123, -62_135_596_800_000].map(FilterValue.integer)
        case .integer: [0, 1, -1, 5, .max, .min].map(FilterValue.integer)
        case .number: [0, 0.1, -2.5, 1e20, 1e-7, 3].map(FilterValue.real)
        case .boolean: [0, 1].map(FilterValue.integer)
        case .choice: [0, 1, 2].map(FilterValue.integer)
        case .enumeration: ["gold", "silver", "no tier"].map(FilterValue.text)
        }
    }

    static func row(_ random: inout SeededNumbers) -> [String: FilterValue] {
        var row: [String: FilterValue] = [:]
        for field in fields.values.sorted(by: { $0.name < $1.name }) {
            guard Int.random(in: 0..<4, using: &random) > 0 else { continue }
            row[field.name] = values(of: field).randomElement(using: &random)
        }
        return row
    }

    static func expression(depth: Int, _ random: inout SeededNumbers) -> FilterExpression {
        guard depth > 0, Int.random(in: 0..<4, using: &random) > 0 else {
            return .condition(condition(&random))
        }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return .reversed(expression(depth: depth - 1, &random))
        case 1:
            let count = Int.random(in: 2...4, using: &random)
            return .joinedByAnd((0..<count).map { _ in expression(depth: depth - 1, &random) })
        default:
            let count = Int.random(in: 2...4, using: &random)
            return .joinedByOr((0..<count).map { _ in expression(depth: depth - 1, &random) })
        }
    }

    private static func condition(_ random: inout SeededNumbers) -> FilterCondition {
        let names = fields.keys.sorted()
        guard let field = fields[names[Int.random(in: 0..<names.count, using: &random)]] else {
            preconditionFailure("the name is one of the fields")
        }
        let values = values(of: field)
        func value(_ random: inout SeededNumbers) -> FilterValue {
            values[Int.random(in: 0..<values.count, using: &random)]
        }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return .isEmpty(field)
        case 1 where field.kind == .string:
            let pieces = ["%", "_", "F", "R", "*", "?", "[", "]", "é", "\\%", "\\", "\\\\", "a", "😀", "\""]
            let count = Int.random(in: 0...4, using: &random)
            let text = (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }
                .joined()
            return .isLike(field, FilterPattern(text: text))
        case 2 where field.kind != .boolean:
            let count = Int.random(in: 1...3, using: &random)
            return .isIn(field, (0..<count).map { _ in value(&random) })
        case 3...4 where field.hasOrder:
            let comparisons: [FilterCondition.Comparison] = [.less, .lessOrEqual, .greater, .greaterOrEqual]
            return .compares(field, comparisons[Int.random(in: 0..<4, using: &random)], value(&random))
        default:
            return .compares(field, .equal, value(&random))
        }
    }
}
