// SPDX-License-Identifier: Apache-2.0

import Storage
import Surroundings
import Testing

@testable import PeopleService

/// Any sequence of files, opt-outs, their ways back and deletions leads to the segments that the naive reference finds.
@Suite("Opt-outs, compared with a naive reference")
struct OptOutComparisonTests {
    /// What the reference knows: somebody who is out is as if not there.
    private struct Naive {
        var people = NaivePeople()
        var asked: Set<String> = []
        var out: Set<String> = []
        var devices: Set<String> = []
        var declared: Set<String> = []
        /// The last sign of life.
        var seen: [String: Day] = [:]

        func partners(_ id: String) -> Set<String> {
            Set(people.links.filter { $0.device == id }.map(\.declared))
                .union(people.links.filter { $0.declared == id }.map(\.device))
        }

        func reach(_ id: String) -> Set<String> {
            let persons = id.hasPrefix("100:") ? partners(id) : [id]
            return persons.reduce(into: persons.union([id])) { $0.formUnion(partners($1)) }
        }

        mutating func optOut(_ id: String) {
            asked.insert(id)
            out.formUnion(reach(id))
        }

        mutating func undo(_ id: String, on today: Day) {
            asked.remove(id)
            let others = asked.reduce(into: Set<String>()) { $0.formUnion(reach($1)) }
            for back in reach(id).subtracting(others) where out.remove(back) != nil { seen[back] = today }
        }

        /// What a new day makes old.
        mutating func retain(on today: Day) {
            people.links.removeAll { $0.time < (Int(today.number) - 120) * 86_400 }
            for (device, day) in seen where device.hasPrefix("100:") && today - day > 120 {
                people.realizations[device] = nil
                people.links.removeAll { $0.device == device }
                seen[device] = nil
            }
        }

        mutating func delete(_ id: String) {
            let gone = id.hasPrefix("100:") ? [id] : partners(id).union([id])
            for other in gone { people.realizations[other] = nil }
            people.links.removeAll { gone.contains($0.device) || gone.contains($0.declared) }
            asked.formUnion(gone)
            out.formUnion(gone)
        }

        func members(_ rule: SegmentRule, _ merge: NaivePeople.Rule, _ today: Day) -> Set<String> {
            var seen = people
            seen.links.removeAll { out.contains($0.device) || out.contains($0.declared) }
            return seen.members(
                rule,
                merge,
                devices: devices.subtracting(out),
                declared: declared.subtracting(out),
                on: today
            )
        }
    }

    private struct Segment {
        let sid: SID
        let rule: SegmentRule
        let merge: NaivePeople.Rule
    }

    @Test("Any sequence of .sync, .overwrite, ID-sync, opt-out, opt-in, deletion and days", arguments: 1...24)
    func sequencesAgree(seed: Int) throws {
        var random = SeededNumbers(seed: UInt64(seed) + 500)
        let test = try TestPeople()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        try test.dataSource(201, .crossDevice)
        let lifetimes = [120, 40, 0]
        let traits = try lifetimes.map { try test.trait(of: 200, lifetime: $0) }
        var naive = Naive()
        naive.people.onboarded = Set(traits)
        naive.people.lifetimes = Dictionary(uniqueKeysWithValues: zip(traits, lifetimes))
        let segments = try segments(test, traits)
        for step in 0..<24 {
            let number = Int(test.service.world.milliseconds / 1_000) + step
            switch Int.random(in: 0..<11, using: &random) {
            case 0..<3: try sync(test, traits, &naive, number, &random)
            case 3: try overwrite(test, traits, &naive, number, &random)
            case 4..<7: try link(test, &naive, number, &random)
            case 7: try optOut(test, &naive, &random)
            case 8: try undo(test, &naive, &random)
            case 9:
                test.pass(days: Int.random(in: 1...70, using: &random))
                _ = try Retention(test.service).runIfDue()
                naive.retain(on: test.today)
            default: try delete(test, &naive, &random)
            }
            for segment in segments {
                let expected = naive.members(segment.rule, segment.merge, test.today)
                #expect(try test.members(of: segment.sid) == expected, "step \(step), \(segment.rule)")
            }
            if step % 5 == 4 { try test.forgetDelivered() }
        }
    }

    private func segments(_ test: TestPeople, _ traits: [SID]) throws -> [Segment] {
        let merges: [(Int, NaivePeople.Rule)] = [
            (1, .init(across: .last, devices: .device, sources: [200, 201])),
            (
                try test.mergeRule(.all, .graph, sources: [200, 201]),
                .init(across: .all, devices: .graph, sources: [200, 201])
            ),
            (
                try test.mergeRule(.none, .device, sources: []),
                .init(across: .none, devices: .device, sources: [])
            ),
        ]
        return try merges.flatMap { number, merge in
            try ["\(traits[0])T", "\(traits[0])T and not \(traits[1])T or \(traits[2])T"].map { text in
                Segment(
                    sid: try Segments(test.service)
                        .create(name: "S", dataSource: 200, rule: text, mergeRule: number).sid,
                    rule: try SegmentRule.parse(text),
                    merge: merge
                )
            }
        }
    }

    private func id(_ sources: [Int], _ random: inout SeededNumbers) -> (source: Int, id: String) {
        (sources.randomElement(using: &random) ?? 100, "u\(Int.random(in: 0..<9, using: &random))")
    }

    private func sync(
        _ test: TestPeople,
        _ traits: [SID],
        _ naive: inout Naive,
        _ number: Int,
        _ random: inout SeededNumbers
    ) throws {
        let source = id([100, 200, 201], &random).source
        var text = ""
        for _ in 0..<10 {
            let user = id([source], &random).id
            let trait = traits.randomElement(using: &random) ?? 0
            let isAdded = Int.random(in: 0..<4, using: &random) > 0
            text += "\(user)\t\(isAdded ? "d_sid" : "d_unsid")=\(trait)\n"
            let name = "\(source):\(user)"
            guard !naive.out.contains(name) else { continue }
            naive.seen[name] = test.today
            if source == 100 { naive.devices.insert(name) } else { naive.declared.insert(name) }
            if isAdded {
                naive.people.realize(name, trait, on: test.today)
            } else {
                naive.people.remove(name, trait)
            }
        }
        let receipt = try test.onboard(text, "ftp_dpm_\(source)_200_\(number).sync")
        #expect(receipt.counts.sum == receipt.received)
    }

    private func overwrite(
        _ test: TestPeople,
        _ traits: [SID],
        _ naive: inout Naive,
        _ number: Int,
        _ random: inout SeededNumbers
    ) throws {
        let user = id([200], &random).id
        let trait = traits.randomElement(using: &random) ?? 0
        try test.onboard("\(user)\td_sid=\(trait)\n", "ftp_dpm_200_\(number).overwrite")
        let name = "200:\(user)"
        guard !naive.out.contains(name) else { return }
        for trait in traits { naive.people.remove(name, trait) }
        naive.people.realize(name, trait, on: test.today)
        naive.seen[name] = test.today
        naive.declared.insert(name)
    }

    private func link(
        _ test: TestPeople,
        _ naive: inout Naive,
        _ number: Int,
        _ random: inout SeededNumbers
    ) throws {
        let source = id([200, 201], &random).source
        var text = ""
        for _ in 0..<3 {
            let (device, person) = (id([100], &random).id, id([source], &random).id)
            text += "\(device)\t\(person)\n"
            let names = ["100:\(device)", "\(source):\(person)"]
            guard naive.out.isDisjoint(with: names) else { continue }
            naive.people.link(names[0], names[1], time: number)
            for name in names { naive.seen[name] = test.today }
            naive.devices.insert(names[0])
            naive.declared.insert(names[1])
        }
        try test.idSync(text, "adobe_id_100_\(source)_\(number).sync")
    }

    private func optOut(_ test: TestPeople, _ naive: inout Naive, _ random: inout SeededNumbers) throws {
        let (source, user) = id([100, 200, 201], &random)
        naive.optOut("\(source):\(user)")
        _ = try OptOuts(test.service).optOut("\(source):\(user)")
        for device in naive.devices {
            #expect(
                try OptOuts(test.service).isOptedOut(100, String(device.dropFirst(4)))
                    == naive.out.contains(device)
            )
        }
    }

    private func undo(_ test: TestPeople, _ naive: inout Naive, _ random: inout SeededNumbers) throws {
        // Somebody who is being deleted comes back once destinations were told.
        try test.forgetDelivered()
        guard let name = naive.asked.sorted().randomElement(using: &random) else { return }
        naive.undo(name, on: test.today)
        _ = try OptOuts(test.service).undo(name)
    }

    private func delete(_ test: TestPeople, _ naive: inout Naive, _ random: inout SeededNumbers) throws {
        let (source, user) = id([100, 200, 201], &random)
        let report = try PrivacyRequests(test.service).delete("\(source):\(user)")
        if report.isFound { naive.delete("\(source):\(user)") }
    }
}
