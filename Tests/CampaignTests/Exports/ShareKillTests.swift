// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import GRDB
import Matching
import Storage
import Surroundings
import Testing

@testable import Campaign

/// Exports are killed at all kinds of moments; in the end the partner has what the audience has, each file once.
@Suite(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
struct ShareKillTests {
    private static let profileCount = 9_000
    private static let rounds = 30

    /// A list audience of many people, of whom every hundredth opted out of sharing.
    private func makeTest() async throws -> TestCampaign {
        let test = try TestCampaign()
        try await test.makeHashed()
        let rows = (1...Self.profileCount).map { "P\($0),person\($0)@x.com,\($0 % 100 == 0)" }
        try test.load((["externalId,email,ccpaOptOut"] + rows).joined(separator: "\n"))
        _ = try test.campaign.write { database in
            try AudienceStore().insert(label: "List", .list, members: MemberSet([]), at: 0, in: database)
        }
        return test
    }

    /// The members of a round: a window that moves on, with gaps that differ.
    private func members(of round: Int) -> MemberSet {
        let numbers = (1...Self.profileCount).filter { ($0 + round * 450) % Self.profileCount < 6_000 }
        return MemberSet(numbers.filter { $0 % (11 + round % 7) != 0 }.map { ProfileNumber($0) })
    }

    /// Kills an export or a sync at a moment that goes with the number: after a growing delay, or when a part of the work
    /// can be seen.
    private func kill(_ command: [String], at number: Int, _ test: TestCampaign) async throws -> Bool {
        let program = try ProgramProcess(command, data: test.data.path)
        let names = { (folder: String) in
            (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        }
        let published = names(test.outbox).count
        switch number % 4 {
        case 0: return program.kill { names(test.outbox).contains { $0.hasPrefix(".tallystick-") } }
        case 1: return program.kill { names(test.outbox).count > published }
        case 2: return program.kill { names(test.data.spool).contains { $0.hasPrefix("export-") } }
        default: return try await program.kill(after: .milliseconds(10 + number * 4))
        }
    }

    @Test func `killed dozens of times, the partner gets exactly the audience, and nothing twice`()
        async throws
    {
        let test = try await makeTest()
        let share = [
            "audiences", "share", "List", "--segment", "77", "--data-source", "Hashed", "--replace",
            "--no-gzip",
            "--allow-shrink",
        ]
        var kills = 0
        for round in 0..<Self.rounds {
            let members = members(of: round)
            try test.campaign.write { database in
                try AudienceStore().publish(members, to: Audience.ID("AUD1"), at: 0, in: database)
            }
            if try await kill(share, at: round, test) { kills += 1 }
            if try await kill(["sync"], at: round / 2, test) { kills += 1 }
        }
        #expect(kills >= 24, "the program was too fast to be killed")
        #expect(try [0, 3].contains(ProgramProcess.exitCode("sync", data: test.data.path)))
        #expect(try ProgramProcess.exitCode("sync", data: test.data.path) == 0)
        let last = try members(of: Self.rounds - 1).numbers().filter { $0 % 100 != 0 }
            .map { try TestFiles.hex(.sha256, "person\($0)@x.com") }
        #expect(try partner(test) == Set(last))
        try expectEachFileOnce(test)
        try expectNoLeftovers(test)
    }

    /// What the partner has after taking the published files in the order of their names.
    private func partner(_ test: TestCampaign) throws -> Set<String> {
        var ids = Set<String>()
        for name in try test.names(in: test.outbox) {
            let text = try String(contentsOfFile: "\(test.outbox)/\(name)", encoding: .utf8)
            #expect(text.hasSuffix("\n"), "\(name)")
            let lines = text.split(separator: "\n").map { $0.split(separator: "\t") }
            let added = lines.filter { $0.last == "d_sid=77" }.map { String($0[0]) }
            let removed = lines.filter { $0.last == "d_unsid=77" }.map { String($0[0]) }
            #expect(added.count + removed.count == lines.count, "\(name) has other lines")
            #expect(Set(added + removed).count == lines.count, "\(name) has an ID twice")
            #expect(ids.isDisjoint(with: added), "\(name) adds what was there")
            #expect(ids.isSuperset(of: removed), "\(name) removes what was not there")
            ids = ids.subtracting(removed).union(added)
        }
        return ids
    }

    /// The account holds the files of the receipts, whole, and nothing else.
    private func expectEachFileOnce(_ test: TestCampaign) throws {
        let exports = try test.receipts.filter { $0.state != .failed }
        #expect(exports.allSatisfy { $0.state == .completed || $0.state == .completedWithRejects })
        let files = exports.flatMap(\.files)
        #expect(files.count > 5)
        #expect(try files.map(\.name).sorted() == test.names(in: test.outbox))
        for file in files {
            let bytes = try Data(contentsOf: URL(filePath: "\(test.outbox)/\(file.name)"))
            #expect(try HexText.string(Digester(.sha256).digest(Array(bytes))) == file.sha256)
            #expect(InboundFileName(parsing: file.name) != nil)
        }
    }

    private func expectNoLeftovers(_ test: TestCampaign) throws {
        #expect(try test.names(in: test.data.spool).isEmpty)
        let lists = try test.campaign.read { try String.fetchAll($0, sql: "SELECT file FROM shared_lists") }
        #expect(lists.count == 1)
        #expect(try test.names(in: test.data.lists) == lists)
        #expect(try Set(test.names(in: test.data.rejected)) == Set(test.receipts.compactMap(\.rejectedFile)))
        let plans = try test.campaign.read { try SharePlanStore().all(in: $0) }
        #expect(plans.isEmpty)
    }
}
