// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage

/// Which column of a file of visitor links holds what.
struct VisitorLinkColumns: Sendable {
    let visitor: Int
    let key: Int
    let linked: Int?
    let columnCount: Int
    let titles: [String]

    init(_ header: [String], key: String, mapping: [String: String]) throws {
        let titles = try CSVHeader(header)
        let names = header.map { mapping[$0] ?? $0 }
        for column in mapping.keys.sorted() where !header.contains(column) {
            throw Problem(.mappingRefused, "The file has no column \(column).", field: "map")
        }
        func position(_ name: String) -> Int? {
            names.firstIndex { $0 == name } ?? names.firstIndex { $0.lowercased() == name.lowercased() }
        }
        guard let visitor = position("visitorId"), let keyColumn = position(key) else {
            let missing = position("visitorId") == nil ? "visitorId" : key
            throw Problem(
                .mappingRefused,
                "No column of the file fills \(missing).",
                advice: titles.advice(for: missing) { title in
                    title.lowercased() == "visitorid" || title.lowercased() == key.lowercased()
                        || mapping[title] != nil
                },
                field: "map"
            )
        }
        self.visitor = visitor
        self.key = keyColumn
        linked = position("linked")
        columnCount = header.count
        self.titles = header
    }
}
