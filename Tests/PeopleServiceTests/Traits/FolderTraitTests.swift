// SPDX-License-Identifier: Apache-2.0

import Matching
import Storage
import Surroundings
import Testing

@testable import PeopleService

@Suite struct FolderTraitTests {
    /// Two folders, one in the other, with an onboarded and a rule-based trait each, and a folder trait of the upper one.
    private struct System {
        let test: TestPeople
        let upper: Int
        let lower: Int
        let onboarded: [SID]
        let ruled: [SID]
        let sum: SID

        init() throws {
            test = try TestPeople()
            try test.dataSource(200, .crossDevice)
            upper = try Folders(test.service).create(.trait, name: "Upper", parent: nil).number
            lower = try Folders(test.service).create(.trait, name: "Lower", parent: upper).number
            onboarded = try [test.trait(of: 200), test.trait(of: 200)]
            ruled = try [
                test.trait(of: 200, rule: "ic == \"a\""), test.trait(of: 200, rule: "ic == \"b\""),
            ]
            for (trait, folder) in zip(onboarded + ruled, [upper, lower, upper, lower]) {
                _ = try Traits(test.service).update(trait) { $0.folder = folder }
            }
            sum = try test.folderTrait(of: upper)
        }

        func segment(_ rule: String) throws -> SID {
            try Segments(test.service).create(name: rule, dataSource: 200, rule: rule).sid
        }

        /// Files of lines `ID signals`, one after the other.
        func onboard(_ lines: String...) throws {
            for line in lines {
                let parts = line.split(separator: " ")
                try test.onboard("\(parts[0])\t\(parts[1])\n", "ftp_dpm_200_1700000000.sync")
            }
        }
    }

    @Test func `whoever has a trait in the folder or below it is in`() throws {
        let system = try System()
        let segment = try system.segment("\(system.sum)T")
        try system.onboard(
            "ann d_sid=\(system.onboarded[0])",
            "bob d_sid=\(system.onboarded[1])",
            "cleo ic=a",
            "dora ic=b",
            "eve ic=c"
        )
        let expected: Set = ["200:ann", "200:bob", "200:cleo", "200:dora"]
        #expect(try system.test.members(of: segment) == expected)
        let estimate = try Segments(system.test.service).estimate(rule: "\(system.sum)T")
        #expect(try system.test.names(estimate) == expected)
        try system.onboard("ann d_unsid=\(system.onboarded[0])")
        #expect(try system.test.members(of: segment) == expected.subtracting(["200:ann"]))
        // No file brings a folder trait by its number.
        try system.onboard("fred d_sid=\(system.sum)")
        #expect(try !system.test.members(of: segment).contains("200:fred"))
    }

    @Test func `a realization of any trait counts`() throws {
        let system = try System()
        let often = try system.segment("frequency([\(system.sum)T]) >= 3")
        let both = try system.segment("frequency([\(system.sum)T, \(system.ruled[0])T]) == 2")
        let exactly = try system.segment("\(system.sum)T and frequency([\(system.sum)T] <= 1D) == 0")
        try system.onboard("ann ic=a", "ann ic=b", "ann ic=a,ic=b", "bob ic=a", "bob ic=b", "cleo ic=a")
        #expect(try system.test.members(of: often) == ["200:ann"])
        // A rule that names the folder trait and one in it counts that one for each.
        #expect(try system.test.members(of: both) == ["200:cleo"])
        #expect(try system.test.members(of: exactly).isEmpty)
        system.test.pass(days: 2)
        try Expiry(system.test.service).run()
        #expect(try system.test.members(of: exactly) == ["200:ann", "200:bob", "200:cleo"])
    }

    @Test func `the day of an onboarded trait moves with each file, and recency follows`() throws {
        let system = try System()
        let recent = try system.segment("recency([\(system.sum)T] <= 3D)")
        let old = try system.segment("recency([\(system.sum)T] >= 4D)")
        try system.onboard("ann d_sid=\(system.onboarded[1])")
        system.test.pass(days: 5)
        try Expiry(system.test.service).run()
        #expect(try system.test.members(of: recent).isEmpty)
        #expect(try system.test.members(of: old) == ["200:ann"])
        // Nobody new has the trait, and still segments change.
        try system.onboard("ann d_sid=\(system.onboarded[1])")
        #expect(try system.test.members(of: recent) == ["200:ann"])
        #expect(try system.test.members(of: old).isEmpty)
    }

    @Test func `traits and folders that are moved or deleted take their people along`() throws {
        let system = try System()
        let segment = try system.segment("\(system.sum)T")
        try system.onboard(
            "ann d_sid=\(system.onboarded[0])",
            "bob d_sid=\(system.onboarded[1])",
            "cleo ic=b"
        )
        func members() throws -> Set<String> { try system.test.members(of: segment) }
        #expect(try members() == ["200:ann", "200:bob", "200:cleo"])
        let folders = Folders(system.test.service)
        let moved = try folders.update(system.lower) { $0.parent = nil }
        #expect(moved.segments.map(\.removed) == [2])
        #expect(try members() == ["200:ann"])
        _ = try Traits(system.test.service).update(system.sum) { $0.summedFolder = system.lower }
        #expect(try members() == ["200:bob", "200:cleo"])
        _ = try Traits(system.test.service).update(system.onboarded[0]) { $0.folder = system.lower }
        #expect(try members() == ["200:ann", "200:bob", "200:cleo"])
        _ = try Traits(system.test.service).update(system.onboarded[0]) { $0.folder = nil }
        #expect(try members() == ["200:bob", "200:cleo"])
        #expect(try Traits(system.test.service).delete(system.ruled[1]).map(\.removed) == [1])
        #expect(try members() == ["200:bob"])
    }

    @Test func `each trait lasts as long as its own lifetime says`() throws {
        let system = try System()
        let segment = try system.segment("\(system.sum)T")
        _ = try Traits(system.test.service).update(system.onboarded[0]) { $0.lifetimeDays = 1 }
        try system.onboard("ann d_sid=\(system.onboarded[0])", "bob d_sid=\(system.onboarded[1])")
        system.test.pass(days: 3)
        try Expiry(system.test.service).run()
        #expect(try system.test.members(of: segment) == ["200:bob"])
        _ = try Traits(system.test.service).update(system.onboarded[1]) { $0.lifetimeDays = 1 }
        #expect(try system.test.members(of: segment).isEmpty)
    }

    @Test func `folder traits in a folder are not summed up again`() throws {
        let system = try System()
        let other = try system.test.folderTrait(of: system.upper)
        _ = try Traits(system.test.service).update(other) { $0.folder = system.lower }
        _ = try Traits(system.test.service).update(system.sum) { $0.folder = system.upper }
        let segment = try system.segment("frequency([\(system.sum)T]) == 1 and \(other)T")
        try system.onboard("ann ic=a")
        #expect(try system.test.members(of: segment) == ["200:ann"])
    }

    @Test func `a restriction of any trait in the folder holds for its segments`() async throws {
        let system = try System()
        try system.test.addAccounts()
        try system.test.dataSource(201, .crossDevice)
        _ = try DataSources(system.test.service).update(201) { $0.restrictions = [.onSiteAdvertising] }
        let secret = try system.test.trait(of: 201)
        let rule = try system.test.mergeRule(.none, .device, sources: [])
        let segment = try Segments(system.test.service)
            .create(name: "S", dataSource: 200, rule: "\(system.sum)T", mergeRule: rule).sid
        let number = try system.test.destination(key: 200, labels: [.onSiteAdvertising])
        _ = try Destinations(system.test.service).map(segment, to: number)
        let moved = await fault {
            _ = try Traits(system.test.service).update(secret) { $0.folder = system.lower }
        }
        #expect(moved == "people.restriction-forbids")
        try Destinations(system.test.service).unmap(segment, from: number)
        _ = try Traits(system.test.service).update(secret) { $0.folder = system.lower }
        let mapped = await fault { _ = try Destinations(system.test.service).map(segment, to: number) }
        #expect(mapped == "people.restriction-forbids")
    }

    @Test func `a folder trait is made and changed by command`() async throws {
        let system = try System()
        try await system.test.run(
            TraitsCommand.self,
            "create",
            "--name",
            "Sum",
            "--data-source",
            "200",
            "--of-folder",
            "\(system.lower)"
        )
        let made = try #require(try system.test.service.read { try TraitStore().all(in: $0) }.last)
        #expect(made.kind == .folder && made.summedFolder == system.lower && made.lifetimeDays == 0)
        let number = "\(made.sid)"
        try await system.test.run(TraitsCommand.self, "edit", number, "--of-folder", "\(system.upper)")
        #expect(
            try system.test.service.read { try TraitStore().find(made.sid, in: $0) }.summedFolder
                == system.upper
        )
        func refused(_ words: String...) async -> String? {
            await fault { try await system.test.run(TraitsCommand.self, ["edit"] + words) }
        }
        #expect(await refused(number, "--rule", "ic == 1") == "people.trait-refused rule")
        #expect(await refused(number, "--ttl", "5") == "people.trait-refused ttl")
        #expect(await refused(number, "--of-folder", "99") == "people.folder-unknown")
        #expect(await refused("\(system.ruled[0])", "--of-folder", "1") == "people.trait-refused rule")
        try await system.test.run(TraitsCommand.self, "show", number)
        try await system.test.run(TraitsCommand.self, "list")
    }

    @Test(arguments: 1...6)
    func `a rule over the folder trait finds whom a rule over all of its traits finds`(seed: UInt64) throws {
        let system = try System()
        var numbers = SeededNumbers(seed: seed)
        let rules = [
            "frequency([%T]) >= 2", "frequency([%T] <= 1D) == 1", "recency([%T] <= 1D)",
            "recency([%T] >= 2D)",
            "frequency([%T] >= 1D) >= 2",
        ]
        // Onboarded traits can't be counted by name; they lie elsewhere here.
        for trait in system.onboarded {
            _ = try Traits(system.test.service).update(trait) { $0.folder = nil }
        }
        let list = system.ruled.map { "\($0)T" }.joined(separator: ", ")
        let pairs = try rules.map { rule in
            (
                try system.segment(rule.replacing("%T", with: "\(system.sum)T")),
                try system.segment(rule.replacing("%T", with: list))
            )
        }
        let people = ["ann", "bob", "cleo", "dora", "eve"]
        var found = 0
        for _ in 0..<20 {
            if Int.random(in: 0..<4, using: &numbers) == 0 {
                system.test.pass(days: 1)
                try Expiry(system.test.service).run()
            }
            let id = people[Int.random(in: 0..<people.count, using: &numbers)]
            try system.onboard(
                "\(id) \(["ic=a", "ic=b", "ic=a,ic=b"][Int.random(in: 0..<3, using: &numbers)])"
            )
            for (sum, parts) in pairs {
                let members = try system.test.members(of: sum)
                #expect(try members == system.test.members(of: parts))
                found += members.count
            }
        }
        #expect(found > 20)
    }
}
