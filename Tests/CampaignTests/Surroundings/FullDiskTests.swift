// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Storage
import Surroundings
import Testing

@testable import Campaign

/// The disk runs full at all kinds of moments: that is said, nothing half-done is seen, and with more room the same work
/// ends as it would have on a large disk.
@Suite(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
struct FullDiskTests {
    /// Work that needs room; each ends with code 3, since some lines are rejected.
    enum Work: String, CaseIterable {
        case importOfIDs
        case importOfAddresses
        case load
        case share

        func command(_ test: TestCampaign) -> [String] {
            switch self {
            case .importOfIDs, .importOfAddresses: ["sync"]
            case .load: ["profiles", "load", "\(test.root)/more.csv", "--key", "externalId"]
            case .share:
                ["audiences", "share", "List", "--segment", "77", "--data-source", "Hashed", "--no-gzip"]
            }
        }
    }

    private static let profileCount = 3_000

    /// An installation with work of every kind to do; two that are made like this are alike.
    private func makeTest(_ work: Work) async throws -> TestCampaign {
        let test = try TestCampaign()
        try await test.makePlain()
        try await test.makeHashed()
        try await test.makeEncrypted()
        let rows = { (numbers: ClosedRange<Int>) in
            numbers.map { "P\($0),person\($0)@x.com,\($0 % 100 == 0)" }.joined(separator: "\n")
        }
        let header = "externalId,email,ccpaOptOut\n"
        try test.load(header + rows(1...Self.profileCount))
        try Data((header + rows(2_000...9_000) + "\nP1,no address,false\n").utf8)
            .write(to: URL(filePath: "\(test.root)/more.csv"))
        try test.define("24", "Plain")
        try test.define("24", "Encrypted")
        let members = (1...Self.profileCount).map { ProfileNumber($0) }
        _ = try test.campaign.write { database in
            try AudienceStore().insert(label: "List", .list, members: MemberSet(members), at: 0, in: database)
        }
        try test.drop("s3_1_14020_full_1486054444000.sync", "P1 24\n")
        try test.drop("s3_1_14018_full_1486054444000.sync", "\(try TestFiles.encrypted("old@x.com")) 24\n")
        _ = try await test.sync()
        switch work {
        case .importOfIDs:
            let lines = (1...8_000).map { "P\($0) 24\n" }.joined()
            try test.drop("s3_1_14020_full_1486140844000.sync", lines)
        case .importOfAddresses:
            // Long ones, so that the disk also runs full while their list is written.
            let lines = try (1...3_000).map {
                let address = "\($0).a-name-that-takes-some-room@a-domain-that-takes-some-room.example"
                return "\(try TestFiles.encrypted(address)) 24\n"
            }
            try test.drop("s3_1_14018_full_1486140844000.sync", lines.joined() + "junk 24\n")
        case .load, .share: break
        }
        return test
    }

    /// All that people see of an installation, without the runs that failed or broke off.
    private func result(of test: TestCampaign, outbox: String) throws -> [String] {
        let accounts = try test.receipts.filter { $0.state != .failed && $0.state != .running }
            .map { "\($0.direction) \($0.dataSource) \($0.account)" }
        let shared = try FileManager.default.contentsOfDirectory(atPath: outbox).sorted()
            .map { try String(contentsOfFile: "\(outbox)/\($0)", encoding: .utf8) }
        return try test.members("AUD1") + test.addresses("AUD2") + test.profiles("externalId", "email")
            + accounts + shared
    }

    /// The files that the installation made, by folder.
    private func files(of data: DataDirectory) throws -> [String: [String]] {
        var files: [String: [String]] = [:]
        for folder in [data.lists, data.rejected, data.spool, data.indexes] {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            files[(folder as NSString).lastPathComponent] = names.sorted()
        }
        return files
    }

    @Test(arguments: Work.allCases)
    func `a full disk of the data directory is said, and nothing half-done is seen`(work: Work) async throws {
        let twin = try await makeTest(work)
        let test = try await makeTest(work)
        let before = try result(of: test, outbox: test.outbox)
        let undisturbed = try ProgramProcess(work.command(twin), data: twin.data.path).finish()
        #expect(undisturbed.exitCode == 3)
        let expected = try result(of: twin, outbox: twin.outbox)
        #expect(expected != before)
        var failures = 0
        var hadRoom = false
        for free in [0] + (0..<10).map({ 20_000 << $0 }) {
            let disk = try test.dataOnSmallDisk()
            let left = DataDirectory(path: disk.path)
            let filesBefore = try files(of: left)
            #expect(try disk.leave(free: free))
            let run = { () throws -> ProgramProcess.Outcome in
                try ProgramProcess(
                    work.command(test),
                    data: test.data.path,
                    through: disk.entrance,
                    isHeard: true
                )
                .finish()
            }
            let outcome = try run()
            hadRoom = outcome.exitCode == 3
            if hadRoom { break }
            failures += 1
            let said = outcome.output + outcome.errors
            #expect(outcome.exitCode == 1, "\(free) bytes free: \(said)")
            #expect(said.contains("disk"), "\(free) bytes free: \(said)")
            #expect(said.contains("data.disk-full"), "\(free) bytes free: \(said)")
            #expect(said.contains(test.data.path) || said.contains("data directory"), "\(said)")
            #expect(said.contains("Free some space"), "\(said)")
            #expect(try disk.remount("size=64m"))
            try expect(TestCampaign.copy(of: disk), at: test, shows: before, after: "\(free) bytes free")
            // With more room; the sync tidies up after runs that broke off.
            #expect(try run().exitCode == 3)
            let sync = try ProgramProcess.run("sync", data: test.data.path, through: disk.entrance)
            #expect(sync.exitCode == 0, "\(sync)")
            let healed = try TestCampaign.copy(of: disk)
            try expect(healed, at: test, shows: expected, after: "\(free) bytes free, then more")
            try expectNoLeftovers(files(of: left), filesBefore, healed)
            try clear(test.outbox)
        }
        #expect(failures >= 4)
        #expect(hadRoom)
    }

    private func expect(
        _ look: TestCampaign,
        at test: TestCampaign,
        shows expected: [String],
        after moment: String
    ) throws {
        let result = try result(of: look, outbox: test.outbox)
        let difference = result.difference(from: expected)
        #expect(difference.isEmpty, "\(moment): \(difference.prefix(3))")
    }

    /// Every file is one that the database knows, and as many are there as before and one of each run.
    private func expectNoLeftovers(
        _ files: [String: [String]],
        _ before: [String: [String]],
        _ look: TestCampaign
    ) throws {
        #expect(files["spool"] == [])
        #expect(files["indexes"]?.count == before["indexes"]?.count)
        let (lists, loads) = try look.campaign.read { database in
            let lists = try String.fetchAll(
                database,
                sql: """
                    SELECT list_file FROM audiences WHERE list_file IS NOT NULL
                    UNION SELECT file FROM shared_lists
                    """
            )
            return (lists, files["rejected", default: []].filter { $0.hasPrefix("profiles-") })
        }
        #expect(files["lists"] == lists.sorted())
        #expect(loads.count <= 1)
        let rejected = try look.receipts.compactMap(\.rejectedFile)
        #expect(Set(files["rejected", default: []]) == Set(rejected + loads))
    }

    private func clear(_ folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    @Test func `a full disk of the partner's folder is said, and the next sync publishes the files whole`()
        async throws
    {
        let twin = try await makeTest(.share)
        let test = try await makeTest(.share)
        let command = Work.share.command(test)
        #expect(try ProgramProcess(command, data: twin.data.path).finish().exitCode == 3)
        let expected = try result(of: twin, outbox: twin.outbox)
        let disk = try test.smallDisk(at: test.outbox)
        #expect(try disk.remount("size=100k"))
        let before = try result(of: test, outbox: disk.path)
        let outcome = try ProgramProcess(
            command,
            data: test.data.path,
            through: disk.entrance,
            isHeard: true
        )
        .finish()
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("exportSharedAudience: The disk is full."), "\(outcome.errors)")
        #expect(outcome.errors.contains("Free some space."))
        #expect(outcome.errors.contains("(data.disk-full)"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
        #expect(try result(of: test, outbox: disk.path) == before)
        // As full as before the next sync says it again; with room it does the work.
        let again = try ProgramProcess.run("sync", data: test.data.path, through: disk.entrance)
        #expect(again.exitCode == 1)
        #expect(again.output.contains("The disk is full."), "\(again.output)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
        #expect(try disk.remount("size=8m"))
        #expect(try ProgramProcess.run("sync", data: test.data.path, through: disk.entrance).exitCode == 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).count == 1)
        // The sync shares without compression, as the command asked.
        let result = try result(of: test, outbox: disk.path)
        #expect(result.difference(from: expected).isEmpty)
    }
}
