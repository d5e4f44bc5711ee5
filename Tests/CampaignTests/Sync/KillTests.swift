// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import GRDB
import Matching
import Problems
import Storage
import Surroundings
import Testing

@testable import Campaign

/// The program is killed at all kinds of moments; afterwards everything is as if it never had been.
@Suite(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
struct KillTests {
    private static let profileCount = 3_000
    private static let fileCount = 36

    private func makeTest() async throws -> TestCampaign {
        let test = try TestCampaign()
        try await test.makePlain()
        try await test.makeHashed()
        try await test.makeEncrypted()
        let rows = (1...Self.profileCount).map { "P\($0),person\($0)@x.com" }
        try test.load((["externalId,email"] + rows).joined(separator: "\n"))
        try test.define("24", "Plain")
        try test.define("25", "Plain")
        try test.define("24", "Encrypted")
        _ = try test.campaign.write { database in
            try ShareStore()
                .save(
                    Audience.ID("AUD1"),
                    segment: 77,
                    SharedDataSource.ID("Hashed"),
                    isReplacing: false,
                    ShareOptions(),
                    in: database
                )
        }
        return test
    }

    /// A file of the partner: its name and lines; most of plain IDs, every fourth of encrypted ones.
    private func file(_ number: Int, _ addresses: [String]) -> (name: String, text: String) {
        var random = SeededNumbers(seed: UInt64(number))
        let moment = 1_486_140_844 + number
        if number % 4 == 3 {
            let lines = (0..<500).map { _ in "\(addresses[Int(random.next() % UInt64(addresses.count))]) 24\n"
            }
            return ("s3_1_14018_iter_\(moment)000.sync", lines.joined())
        }
        let mode = number % 12 == 0 ? "full" : "iter"
        let lists = ["24", "24,25", " 24", "25 24", "99"]
        let lines = (0..<8_000)
            .map { _ in
                "P\(1 + random.next() % UInt64(Self.profileCount + 300)) \(lists[Int(random.next() % 5)])\n"
            }
        return ("s3_1_14020_\(mode)_\(moment)000.sync", lines.joined())
    }

    @Test func `killed dozens of times at growing delays, nothing is lost and nothing is done twice`()
        async throws
    {
        let killed = try await makeTest()
        let twin = try await makeTest()
        let addresses = try (0..<200).map { try TestFiles.encrypted("person\($0 * 20)@x.com") }
        var kills = 0
        for number in 0..<Self.fileCount {
            let file = file(number, addresses)
            try killed.drop(file.name, file.text)
            try twin.drop(file.name, file.text)
            for attempt in 0..<3 {
                let program = try ProgramProcess(["sync"], data: killed.data.path)
                let delay = Duration.milliseconds(5 + number * 2 + attempt * 12)
                if try await program.kill(after: delay) { kills += 1 }
            }
        }
        #expect(kills >= 10, "the program was too fast to be killed")
        #expect([0, 3].contains(try ProgramProcess.exitCode("sync", data: killed.data.path)))
        #expect(try ProgramProcess.exitCode("sync", data: killed.data.path) == 0)
        _ = try await twin.sync()
        try expectSame(killed, twin)
        try expectNoLeftovers(killed)
        try expectSharedOnce(killed)
    }

    private func expectSame(_ killed: TestCampaign, _ twin: TestCampaign) throws {
        for audience in ["AUD1", "AUD2"] {
            let members = try twin.members(audience)
            #expect(!members.isEmpty)
            #expect(try killed.members(audience) == members)
        }
        #expect(try killed.addresses("AUD3") == twin.addresses("AUD3"))
        #expect(try killed.addresses("AUD3").isEmpty == false)
        // Each file was loaded once, and its lines ended as they would have without a kill.
        let accounts = { (test: TestCampaign) in
            try test.receipts.filter { $0.direction == .import }
                .map { "\($0.files.map(\.name)) \($0.files.map(\.sha256)) \($0.account)" }.sorted()
        }
        #expect(try accounts(killed) == accounts(twin))
        #expect(try accounts(killed).count == Self.fileCount)
        #expect(try killed.ledger == twin.ledger)
        #expect(try killed.ledger.allSatisfy { $0.hasSuffix(" loaded") })
    }

    private func expectNoLeftovers(_ test: TestCampaign) throws {
        #expect(try test.names(in: test.data.spool).isEmpty)
        let (lists, indexes) = try test.campaign.read { database in
            (
                try String.fetchAll(
                    database,
                    sql: """
                        SELECT list_file FROM audiences WHERE list_file IS NOT NULL
                        UNION SELECT file FROM shared_lists
                        """
                ),
                try String.fetchAll(database, sql: "SELECT file FROM indexes WHERE file IS NOT NULL")
            )
        }
        #expect(try Set(test.names(in: test.data.lists)) == Set(lists))
        #expect(try Set(test.names(in: test.data.indexes)) == Set(indexes))
        #expect(try Set(test.names(in: test.data.rejected)) == Set(test.receipts.compactMap(\.rejectedFile)))
    }

    /// Every member's ID stands in exactly one of the published files.
    private func expectSharedOnce(_ test: TestCampaign) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: test.outbox)
        #expect(names.allSatisfy { InboundFileName(parsing: $0) != nil }, "\(names)")
        var lines: [String] = []
        for name in names {
            var text = ""
            let reader = LineBlockReader(source: try FileDescriptorSource(path: "\(test.outbox)/\(name)"))
            while case .lines(let block)? = try reader.next() {
                text += String(decoding: block.bytes, as: UTF8.self)
                reader.recycle(block)
            }
            lines += text.split(separator: "\n").map(String.init)
        }
        #expect(Set(lines).count == lines.count)
        let expected = try test.members("AUD1")
            .map { try TestFiles.hex(.sha256, "person\($0.dropFirst())@x.com") + "\td_sid=77" }
        #expect(Set(lines).isSuperset(of: expected))
        let exported = try test.receipts.filter { $0.direction == .export && $0.state != .failed }
        #expect(exported.reduce(0) { $0 + ($1.change?.added ?? 0) } == lines.count)
        #expect(Set(exported.flatMap { $0.files.map(\.name) }) == Set(names))
    }

    @Test func `exit codes say how a sync ended`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\n")
        try test.define("24", "Plain")
        let data = test.data.path
        #expect(try ProgramProcess.exitCode("sync", data: data) == 0)
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        #expect(try ProgramProcess.exitCode("sync", data: data) == 0)
        try test.drop("s3_1_14020_full_1486227244000.sync", "A 24\nX 24\n")
        #expect(try ProgramProcess.exitCode("sync", "--json", data: data) == 3)
        try test.drop("s3_1_14020_full_1486300000000.sync", "")
        #expect(try ProgramProcess.exitCode("sync", data: data) == 1)
        #expect(try ProgramProcess.exitCode("sync", "--nonsense", data: data) == 2)
        #expect(try ProgramProcess.exitCode("sync", data: test.root + "/nowhere") == 1)
        let sync = try SyncRun(test.campaign)
        #expect(try ProgramProcess.exitCode("sync", data: data) == 1)
        withExtendedLifetime(sync) {}
    }

    @Test func `a watching program ends with code 0 when it is asked to`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\n")
        let audience = try test.define("24", "Plain")
        let program = try ProgramProcess(["sync", "--watch"], data: test.data.path)
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        let deadline = ContinuousClock.now + .seconds(30)
        while try test.members(audience).isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try test.members(audience) == ["A"])
        #expect(program.isRunning)
        #expect(program.terminate() == 0)
    }
}
