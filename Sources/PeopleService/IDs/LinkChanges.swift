// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching

/// The links of the IDs that a run names, changed in memory, then written page by page.
///
/// Not shared between threads. Memory is some 40 bytes for each named ID and 12 for each of its links.
final class LinkChanges {
    /// Where the links of an ID lie in the pool.
    private struct Place {
        var start: UInt32
        var count: UInt32
        var room: UInt32
    }

    /// How many links an ID may gain before its list moves.
    private static let spareRoom: UInt32 = 2

    private let positions: IDPositions
    // No access to these meets another one, so none is checked at run time for each link.
    @exclusivity(unchecked) private var places: ContiguousArray<Place> = []
    @exclusivity(unchecked) private var pool: ContiguousArray<Link> = []
    @exclusivity(unchecked) private var isChanged: [Bool]
    /// IDs that are linked with others, in another order or another state.
    private let touched = MemberSetBuilder()
    /// What IDs lose that are not named themselves.
    private var losses: [IDNumber: [IDNumber]] = [:]

    /// Reads the links of IDs.
    ///
    /// - Parameters:
    ///   - named: The IDs.
    ///   - database: The database.
    /// - Throws: What the database answers.
    init(of named: MemberSet, in database: Database) throws {
        positions = IDPositions(named)
        isChanged = Array(repeating: false, count: positions.count)
        places.reserveCapacity(positions.count)
        pool.reserveCapacity(positions.count * 4)
        try LinkStore().forEach(of: named, in: database) { number, links in
            while positions.numbers[places.count] < number { addPlace([]) }
            addPlace(links)
        }
        while places.count < positions.count { addPlace([]) }
    }

    /// The links of a named ID, the oldest first.
    func links(of number: IDNumber) -> ArraySlice<Link> {
        guard let position = positions.position(of: number) else { return [] }
        let place = places[position]
        return pool[Int(place.start)..<Int(place.start + place.count)]
    }

    /// How many links a named ID has.
    func linkCount(of number: IDNumber) -> Int {
        positions.position(of: number).map { Int(places[$0].count) } ?? 0
    }

    /// Notes a link at both of its ends; one of the same two gives way unless it is newer.
    ///
    /// Of links of one time the last counts as the newest.
    ///
    /// - Parameter link: A link of named IDs.
    /// - Returns: Whether anything changed but the time.
    func put(_ link: FoundLink) -> Bool {
        guard let device = positions.position(of: link.device),
            let partner = positions.position(of: link.partner),
            let news = put(Link(partner: link.partner, time: link.time, state: link.state), at: device)
        else { return false }
        _ = put(Link(partner: link.device, time: link.time, state: link.state), at: partner)
        guard news == .order else { return false }
        touched.insert(link.device)
        touched.insert(link.partner)
        return true
    }

    /// What is new about a link.
    private enum News {
        case time
        case order
    }

    /// Takes a link away at both of its ends.
    ///
    /// - Parameters:
    ///   - number: A named ID.
    ///   - partner: The ID at the other end, named or not.
    func unlink(_ number: IDNumber, _ partner: IDNumber) {
        guard let position = positions.position(of: number), remove(partner, at: position) else { return }
        touched.insert(number)
        touched.insert(partner)
        if let other = positions.position(of: partner) {
            _ = remove(number, at: other)
        } else {
            losses[partner, default: []].append(number)
        }
    }

    /// Writes the pages whose links changed.
    ///
    /// - Returns: The IDs whose links changed, other than by being confirmed.
    /// - Throws: What the database answers.
    func store(in database: Database) throws -> MemberSet {
        let changed = MemberSetBuilder()
        for position in isChanged.indices where isChanged[position] {
            changed.insert(positions.numbers[position])
        }
        for number in losses.keys { changed.insert(number) }
        var run: [IDNumber] = []
        func write() throws {
            guard let first = run.first else { return }
            let page = Int(first) / LinkPage.capacity
            let bytes = try LinkStore.withPage(page, in: database) { rewritten($0, run) }
            try database.execute(
                sql: """
                    INSERT INTO link_pages (page, links) VALUES (?, ?)
                    ON CONFLICT (page) DO UPDATE SET links = excluded.links
                    """,
                arguments: [page, Data(bytes)]
            )
            run.removeAll(keepingCapacity: true)
        }
        try changed.added.forEach { number in
            if let first = run.first, Int(first) / LinkPage.capacity != Int(number) / LinkPage.capacity {
                try write()
            }
            run.append(number)
        }
        try write()
        return touched.added
    }

    private func addPlace(_ links: some Collection<Link>) {
        let room = UInt32(links.count) + Self.spareRoom
        places.append(Place(start: UInt32(pool.count), count: UInt32(links.count), room: room))
        pool.append(contentsOf: links)
        for _ in 0..<Self.spareRoom { pool.append(Self.nothing) }
    }

    private static let nothing = Link(partner: 0, time: 0, state: .unknown)

    private func put(_ link: Link, at position: Int) -> News? {
        let place = places[position]
        let (start, end) = (Int(place.start), Int(place.start + place.count))
        var from = end
        if let known = (start..<end).first(where: { pool[$0].partner == link.partner }) {
            guard pool[known].time <= link.time else { return nil }
            from = known
        }
        // The link comes before the first later one; what lies between moves on by one.
        let to = (start..<end).first { pool[$0].time > link.time && $0 != from } ?? end
        if from < end {
            guard to - 1 != from || pool[from] != link else { return nil }
            if to - 1 == from, pool[from].state == link.state {
                pool[from] = link
                isChanged[position] = true
                return .time
            }
            for index in from..<max(from, to - 1) { pool[index] = pool[index + 1] }
            pool[to - 1] = link
        } else {
            let moved = makeRoom(at: position)
            let (first, last) = (to - start + moved, end - start + moved)
            for index in (first..<last).reversed() { pool[index + 1] = pool[index] }
            pool[first] = link
            places[position].count += 1
        }
        isChanged[position] = true
        return .order
    }

    /// Makes room for one more link.
    ///
    /// - Returns: Where the list begins then.
    private func makeRoom(at position: Int) -> Int {
        let place = places[position]
        guard place.count == place.room else { return Int(place.start) }
        let start = pool.count
        for index in 0..<Int(place.count) { pool.append(pool[Int(place.start) + index]) }
        for _ in 0..<place.room { pool.append(Self.nothing) }
        places[position] = Place(start: UInt32(start), count: place.count, room: place.room * 2)
        return start
    }

    private func remove(_ partner: IDNumber, at position: Int) -> Bool {
        let place = places[position]
        let links = Int(place.start)..<Int(place.start + place.count)
        guard let found = links.first(where: { pool[$0].partner == partner }) else { return false }
        for index in found..<links.upperBound - 1 { pool[index] = pool[index + 1] }
        places[position].count -= 1
        isChanged[position] = true
        return true
    }

    /// A page with other links for some of its IDs.
    private func rewritten(_ page: LinkPage?, _ changed: [IDNumber]) -> [UInt8] {
        let count = page?.count ?? 0
        var builder = LinkPageBuilder(capacity: (count + changed.count * 2) * LinkPage.recordByteCount)
        var position = 0
        for number in changed {
            let place = Int(number) % LinkPage.capacity
            let start = position
            while let page, position < count, page.place(at: position) < place { position += 1 }
            if let page { builder.append(start..<position, of: page) }
            let first = position
            while let page, position < count, page.place(at: position) == place { position += 1 }
            if let lost = losses[number], let page {
                for link in page.links(first..<position) where !lost.contains(link.partner) {
                    builder.append(link, at: place)
                }
            } else {
                for link in links(of: number) { builder.append(link, at: place) }
            }
        }
        if let page { builder.append(position..<count, of: page) }
        return builder.bytes
    }
}
