// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import PeopleService

/// What each option of a merge rule lets count, by small examples.
@Suite("Merge rules")
struct MergeRuleTests {
    /// Who is in the segment `101T and 102T`.
    private func members(
        _ across: MergeRule.Across,
        _ devices: MergeRule.Devices,
        sources: [DataSourceNumber] = [200],
        links: [String],
        traits: [String: [SID]]
    ) throws -> Set<String> {
        let test = try TestPeople()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        try test.dataSource(201, .crossDevice)
        for _ in 101...102 { _ = try test.trait(of: 200) }
        let rule = try test.mergeRule(across, devices, sources: across == .none ? [] : sources)
        let segment = try Segments(test.service)
            .create(name: "S", dataSource: 200, rule: "101T and 102T", mergeRule: rule)
        for (step, link) in links.enumerated() {
            let ends = link.split(separator: " ")
            let parts = ends[1].split(separator: ":")
            let file = "adobe_id_100_\(parts[0])_\(1_700_000_000 + step).sync"
            try test.idSync("\(ends[0])\t\(parts[1])\n", file)
        }
        for (step, (id, sids)) in traits.sorted(by: { $0.key < $1.key }).enumerated() {
            let parts = id.split(separator: ":")
            let file = "ftp_dpm_\(parts[0])_200_\(1_700_001_000 + step).sync"
            try test.onboard("\(parts[1])\t\(sids.map { "d_sid=\($0)" }.joined(separator: ","))\n", file)
        }
        let found = try test.members(of: segment.sid)
        // Finding everybody anew must agree with having followed each change.
        #expect(
            try test.names(Segments(test.service).estimate(rule: "101T and 102T", mergeRule: rule)) == found
        )
        return found
    }

    @Test("No declared IDs: devices stand for themselves")
    func none() throws {
        let found = try members(
            .none,
            .device,
            links: ["d1 200:a"],
            traits: ["100:d1": [101, 102], "100:d2": [101], "200:a": [101, 102], "100:d3": [101, 102]]
        )
        #expect(found == ["100:d1", "100:d3"])
    }

    @Test(
        "One device and one person: who has which trait, and who is in",
        arguments: [
            (MergeRule.Devices.device, [101, 102], [], ["100:d", "200:a"]),
            (.device, [], [101, 102], ["100:d", "200:a"]), (.device, [101], [102], ["100:d", "200:a"]),
            (.device, [101], [101], []), (.none, [101, 102], [], []), (.none, [101], [102], []),
            (.none, [], [101, 102], ["100:d", "200:a"]), (.graph, [101], [102], ["100:d", "200:a"]),
        ] as [(MergeRule.Devices, [SID], [SID], Set<String>)],
        [MergeRule.Across.last, .current, .all]
    )
    func onePerson(
        _ example: (devices: MergeRule.Devices, device: [SID], person: [SID], expected: Set<String>),
        _ across: MergeRule.Across
    ) throws {
        var traits: [String: [SID]] = [:]
        if !example.device.isEmpty { traits["100:d"] = example.device }
        if !example.person.isEmpty { traits["200:a"] = example.person }
        let found = try members(across, example.devices, links: ["d 200:a"], traits: traits)
        #expect(found == example.expected)
    }

    @Test(
        "Of two people on one device, the last one counts or both do",
        arguments: [
            (MergeRule.Across.last, ["d 200:a", "d 200:b"], ["200:a"]),
            (.last, ["d 200:b", "d 200:a"], ["200:a", "100:d"]),
            (.last, ["d 200:a", "d 200:b", "d 200:a"], ["200:a", "100:d"]),
            (.all, ["d 200:a", "d 200:b"], ["200:a", "200:b", "100:d"]),
        ] as [(MergeRule.Across, [String], Set<String>)]
    )
    func twoPeople(_ across: MergeRule.Across, _ links: [String], _ expected: Set<String>) throws {
        let found = try members(across, .device, links: links, traits: ["200:a": [101, 102]])
        // The person whom no device counts stands alone.
        #expect(found == expected)
    }

    @Test("The last one of each data source counts, and only those of the rule's data sources")
    func dataSources() throws {
        let links = ["d 200:a", "d 201:x", "d 200:b"]
        let traits: [String: [SID]] = ["200:b": [101], "201:x": [102], "200:a": [102]]
        let both = try members(.last, .device, sources: [200, 201], links: links, traits: traits)
        #expect(both == ["100:d", "200:b", "201:x"])
        #expect(try members(.last, .device, sources: [200], links: links, traits: traits) == [])
        #expect(
            try members(.all, .device, sources: [200], links: links, traits: traits) == [
                "100:d", "200:a", "200:b",
            ]
        )
    }

    @Test(
        "In a graph devices that share a person count for each other",
        arguments: [
            (MergeRule.Devices.graph, ["d1 200:a", "d2 200:a"], ["100:d1", "100:d2", "200:a"]),
            (.device, ["d1 200:a", "d2 200:a"], []),
            (.graph, ["d1 200:a", "d2 200:b"], []),
            // d2 shared a person with d1 once, and is used by another one since.
            (.graph, ["d1 200:a", "d2 200:a", "d2 200:b"], ["100:d1", "100:d2", "200:a", "200:b"]),
            (.graph, ["d1 201:x", "d2 201:x"], []),
            // Two steps away is too far.
            (.graph, ["d1 200:a", "d3 200:a", "d3 200:b", "d2 200:b"], ["100:d3", "200:b"]),
        ] as [(MergeRule.Devices, [String], Set<String>)]
    )
    func graph(_ devices: MergeRule.Devices, _ links: [String], _ expected: Set<String>) throws {
        let found = try members(.last, devices, links: links, traits: ["100:d1": [101], "100:d2": [102]])
        #expect(found == expected)
    }

    @Test("The one that is signed in now counts only while signed in")
    func current() throws {
        let test = try TestPeople()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        let trait = try test.trait(of: 200)
        let segments = try [MergeRule.Across.current, .last].map { across in
            try Segments(test.service)
                .create(
                    name: "S",
                    dataSource: 200,
                    rule: "\(trait)T",
                    mergeRule: test.mergeRule(across, .device, sources: [200])
                )
                .sid
        }
        try test.onboard("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        try test.idSync("d\ta\n", "adobe_id_100_200_1700000001.sync")
        #expect(try test.members(of: segments[0]) == ["100:d", "200:a"])
        let now = UInt32(TestPeople.start / 1_000)
        try test.link("100:d", "200:a", time: now + 1, .loggedOut)
        #expect(try test.members(of: segments[0]) == ["200:a"])
        #expect(try test.members(of: segments[1]) == ["100:d", "200:a"])
        try test.link("100:d", "200:a", time: now + 2, .authenticated)
        #expect(try test.members(of: segments[0]) == ["100:d", "200:a"])
    }
}
