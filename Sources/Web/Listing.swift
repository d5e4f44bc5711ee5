// SPDX-License-Identifier: Apache-2.0

/// A list as an answer: a bare array, or a page `{"list", "total", "page", "pageSize"}`.
package struct Listing<Item: Sendable>: Sendable {
    private struct Frame: Sendable {
        let page: Int
        let pageSize: Int
        let total: Int
    }

    /// The entries.
    package let items: [Item]
    private let frame: Frame?

    /// Everything.
    package init(_ items: [Item]) {
        self.items = items
        frame = nil
    }

    /// One page.
    package init(_ items: [Item], _ request: PageRequest, total: Int) {
        self.items = items
        frame = request.page.map { Frame(page: $0, pageSize: request.pageSize, total: total) }
    }

    private init(_ items: [Item], _ frame: Frame?) {
        self.items = items
        self.frame = frame
    }

    /// The list with its entries in another shape.
    package func map<Other: Sendable>(_ transform: (Item) throws -> Other) rethrows -> Listing<Other> {
        Listing<Other>(
            try items.map(transform),
            frame.map { .init(page: $0.page, pageSize: $0.pageSize, total: $0.total) }
        )
    }
}

extension Listing: Encodable where Item: Encodable {
    private enum Keys: String, CodingKey {
        case list, total, page, pageSize
    }

    package func encode(to encoder: any Encoder) throws {
        guard let frame else {
            try items.encode(to: encoder)
            return
        }
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(items, forKey: .list)
        try container.encode(frame.total, forKey: .total)
        try container.encode(frame.page, forKey: .page)
        try container.encode(frame.pageSize, forKey: .pageSize)
    }
}
