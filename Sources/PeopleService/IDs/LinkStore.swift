// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching

/// Which devices and declared IDs belong together, and which IDs are of one device.
///
/// Every link stands at both of its ends.
struct LinkStore {
    /// What a change of links did.
    struct Effect {
        /// All IDs whose links changed, other than by being confirmed.
        let touched: MemberSet
        /// How many links gave way to newer ones, since an ID had too many.
        let evicted: Int
    }

    /// Notes links, in their order, and lets go of those beyond the limits.
    ///
    /// - Parameters:
    ///   - found: The links, of IDs that have numbers; none of an ID with itself.
    ///   - end: What an ID stands for, for the limits.
    ///   - database: The database, in a transaction.
    /// - Returns: What changed.
    /// - Throws: What the database answers.
    func add(
        _ found: [FoundLink],
        end: (IDNumber) throws -> LinkEnd,
        in database: Database
    ) throws -> Effect {
        let named = MemberSetBuilder()
        for link in found {
            named.insert(link.device)
            named.insert(link.partner)
        }
        let changes = try LinkChanges(of: named.added, in: database)
        var evicted = 0
        for link in found {
            guard changes.put(link) else { continue }
            if changes.linkCount(of: link.device) > LinkLimits.declaredIDsPerDevice {
                evicted += try Self.trim(link.device, beside: link.partner, changes, end)
            }
            if changes.linkCount(of: link.partner) > LinkLimits.devicesPerDeclaredID {
                evicted += try Self.trim(link.partner, beside: link.device, changes, end)
            }
        }
        return Effect(touched: try changes.store(in: database), evicted: evicted)
    }

    /// Takes the oldest links of an ID away that are too many of one kind.
    ///
    /// - Returns: How many went.
    private static func trim(
        _ number: IDNumber,
        beside partner: IDNumber,
        _ changes: LinkChanges,
        _ end: (IDNumber) throws -> LinkEnd
    ) throws -> Int {
        let kind = try end(partner)
        let limit: Int
        var stale = changes.links(of: number).map(\.partner)
        switch (try end(number), kind) {
        case (.declared, _):
            // All of its partners are devices.
            limit = LinkLimits.devicesPerDeclaredID
        case (.device, .declared):
            limit = LinkLimits.declaredIDsPerDevice
            stale = try stale.filter { try end($0) == kind }
        case (.device, .device):
            limit = LinkLimits.devicesPerDevice
            guard stale.count > limit else { return 0 }
            stale = try stale.filter { try end($0) == kind }
        }
        stale = stale.dropLast(limit)
        for other in stale { changes.unlink(number, other) }
        return stale.count
    }

    /// Takes all links of some IDs away.
    ///
    /// - Returns: All IDs whose links changed, these included.
    func remove(of members: MemberSet, in database: Database) throws -> MemberSet {
        let changes = try LinkChanges(of: members, in: database)
        members.forEach { number in
            for link in Array(changes.links(of: number)) { changes.unlink(number, link.partner) }
        }
        return try changes.store(in: database)
    }

    /// The IDs that are linked with any of some IDs.
    func partners(of members: MemberSet, in database: Database) throws -> MemberSet {
        let partners = MemberSetBuilder()
        try forEach(of: members, in: database) { _, links in
            for place in 0..<links.count { partners.insert(links[place].partner) }
        }
        return partners.added
    }

    /// Calls a function with the links of each ID of a set that has any, by number.
    ///
    /// - Parameters:
    ///   - members: The IDs.
    ///   - database: The database.
    ///   - body: Is given a number and its links, the oldest first, which are valid during the call.
    /// - Throws: What the function throws, or what the database answers.
    func forEach(
        of members: MemberSet,
        in database: Database,
        _ body: (IDNumber, LinkList) throws -> Void
    ) throws {
        var run: [IDNumber] = []
        var current = -1
        func visit() throws {
            guard !run.isEmpty else { return }
            try Self.withPage(current, in: database) { page in
                guard let page else { return }
                var position = 0
                for number in run {
                    let place = Int(number) % LinkPage.capacity
                    while position < page.count, page.place(at: position) < place { position += 1 }
                    let start = position
                    while position < page.count, page.place(at: position) == place { position += 1 }
                    if start < position { try body(number, page.links(start..<position)) }
                }
            }
            run.removeAll(keepingCapacity: true)
        }
        try members.forEachRun { numbers in
            for number in numbers {
                let page = Int(number) / LinkPage.capacity
                if page != current {
                    try visit()
                    current = page
                }
                run.append(number)
            }
        }
        try visit()
    }

    /// Reads one page, or finds that there is none.
    static func withPage<Value>(
        _ number: Int,
        in database: Database,
        _ read: (LinkPage?) throws -> Value
    ) throws -> Value {
        let statement = try database.cachedStatement(sql: "SELECT links FROM link_pages WHERE page = ?")
        let rows = try Row.fetchCursor(statement, arguments: [number])
        guard let row = try rows.next() else { return try read(nil) }
        // Without a copy: the bytes are those of the statement.
        return try row.withUnsafeData(atIndex: 0) { data in
            try (data ?? Data()).withUnsafeBytes { try read(LinkPage($0)) }
        }
    }
}
