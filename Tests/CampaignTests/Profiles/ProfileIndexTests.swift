// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Testing

@testable import Campaign

/// How a load's changes reach the index files.
enum IndexWay: CaseIterable {
    /// The base is large for the load, so changes are journaled and then patched into the file.
    case journal
    /// The load is large for the base, so a new file is written.
    case copy
}

@Suite struct ProfileIndexTests {
    /// An installation whose base is so large that small loads are journaled, or so small that they are not.
    private func makeTest(_ way: IndexWay) async throws -> TestCampaign {
        let test = try TestCampaign()
        try await test.makeHashed()
        try await test.makePlain()
        try test.load("externalId,email\nC1,old@x.com\nC2,two@x.com\nC3,two@x.com\n")
        if way == .journal {
            let rows = (1_000..<1_400).map { "C\($0),person\($0)@x.com" }
            try test.load("externalId,email\n" + rows.joined(separator: "\n"))
        }
        return test
    }

    private func files(_ test: TestCampaign) throws -> Set<String> {
        Set(try test.campaign.read { try String.fetchAll($0, sql: "SELECT file FROM indexes") })
    }

    /// The numbers of the profiles that an ID stands for.
    private func numbers(_ test: TestCampaign, _ source: String, _ value: String) throws -> [ProfileNumber] {
        let source = try test.campaign.read {
            try SharedDataSourceStore(test.campaign).find(SharedDataSource.ID(source), in: $0)
        }
        let canonical = try #require(try source.rule.canonical(of: value))
        let index = try ProfileIndexes(test.campaign).open(source.index)
        return index.numbers(of: IDKey(canonical: canonical, secret: try test.campaign.keySecret()))
    }

    /// Throws the index files away, so that the next open builds them from the database.
    private func dropFiles(_ test: TestCampaign) throws {
        for name in try test.names(in: test.data.indexes) {
            try FileManager.default.removeItem(atPath: "\(test.data.indexes)/\(name)")
        }
    }

    @Test(arguments: IndexWay.allCases)
    func `a changed email takes the old ID away and brings the new one`(way: IndexWay) async throws {
        let test = try await makeTest(way)
        let before = try files(test)
        #expect(try numbers(test, "Hashed", "OLD@x.com ") == [1])
        // Blank lines make the file large for a base of three.
        let padding = way == .copy ? String(repeating: "\n", count: 200) : ""
        let report = try test.load("externalId,email\nC1, New@X.com \nC2,\nC9,nine@x.com\n" + padding)
        #expect(report.account == "3: inserted 1, updated 2")
        // A journaled load keeps the files, a large one names others.
        #expect(try (files(test) == before) == (way == .journal))
        for isRebuilt in [false, true] {
            if isRebuilt { try dropFiles(test) }
            #expect(try numbers(test, "Hashed", "old@x.com") == [])
            #expect(try numbers(test, "Hashed", "new@x.com") == [1])
            #expect(try numbers(test, "Hashed", "two@x.com") == [3])
            #expect(try numbers(test, "Hashed", "nine@x.com").count == 1)
            #expect(try numbers(test, "Plain", "C1") == [1])
        }
    }

    @Test(arguments: IndexWay.allCases)
    func `an import after the change finds the new ID and not the old one`(way: IndexWay) async throws {
        let test = try await makeTest(way)
        let audience = try test.define("24", "Hashed")
        let padding = way == .copy ? String(repeating: "\n", count: 200) : ""
        try test.load("externalId,email\nC1,new@x.com\n" + padding)
        let lines = try ["old@x.com", "new@x.com", "two@x.com"].map {
            "\(try TestFiles.hex(.sha256, $0)) 24\n"
        }
        try test.drop("s3_1_14017_full_1486140844000.sync", lines.joined())
        let receipt = try await test.syncOne()
        #expect(receipt.account == "completed with rejects 3: matched 2, unknown 1")
        #expect(try test.members(audience) == ["C1", "C2", "C3"])
    }

    @Test func `changes that were committed but not yet patched in are applied by the next open`()
        async throws
    {
        let test = try await makeTest(.journal)
        let source = try test.campaign.read {
            try SharedDataSourceStore(test.campaign).find(SharedDataSource.ID("Hashed"), in: $0)
        }
        let record = try #require(
            try test.campaign.read { try ProfileIndexes(test.campaign).records(in: $0) }
                .first { $0.definition == source.index }
        )
        let session = try IndexSession(record, test.campaign, expecting: 1, isLarge: false)
        let canonical = try #require(try source.rule.canonical(of: "late@x.com"))
        let key = IDKey(canonical: canonical, secret: try test.campaign.keySecret())
        try session.insert(key, 2)
        try test.campaign.write { try session.store(in: $0) }
        // The process ends here, before the file follows.
        #expect(try numbers(test, "Hashed", "late@x.com") == [2])
        let pending = try test.campaign.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM index_changes")
        }
        #expect(pending == 1)
        try test.campaign.write { try ProfileIndexes(test.campaign).pruneChanges(in: $0) }
        let left = try test.campaign.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM index_changes") }
        #expect(left == 0)
        #expect(try numbers(test, "Hashed", "late@x.com") == [2])
    }

    @Test func `files of loads that never ended are removed by the next sync`() async throws {
        let test = try await makeTest(.copy)
        let names = try test.names(in: test.data.indexes)
        try Data("half".utf8).write(to: URL(filePath: "\(test.data.indexes)/7-abcdef.index"))
        _ = try await test.sync()
        #expect(try test.names(in: test.data.indexes) == names)
    }

    /// What may happen to an index file behind our back.
    enum Damage: CaseIterable {
        case flippedByte
        case flippedHeader
        case cutShort
        case emptied
        case deleted
        case anotherIndex
    }

    @Test(arguments: Damage.allCases)
    func `a damaged index is built again, and the import counts as if nothing had happened`(
        damage: Damage
    ) async throws {
        let test = try await makeTest(.journal)
        let audience = try test.define("24", "Hashed")
        let name = try #require(
            try test.campaign.read {
                try String.fetchOne(
                    $0,
                    sql: "SELECT file FROM indexes WHERE definition LIKE 'field:email:trim,lower:%:sha256'"
                )
            }
        )
        let path = "\(test.data.indexes)/\(name)"
        var bytes = try Data(contentsOf: URL(filePath: path))
        switch damage {
        case .flippedByte:
            let place = try #require(bytes[4_096...].firstIndex { $0 != 0 })
            bytes[place] ^= 1
        case .flippedHeader: bytes[9 * 8] ^= 1
        case .cutShort: bytes.removeLast(bytes.count / 2)
        case .emptied: bytes = Data()
        case .deleted: break
        case .anotherIndex:
            let other = try #require(try test.names(in: test.data.indexes).first { $0 != name })
            bytes = try Data(contentsOf: URL(filePath: "\(test.data.indexes)/\(other)"))
        }
        try FileManager.default.removeItem(atPath: path)
        if damage != .deleted { try bytes.write(to: URL(filePath: path)) }
        let people = ["old@x.com", "two@x.com", "nobody@x.com", "person1000@x.com", "person1399@x.com"]
        let lines = try people.map { "\(try TestFiles.hex(.sha256, $0)) 24\n" }
        try test.drop("s3_1_14017_full_1486140844000.sync", lines.joined())
        let receipt = try await test.syncOne()
        #expect(receipt.account == "completed with rejects 5: matched 4, unknown 1")
        #expect(try test.members(audience) == ["C1", "C2", "C3", "C1000", "C1399"])
        #expect(try test.names(in: test.data.indexes).contains(name) == false)
    }
}
