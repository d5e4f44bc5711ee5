// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage
import Surroundings
import Testing

@testable import PeopleService

/// Opting out and deleting are killed at growing delays, and so is the sync that wipes texts afterwards; once they were
/// asked again, the data directory is as if nobody had been killed.
@Suite(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
struct PrivacyKillTests {
    private static let secret = "CRM-7c1d93aa"

    /// What is in a data directory, apart from moments and from what counts how often somebody asked.
    private static func state(_ data: String) throws -> [String: [String]] {
        try databaseContents(
            "\(data)/people.db",
            without: ["privacy_requests", "counters", "segment_sizes", "grdb_migrations"],
            columns: ["created", "changed", "evaluated"]
        )
    }

    /// How long a command takes that does its work.
    private static func time(_ command: [String], _ data: String) throws -> Duration {
        let start = ContinuousClock.now
        #expect(try ProgramProcess(command, data: data).finish().exitCode == 0)
        return ContinuousClock.now - start
    }

    private static func holds(_ text: String, _ data: String) -> Bool {
        let files = FileManager.default.enumerator(atPath: data)
        while let name = files?.nextObject() as? String {
            let contents = FileManager.default.contents(atPath: "\(data)/\(name)")
            if contents?.range(of: Data(text.utf8)) != nil { return true }
        }
        return false
    }

    @Test(arguments: [
        ["people", "delete", "200:\(secret)", "--yes"], ["people", "opt-out", "200:\(secret)"],
        ["people", "opt-out", "200:nobody-has-met"],
    ])
    func `killed at any moment and asked again, it is done once`(_ command: [String]) async throws {
        let test = try TestPeople(isRunning: true)
        let (trait, segment) = try test.household()
        let people = (0..<4_000).map { "person-\($0)" }
        try test.realize(trait, [Self.secret, "ann", "bob"] + people, of: 200)
        // Links of now: old ones expire with the first sync of a day.
        let time = Int(Date().timeIntervalSince1970)
        try test.idSync(
            "d8\t\(Self.secret)\nd9\t\(Self.secret)\nd9\tann\n",
            "adobe_id_100_200_\(time).sync"
        )
        let rejected = try test.onboard("\(Self.secret)\t\n", "ftp_dpm_200_1700000400.sync")
        #expect(rejected.rejectedFile != nil)

        let series = KillSeries(of: test.service.directory.path, in: test.root)
        let twin = try series.copy("twin")
        let asking = try Self.time(command, twin)
        let wiping = try Self.time(["people", "sync"], twin)
        let expected = try Self.state(twin)
        let isDeletion = command.contains("delete")
        #expect(Self.holds(Self.secret, twin) == !isDeletion)
        let kills = try await series.run({ _ in command }, count: 8, lasting: asking) { copy, part in
            #expect(try ProgramProcess(command, data: copy).finish().exitCode == 0)
            let sync = try ProgramProcess(["people", "sync"], data: copy)
            _ = try await sync.kill(after: wiping * part)
            #expect(try ProgramProcess.exitCode("people", "sync", data: copy) == 0)
            let found = try Self.state(copy)
            for (table, rows) in expected { #expect(found[table] == rows, "\(table), killed at \(part)") }
            #expect(Self.holds(Self.secret, copy) == !isDeletion)
        }
        #expect(kills > 0)
        #expect(try test.members(of: segment).contains("200:\(Self.secret)"))
    }
}
