// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Storage
import Surroundings
import Testing

@testable import PeopleService

/// Any sequence of links, within the limits and beyond, leads to those of a naive reference.
@Suite("Links, compared with a naive reference")
struct NaiveLinkTests {
    /// Links as one would keep them without a thought for speed: a list for each ID.
    private struct NaiveLinks {
        var lists: [IDNumber: [Link]] = [:]
        var touched: Set<IDNumber> = []
        var evicted = 0

        mutating func add(_ link: FoundLink) {
            let atDevice = Link(partner: link.partner, time: link.time, state: link.state)
            let atDeclared = Link(partner: link.device, time: link.time, state: link.state)
            guard put(atDevice, at: link.device) else { return }
            _ = put(atDeclared, at: link.partner)
            let same = (lists[link.device] ?? []).filter { $0.partner % 2 == link.partner % 2 }
            for stale in same.dropLast(10) { unlink(link.device, stale.partner) }
            for stale in (lists[link.partner] ?? []).dropLast(100) { unlink(link.partner, stale.partner) }
            evicted += max(0, same.count - 10)
        }

        mutating func unlink(_ one: IDNumber, _ other: IDNumber) {
            lists[one]?.removeAll { $0.partner == other }
            lists[other]?.removeAll { $0.partner == one }
        }

        private mutating func put(_ link: Link, at number: IDNumber) -> Bool {
            let old = lists[number] ?? []
            guard old.allSatisfy({ $0.partner != link.partner || $0.time <= link.time }) else { return false }
            var new = old.filter { $0.partner != link.partner }
            new.insert(link, at: new.firstIndex { $0.time > link.time } ?? new.count)
            lists[number] = new
            return new != old
        }
    }

    @Test(
        "Devices and declared IDs keep the same links in the same order",
        arguments: [(3, 40), (40, 3), (130, 2), (2, 130), (12, 12), (300, 40)],
        1...4
    )
    func linksAgree(_ counts: (devices: Int, declared: Int), seed: Int) throws {
        let test = try TestPeople()
        var random = SeededNumbers(seed: UInt64(seed))
        var naive = NaiveLinks()
        // Devices and declared IDs lie on several pages; even and odd declared IDs are of two data sources.
        let devices = (0..<counts.devices).map { IDNumber($0 * 97) }
        let declared = (0..<counts.declared).map { IDNumber(50_000 + $0 * 301) }
        for step in 0..<12 {
            if step % 5 == 4 {
                let some = [
                    devices.randomElement(using: &random) ?? 0, declared.randomElement(using: &random) ?? 0,
                ]
                for number in some {
                    for link in naive.lists[number] ?? [] { naive.unlink(number, link.partner) }
                }
                _ = try test.service.write { try LinkStore().remove(of: MemberSet(some), in: $0) }
            } else {
                let found = (0..<Int.random(in: 1...300, using: &random)).map { _ in
                    FoundLink(
                        device: devices.randomElement(using: &random) ?? 0,
                        partner: declared.randomElement(using: &random) ?? 0,
                        time: UInt32(step * 2 + Int.random(in: 0...4, using: &random)),
                        state: [.unknown, .authenticated, .loggedOut].randomElement(using: &random)
                            ?? .unknown
                    )
                }
                let before = naive.lists
                naive.evicted = 0
                for link in found { naive.add(link) }
                let effect = try test.service.write {
                    try LinkStore().add(
                        found,
                        end: { $0 < 50_000 ? .device : .declared(Int($0 % 2)) },
                        in: $0
                    )
                }
                // Whoever has other partners now, or another order or state of them, must be looked at.
                for device in devices
                where naive.lists[device].map(Self.essence) != before[device].map(Self.essence) {
                    #expect(effect.touched.contains(device))
                }
            }
            try test.service.read { database in
                let all = MemberSet(devices + declared)
                var lists: [IDNumber: [Link]] = [:]
                try LinkStore().forEach(of: all, in: database) { lists[$0] = Array($1) }
                #expect(lists == naive.lists.filter { !$0.value.isEmpty }, "step \(step)")
            }
        }
    }

    private static func essence(_ links: [Link]) -> [String] { links.map { "\($0.partner) \($0.state)" } }
}
