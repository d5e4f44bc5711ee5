// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Problems

/// Which part of a list a request asks for, in which order.
///
/// Audience Manager, "getting started with REST APIs": pages from 0, ten entries a page unless said otherwise, and a
/// bare array where no page is asked for.
package struct PageRequest: Sendable {
    /// The largest page, in entries.
    package static let largestPage = 1_000

    /// The page, from 0; `nil` for everything, as a bare array.
    package let page: Int?
    /// How many entries a page has.
    package let pageSize: Int
    /// The field to sort by; `nil` for the number.
    package let sortBy: String?
    /// Whether the largest comes first.
    package let isDescending: Bool
    /// What an entry must have in any of its fields, in any case.
    package let search: String?

    /// Reads what a request asks for.
    ///
    /// - Throws: ``Problem`` of kind `web.request-refused`.
    package init(_ query: Query) throws {
        let page = try query.number("page", in: 0...1_000_000)
        let size = try query.number("pageSize", in: 1...Self.largestPage)
        self.page = page ?? size.map { _ in 0 }
        pageSize = size ?? 10
        sortBy = query["sortBy"]
        isDescending = try query.flag("descending")
        search = query["search"].flatMap { $0.isEmpty ? nil : $0 }
        guard (search?.unicodeScalars.count ?? 0) <= 255 else {
            throw Problem(.requestRefused, "search takes up to 255 characters.", field: "search")
        }
    }
}
