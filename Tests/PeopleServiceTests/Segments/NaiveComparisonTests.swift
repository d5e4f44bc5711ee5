// SPDX-License-Identifier: Apache-2.0

import Storage
import Surroundings
import Testing

@testable import PeopleService

/// Any sequence of files leads to the segments that the naive reference finds.
@Suite("Segments, compared with a naive reference")
struct NaiveComparisonTests {
    @Test("Any sequence of .sync, .overwrite, ID-sync files and days", arguments: 1...12)
    func sequencesAgree(seed: Int) throws {
        var random = SeededNumbers(seed: UInt64(seed))
        // Every second time few devices are linked with more people than a device may have.
        let (deviceCount, personCount, rowCount) = seed % 2 == 0 ? (8, 8, 5) : (2, 14, 20)
        let test = try TestPeople()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        try test.dataSource(201, .crossDevice)
        var naive = NaivePeople()
        var traits: [SID] = []
        for index in 0..<6 {
            let isOnboarded = index < 4
            let lifetime = [120, 2, 0, 1, 3, 120][index]
            let sid = try test.trait(
                of: index % 2 == 0 ? 200 : 201,
                rule: isOnboarded ? nil : "page == \"p\(index)\"",
                lifetime: lifetime
            )
            traits.append(sid)
            naive.lifetimes[sid] = lifetime
            if isOnboarded { naive.onboarded.insert(sid) }
        }
        let rules: [(number: Int, rule: NaivePeople.Rule)] = [
            (1, NaivePeople.Rule(across: .last, devices: .device, sources: [200, 201])),
            (
                try test.mergeRule(.none, .device, sources: []),
                NaivePeople.Rule(across: .none, devices: .device, sources: [])
            ),
            (
                try test.mergeRule(.all, .device, sources: [200]),
                NaivePeople.Rule(across: .all, devices: .device, sources: [200])
            ),
            (
                try test.mergeRule(.last, .none, sources: [201]),
                NaivePeople.Rule(across: .last, devices: .none, sources: [201])
            ),
            (
                try test.mergeRule(.all, .graph, sources: [200, 201]),
                NaivePeople.Rule(across: .all, devices: .graph, sources: [200, 201])
            ),
            (
                try test.mergeRule(.current, .device, sources: [200, 201]),
                NaivePeople.Rule(across: .current, devices: .device, sources: [200, 201])
            ),
            (
                try test.mergeRule(.last, .graph, sources: [200]),
                NaivePeople.Rule(across: .last, devices: .graph, sources: [200])
            ),
        ]
        let texts = [
            "\(traits[0])T", "\(traits[0])T and \(traits[1])T", "\(traits[2])T and not \(traits[3])T",
            "\(traits[4])T or (\(traits[0])T and not \(traits[1])T)",
            "frequency([\(traits[4])T, \(traits[5])T] <= 2D) >= 3", "recency([\(traits[5])T] >= 1D)",
            "frequency([\(traits[4])T]) == 2 and not \(traits[3])T",
        ]
        let segments = try rules.flatMap { rule in
            try texts.map { text in
                let segment = try Segments(test.service)
                    .create(name: "S", dataSource: 200, rule: text, mergeRule: rule.number)
                return (sid: segment.sid, rule: try SegmentRule.parse(text), merge: rule.rule)
            }
        }
        var devices: Set<String> = []
        var declared: Set<String> = []
        for step in 0..<14 {
            test.pass(seconds: 1)
            let number = Int(test.service.world.milliseconds / 1_000)
            if seed % 3 == 0 {
                // The same where each set lies in several pieces.
                if step % 4 == 1 { try test.beginBlock(of: 100) }
                try test.cutPieces()
            }
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<4:
                let source = [100, 200, 201].randomElement(using: &random) ?? 100
                let owner = [200, 201].randomElement(using: &random) ?? 200
                var text = ""
                for _ in 0..<Int.random(in: 1...12, using: &random) {
                    let id = "u\(Int.random(in: 0..<8, using: &random))"
                    let name = "\(source):\(id)"
                    var signals: [String] = []
                    var isTold = false
                    for (index, sid) in traits.enumerated() where Int.random(in: 0..<3, using: &random) == 0 {
                        if index >= 4 {
                            signals.append("page=p\(index)")
                            naive.realize(name, sid, on: test.today)
                            isTold = true
                        } else if Bool.random(using: &random) {
                            signals.append("d_sid=\(sid)")
                            guard (index % 2 == 0 ? 200 : 201) == owner else { continue }
                            naive.realize(name, sid, on: test.today)
                            isTold = true
                        } else {
                            signals.append("d_unsid=\(sid)")
                            guard (index % 2 == 0 ? 200 : 201) == owner else { continue }
                            naive.remove(name, sid)
                            isTold = true
                        }
                    }
                    guard !signals.isEmpty else { continue }
                    text += "\(id)\t\(signals.joined(separator: ","))\n"
                    if isTold { if source == 100 { devices.insert(name) } else { declared.insert(name) } }
                }
                guard !text.isEmpty else { continue }
                let receipt = try test.onboard(text, "ftp_dpm_\(source)_\(owner)_\(number).sync")
                #expect(receipt.counts.sum == receipt.received)
            case 4..<6:
                let owner = [200, 201].randomElement(using: &random) ?? 200
                var text = ""
                var said: [String: Set<SID>] = [:]
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let id = "u\(Int.random(in: 0..<8, using: &random))"
                    let mine = traits[..<4].enumerated()
                        .filter { ($0.offset % 2 == 0 ? 200 : 201) == owner && Bool.random(using: &random) }
                        .map(\.element)
                    guard !mine.isEmpty else { continue }
                    text += "\(id)\t\(mine.map { "d_sid=\($0)" }.joined(separator: ","))\n"
                    said["\(owner):\(id)", default: []].formUnion(mine)
                }
                guard !text.isEmpty else { continue }
                for (name, mine) in said {
                    for (index, sid) in traits.enumerated() where (index % 2 == 0 ? 200 : 201) == owner {
                        naive.remove(name, sid)
                    }
                    for sid in mine { naive.realize(name, sid, on: test.today) }
                    declared.insert(name)
                }
                try test.onboard(text, "ftp_dpm_\(owner)_\(number).overwrite")
            case 6..<9:
                let other = [200, 201].randomElement(using: &random) ?? 200
                var text = ""
                for _ in 0..<Int.random(in: 1...rowCount, using: &random) {
                    let device = "u\(Int.random(in: 0..<deviceCount, using: &random))"
                    let person = "u\(Int.random(in: 0..<personCount, using: &random))"
                    text += "\(device)\t\(person)\n"
                    naive.link("100:\(device)", "\(other):\(person)", time: number)
                    devices.insert("100:\(device)")
                    declared.insert("\(other):\(person)")
                }
                try test.idSync(text, "adobe_id_100_\(other)_\(number).sync")
                if Bool.random(using: &random) {
                    // That two IDs are of one device changes no segment.
                    let ids = (0..<2).map { _ in "u\(Int.random(in: 0..<deviceCount, using: &random))" }
                    devices.formUnion(ids.map { "100:\($0)" })
                    try test.idSync("\(ids[0])\t\(ids[1])\n", "adobe_id_100_100_\(number).sync")
                }
            case 9..<11:
                // A browser says that somebody signed in or out, sometimes later than others did.
                guard let link = naive.links.randomElement(using: &random) else { continue }
                let time = number - Int.random(in: 0...2, using: &random)
                let state = [Link.State.unknown, .authenticated, .loggedOut].randomElement(using: &random)
                naive.link(link.device, link.declared, time: time, state ?? .unknown)
                try test.link(link.device, link.declared, time: UInt32(time), state ?? .unknown)
            default:
                test.pass(days: 1)
                try Expiry(test.service).run()
            }
            for segment in segments {
                let expected = naive.members(
                    segment.rule,
                    segment.merge,
                    devices: devices,
                    declared: declared,
                    on: test.today
                )
                let found = try test.members(of: segment.sid)
                #expect(found == expected, "step \(step), \(segment.rule), \(segment.merge)")
            }
        }
    }
}
