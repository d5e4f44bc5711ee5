// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Problems
import Storage
import Testing

@testable import PeopleService

@Suite struct EditCommandTests {
    @Test func `options that contradict each other are a wrong usage`() {
        let accept = ["request", "--storage", "/s", "--dry-run", "--yes"]
        let commands: [(any ParsableCommand.Type, [String])] = [
            (ReceiptsCommand.self, ["rejected", "P1", "--raw", "--json"]), (AcceptCommand.self, accept),
        ]
        for (command, line) in commands {
            let error = #expect(throws: (any Error).self) { try command.parseAsRoot(line) }
            #expect(error.map { command.exitCode(for: $0) } == .validationFailure)
            #expect(throws: Never.self) { try command.parseAsRoot(line.dropLast()) }
        }
    }

    @Test func `a data source gets other settings, one by one`() async throws {
        let test = try TestPeople()
        try test.dataSource(200, .crossDevice)
        try test.dataSource(100, .device)
        func find(_ number: Int) throws -> DataSource {
            try test.service.read { try DataSourceStore().find(number, in: $0) }
        }
        try await test.run(
            DataSourcesCommand.self,
            "edit",
            "200",
            "--name",
            "N",
            "--integration-code",
            "crm",
            "--retention",
            "90",
            "--export-restriction",
            "pii",
            "--export-restriction",
            "on-site-ads"
        )
        var source = try find(200)
        #expect(source.name == "N" && source.integrationCode == "crm" && source.retentionDays == 90)
        #expect(source.restrictions == [.personallyIdentifiable, .onSiteAdvertising])
        try await test.run(
            DataSourcesCommand.self,
            "edit",
            "200",
            "--no-retention",
            "--no-export-restrictions",
            "--description",
            "D"
        )
        source = try find(200)
        #expect(source.retentionDays == nil && source.restrictions.isEmpty && source.description == "D")
        #expect(source.name == "N" && source.integrationCode == "crm")
        func refused(_ words: String...) async -> String? {
            await fault {
                try await test.run(DataSourcesCommand.self, ["edit"] + words)
            }
        }
        #expect(
            await refused("200", "--no-integration-code") == "people.data-source-refused integration-code"
        )
        #expect(await refused("200", "--name", "Source 100") == "people.data-source-taken name")
        #expect(await refused("100", "--retention", "90") == "people.data-source-refused retention")
        #expect(await refused("4", "--name", "Mine") == "people.data-source-refused")
        #expect(await refused("7", "--name", "Mine") == "people.data-source-unknown")
        #expect(try find(200) == source)
    }

    @Test func `a trait gets other settings, and its segments follow a new lifetime`() async throws {
        let test = try TestPeople()
        try test.dataSource(200, .crossDevice)
        let ruled = try test.trait(of: 200, rule: "ic == \"1\"")
        let onboarded = try test.trait(of: 200)
        let folder = try test.service.write { try FolderStore(.trait).add(name: "F", parent: nil, in: $0) }
        let segment = try Segments(test.service).create(name: "S", dataSource: 200, rule: "\(ruled)T").sid
        try test.onboard("a\t1\n", "ftp_dpm_200_1700000000.sync")
        test.pass(days: 5)
        let find = { (sid: SID) in try test.service.read { try TraitStore().find(sid, in: $0) } }
        try await test.run(
            TraitsCommand.self,
            "edit",
            "\(ruled)",
            "--name",
            "N",
            "--description",
            "D",
            "--folder",
            "\(folder.number)",
            "--rule",
            "ic == \"2\"",
            "--integration-code",
            "c"
        )
        let changed = try find(ruled)
        #expect(changed.name == "N" && changed.folder == folder.number && changed.rule == "ic == \"2\"")
        #expect(changed.lifetimeDays == 120)
        // What was realized stays, and counts for as long as the trait lasts.
        #expect(try test.members(of: segment) == ["200:a"])
        try await test.run(TraitsCommand.self, "edit", "\(ruled)", "--ttl", "60", "--folder", "0")
        #expect(try find(ruled).lifetimeDays == 60)
        // Commands have a clock of their own.
        _ = try Traits(test.service).update(ruled) { $0.lifetimeDays = 2 }
        #expect(try test.members(of: segment).isEmpty)
        #expect(try find(ruled).folder == nil)
        func refused(_ words: String...) async -> String? {
            await fault {
                try await test.run(TraitsCommand.self, ["edit"] + words)
            }
        }
        #expect(await refused("\(onboarded)", "--rule", "ic == \"1\"") == "people.trait-refused rule")
        #expect(await refused("\(ruled)", "--rule", "ic ==") == "people.rule-refused rule")
        #expect(await refused("\(ruled)", "--folder", "99") == "people.folder-unknown")
        #expect(await refused("\(ruled)", "--ttl", "9999") == "people.trait-refused ttl")
    }

    @Test func `a segment gets other settings, and its members are found anew`() async throws {
        let test = try TestPeople()
        try test.dataSource(200, .crossDevice)
        let (one, two) = (try test.trait(of: 200), try test.trait(of: 200))
        let folder = try test.service.write { try FolderStore(.segment).add(name: "F", parent: nil, in: $0) }
        let segment = try Segments(test.service).create(name: "S", dataSource: 200, rule: "\(one)T").sid
        try test.onboard("a\td_sid=\(one)\nb\td_sid=\(two)\n", "ftp_dpm_200_1700000000.sync")
        #expect(try test.members(of: segment) == ["200:a"])
        try await test.run(
            SegmentsCommand.self,
            "edit",
            "\(segment)",
            "--rule",
            "\(two)T",
            "--name",
            "N",
            "--folder",
            "\(folder.number)"
        )
        #expect(try test.members(of: segment) == ["200:b"])
        let changed = try test.service.read { try SegmentStore().find(segment, in: $0) }
        #expect(changed.name == "N" && changed.folder == folder.number)
        let refused = await fault {
            try await test.run(SegmentsCommand.self, "edit", "\(segment)", "--rule", "999T")
        }
        #expect(refused == "people.trait-unknown")
    }

    @Test func `a merge rule that counts other profiles finds its members anew`() async throws {
        let test = try TestPeople()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        try test.dataSource(201, .crossDevice)
        let trait = try test.trait(of: 200)
        let rule = try test.mergeRule(.none, .device, sources: [])
        let segment = try Segments(test.service)
            .create(name: "S", dataSource: 200, rule: "\(trait)T", mergeRule: rule).sid
        try test.idSync("d1\tann\n", "adobe_id_100_200_1700000000.sync")
        try test.onboard("ann\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        let alone = try test.members(of: segment)
        try await test.run(
            MergeRulesCommand.self,
            "edit",
            "\(rule)",
            "--across",
            "last",
            "--data-source",
            "200",
            "--data-source",
            "201",
            "--name",
            "Signed in",
            "--is-default"
        )
        #expect(try test.members(of: segment) == ["100:d1", "200:ann"])
        #expect(alone != ["100:d1", "200:ann"])
        let changed = try test.service.read { try MergeRuleStore().defaultRule(in: $0) }
        #expect(changed.number == rule && changed.sources == [200, 201] && changed.name == "Signed in")
        func refused(_ body: (inout MergeRule) -> Void) async -> String? {
            await fault { _ = try MergeRules(test.service).update(rule, body) }
        }
        #expect(await refused { $0.sources = [] } == "people.merge-rule-refused data-source")
        #expect(await refused { $0.sources = [100] } == "people.merge-rule-refused data-source")
        #expect(await refused { $0.isDefault = false } == "people.merge-rule-refused is-default")
        #expect(await refused { $0.name = "Last authenticated profile" } == "people.merge-rule-refused name")
        #expect(
            await fault { _ = try MergeRules(test.service).update(9) { _ in } } == "people.merge-rule-unknown"
        )
    }

    @Test func `the rule that follows new data sources waits for them again, until it is given some`() throws
    {
        let test = try TestPeople()
        try test.dataSource(200, .crossDevice)
        let rules = MergeRules(test.service)
        #expect(try rules.update(1) { $0.sources = [] }.rule.followsNewSources)
        try test.dataSource(201, .crossDevice)
        #expect(try test.service.read { try MergeRuleStore().find(1, in: $0) }.sources == [201])
        #expect(try !rules.update(1) { $0.sources = [200] }.rule.followsNewSources)
        try test.dataSource(202, .crossDevice)
        #expect(try test.service.read { try MergeRuleStore().find(1, in: $0) }.sources == [200])
    }

    @Test func `a merge rule that keeps members from leaving says so`() async throws {
        let (test, _, segment) = try TestPeople.exchanging()
        _ = try Destinations(test.service).map(
            segment,
            to: test.destination(key: 200, labels: [.offSiteAdvertising])
        )
        let changed = try MergeRules(test.service).update(1) { $0.across = .all }
        #expect(changed.obstacles.map(\.kind) == [.outboundBlocked])
        let refused = await fault {
            _ = try MergeRules(test.service).update(1) { $0.restrictions = [.offSiteAdvertising] }
        }
        #expect(refused == "people.restriction-forbids")
    }

    @Test func `a merge rule goes when no segment uses it, and the default one stays`() async throws {
        let test = try TestPeople()
        try test.dataSource(200, .crossDevice)
        let trait = try test.trait(of: 200)
        let number = try test.mergeRule(.none, .device, sources: [])
        let segments = try (1...12).map { place in
            try Segments(test.service)
                .create(name: "S\(place)", dataSource: 200, rule: "\(trait)T", mergeRule: number).sid
        }
        func refusal(_ rule: Int) async -> Problem? {
            do {
                try await test.run(PeopleCommand.self, "merge-rules", "delete", "\(rule)")
                return nil
            } catch {
                return error as? Problem
            }
        }
        let used = await refusal(number)
        #expect(used?.kind == .mergeRuleInUse)
        #expect(used?.summary.contains("segments \(segments[0]) “S1”, ") == true)
        #expect(used?.summary.hasSuffix("“S10” and 2 more.") == true)
        #expect(await refusal(1)?.summary.contains("default") == true)
        #expect(await refusal(99)?.kind == .mergeRuleUnknown)
        for segment in segments { _ = try Segments(test.service).update(segment) { $0.mergeRule = 1 } }
        #expect(await refusal(number) == nil)
        #expect(try test.service.read { try MergeRuleStore().list(in: $0) }.map(\.number) == [1])
    }
}
