// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching

extension LinkStore {
    /// Takes links away that were last seen before a moment.
    ///
    /// - Parameters:
    ///   - limit: The moment, in seconds since 1970.
    ///   - database: The database, in a transaction.
    /// - Returns: All IDs whose links changed, and how many links went.
    /// - Throws: What the database answers.
    func expire(before limit: UInt32, in database: Database) throws -> (touched: MemberSet, count: Int) {
        let touched = MemberSetBuilder()
        var count = 0
        for number in try Int.fetchAll(database, sql: "SELECT page FROM link_pages ORDER BY page") {
            let rest = try Self.withPage(number, in: database) { page -> [UInt8]? in
                guard let page, page.oldestTime < limit else { return nil }
                var builder = LinkPageBuilder(capacity: page.bytes.count)
                // A link stands at both of its ends with the same time, so each end lets go by itself.
                for position in 0..<page.count {
                    if page.links(position..<position + 1)[0].time < limit {
                        touched.insert(IDNumber(number * LinkPage.capacity + page.place(at: position)))
                        count += 1
                    } else {
                        builder.append(position..<position + 1, of: page)
                    }
                }
                return builder.bytes
            }
            guard let rest else { continue }
            try database.execute(
                sql: "UPDATE link_pages SET links = ? WHERE page = ?",
                arguments: [Data(rest), number]
            )
        }
        return (touched.added, count / 2)
    }
}
