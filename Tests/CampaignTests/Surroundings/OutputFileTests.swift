// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage
import Testing

@testable import Campaign

@Suite struct OutputFileTests {
    private func makeTest() throws -> TestCampaign {
        let test = try TestCampaign()
        try test.load("externalId\nA\n")
        return test
    }

    private func export(_ test: TestCampaign, to path: String) throws -> Int {
        try ProfileExport(test.campaign).write(path)
    }

    @Test func `an export replaces a file, is the owner's alone, and touches nothing beside it`() throws {
        let test = try makeTest()
        let path = "\(test.root)/people.csv"
        try Data("older".utf8).write(to: URL(filePath: path))
        chmod(path, 0o666)
        try Data("mine".utf8).write(to: URL(filePath: path + ".part"))
        #expect(try export(test, to: path) == 1)
        #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("externalId,"))
        #expect(try String(contentsOfFile: path + ".part", encoding: .utf8) == "mine")
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(try test.names(in: test.root).filter { $0.hasPrefix(".") }.isEmpty)
    }

    @Test func `what is no file is not replaced`() async throws {
        let test = try makeTest()
        let victim = "\(test.root)/victim"
        try Data("theirs".utf8).write(to: URL(filePath: victim))
        symlink(victim, "\(test.root)/link.csv")
        mkfifo("\(test.root)/pipe.csv", 0o600)
        for name in ["link.csv", "pipe.csv", "in"] {
            let refusal = await problem { _ = try export(test, to: "\(test.root)/\(name)") }
            #expect(refusal?.kind.code == "files.not-writable", "\(name)")
        }
        #expect(try String(contentsOfFile: victim, encoding: .utf8) == "theirs")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(test.root)/link.csv") == victim)
    }

    @Test func `the data directory is no place for a person's files`() async throws {
        let test = try makeTest()
        symlink(test.data.path, "\(test.root)/way-in")
        let paths = [
            test.data.campaignDatabase, "\(test.data.spool)/x.csv", "\(test.root)/way-in/x.csv", "-", "",
        ]
        for path in paths {
            let refusal = await problem { _ = try export(test, to: path) }
            #expect(refusal?.kind.code == "files.not-writable", "\(path)")
        }
        #expect(try test.reopened().read { try Counter.profiles.value(in: $0) } == 1)
    }

    @Test func `a lost sealing key is not replaced by a new one that opens nothing`() async throws {
        let test = try makeTest()
        try await test.makeEncrypted()
        let key = try Data(contentsOf: URL(filePath: test.data.sealingKeyFile))
        unlink(test.data.sealingKeyFile)
        let refusal = await problem { try Campaign.create(test.data, world: test.world) }
        #expect(refusal?.kind.code == "secrets.key-missing")
        #expect(!FileManager.default.fileExists(atPath: test.data.sealingKeyFile))
        try key.write(to: URL(filePath: test.data.sealingKeyFile))
        chmod(test.data.sealingKeyFile, 0o600)
        try Campaign.create(test.data, world: test.world)
    }

    @Test func `a database that lost everything is damaged, not new`() async throws {
        let test = try TestCampaign()
        let path = test.root + "/other/campaign.db"
        let directory = DataDirectory(path: test.root + "/other")
        try Campaign.create(directory, world: test.world)
        for ending in ["", "-wal", "-shm"] { unlink(path + ending) }
        try Data().write(to: URL(filePath: path))
        for work in [{ _ = try Campaign(directory) }, { try Campaign.create(directory, world: test.world) }] {
            let refusal = await problem { try work() }
            #expect(refusal?.kind.code == "database.damaged")
        }
    }
}
