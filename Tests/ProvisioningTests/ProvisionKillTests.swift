// SPDX-License-Identifier: Apache-2.0

import Foundation
import Provisioning
import Storage
import Surroundings
import Testing

@testable import Campaign

/// Each step of provisioning is killed at growing delays; repeated, it leaves what one that nobody kills leaves.
@Suite(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
struct ProvisionKillTests {
    private let two: TwoSystems
    private let kills: String

    init() throws {
        two = try TwoSystems()
        kills = two.root + "-killed"
        try FileManager.default.createDirectory(atPath: kills, withIntermediateDirectories: true)
        try Data(try two.request().text.utf8).write(to: URL(filePath: "\(two.root)/request.json"))
    }

    private func removeCopies() { try? FileManager.default.removeItem(atPath: kills) }

    /// What is in a database, apart from moments and from what counts repetitions; a copy's own path reads as `~`.
    private func state(_ database: String, of copy: String) throws -> [String: [String]] {
        try databaseContents(
            "\(copy)/\(database)",
            without: ["grdb_migrations", "counters", "api_tokens", "segment_sizes"],
            columns: [
                "created", "changed", "evaluated", "content", "terms_accepted", "sealed_secrets", "file",
            ]
        )
        .mapValues { $0.map { $0.replacing(copy, with: "~") } }
    }

    /// Runs a command that must do its work.
    ///
    /// - Returns: How long it took.
    @discardableResult
    private func run(_ arguments: [String], _ data: String) throws -> Duration {
        let start = ContinuousClock.now
        let outcome = try ProgramProcess(arguments, data: data, isHeard: true).finish()
        #expect(outcome.exitCode == 0, "\(arguments.prefix(2)): \(outcome.errors)")
        return ContinuousClock.now - start
    }

    private func accepting(_ copy: String) -> [String] {
        [
            "provision", "accept", "\(copy)/request.json", "--yes", "--storage", "\(copy)/share", "--output",
            "\(copy)/answer.txt",
        ]
    }

    private func completing(_ copy: String) -> [String] {
        [
            "provision", "complete", "\(copy)/answer.txt", "--key", "email", "--hash", "sha256",
            "--accept-terms", "--yes", "--no-test",
        ]
    }

    private func expectSame(
        _ copy: String,
        _ database: String,
        as expected: [String: [String]],
        _ part: Double
    )
        throws
    {
        let found = try state(database, of: copy)
        for (table, rows) in expected { #expect(found[table] == rows, "\(table), killed at \(part)") }
    }

    @Test func `accept makes everything once, and its answer opens`() async throws {
        defer { removeCopies() }
        let series = KillSeries(of: two.root, in: kills)
        let twin = try series.copy("twin")
        let time = try run(accepting(twin), "\(twin)/people")
        let expected = try state("people/people.db", of: twin)
        #expect(expected["data_sources"]?.contains { $0.contains("14017") } == true)
        let count = try await series.run(
            accepting,
            in: { "\($0)/people" },
            count: 8,
            lasting: time
        ) { copy, part in
            try run(accepting(copy), "\(copy)/people")
            try expectSame(copy, "people/people.db", as: expected, part)
            try run(completing(copy), "\(copy)/campaign")
            let folders = try FileManager.default.subpathsOfDirectory(atPath: "\(copy)/share")
            #expect(folders.count == 3)
            #expect(
                try !FileManager.default.contentsOfDirectory(atPath: copy).contains { $0.hasSuffix(".part") }
            )
        }
        #expect(count > 0)
    }

    @Test func `complete sets everything up once`() async throws {
        defer { removeCopies() }
        try run(accepting(two.root), "\(two.root)/people")
        let series = KillSeries(of: two.root, in: kills)
        let twin = try series.copy("twin")
        let time = try run(completing(twin), "\(twin)/campaign")
        let expected = try state("campaign/campaign.db", of: twin)
        #expect(expected["shared_data_sources"]?.count == 2)
        let count = try await series.run(
            completing,
            in: { "\($0)/campaign" },
            count: 8,
            lasting: time
        ) { copy, part in
            try run(completing(copy), "\(copy)/campaign")
            try expectSame(copy, "campaign/campaign.db", as: expected, part)
        }
        #expect(count > 0)
    }

    @Test(arguments: [SIGKILL, SIGINT, SIGTERM])
    func `a test that is ended in the middle leaves nothing that keeps the provisioning from being undone`(
        signal: Int32
    ) async throws {
        defer { removeCopies() }
        try run(accepting(two.root), "\(two.root)/people")
        let data = "\(two.root)/campaign"
        try run(completing(two.root), data)
        let id = try #require(try Requests(two.campaign).list().first).request
        func made() throws -> [[String]?] {
            let state = try state("campaign/campaign.db", of: two.root)
            return ["audiences", "profiles"].map { state[$0] }
        }
        let before = try made()
        // Nobody works for the People service, so that the test waits for it.
        let test = try ProgramProcess(["provision", "test", "--wait", "60"], data: data)
        let code = test.end(with: signal) { (try? made()[0]?.count) == 2 }
        if signal == SIGKILL {
            #expect(try made().map { $0?.count } == [2, 10])
        } else {
            #expect(code == 1)
            #expect(try made() == before)
        }
        try run(["provision", "undo", id], data)
        #expect(try made() == before)
        #expect(try state("campaign/campaign.db", of: two.root)["shared_data_sources"]?.count == 1)
    }

    @Test func `a test that is killed again and again passes when it is let, and leaves nothing`()
        async throws
    {
        defer { removeCopies() }
        try run(accepting(two.root), "\(two.root)/people")
        let data = "\(two.root)/campaign"
        try run(completing(two.root), data)
        let testing = ["provision", "test", "--people-data", "\(two.root)/people"]
        let time = try run(testing, data)
        let expected = try ["audiences", "profiles"].map {
            try state("campaign/campaign.db", of: two.root)[$0]
        }
        var count = 0
        for part in [0.1, 0.3, 0.5, 0.7, 0.9] {
            if try await ProgramProcess(testing, data: data).kill(after: time * part) { count += 1 }
        }
        #expect(count > 0)
        try run(testing, data)
        #expect(
            try ["audiences", "profiles"].map { try state("campaign/campaign.db", of: two.root)[$0] }
                == expected
        )
        let people = try state("people/people.db", of: two.root)
        #expect(people["segments"]?.allSatisfy { $0.contains("size=0") } == true)
    }
}
