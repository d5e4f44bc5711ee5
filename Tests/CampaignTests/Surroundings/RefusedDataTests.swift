// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Storage
import Surroundings
import Testing

@testable import Campaign

/// Data directories that the program can't or must not write: it says so, ends with code 1 and changes nothing.
@Suite(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
struct RefusedDataTests {
    private static let commands = [
        ["sync"], ["init"], ["profiles", "count"], ["audiences", "members", "AUD1"], ["check"],
    ]

    private func makeTest() async throws -> TestCampaign {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\n")
        try test.define("24", "Plain")
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        return test
    }

    /// Every file below a folder, with its bytes.
    private func contents(of folder: String) throws -> [String: Data] {
        let files = FileManager.default
        let paths = try files.subpathsOfDirectory(atPath: folder).map { ($0, "\(folder)/\($0)") }
        return Dictionary(uniqueKeysWithValues: paths.map { ($0, files.contents(atPath: $1) ?? Data()) })
    }

    private func expectNotWritable(
        _ outcome: ProgramProcess.Outcome,
        _ test: TestCampaign,
        _ command: [String]
    ) {
        #expect(outcome.exitCode == 1, "\(command)")
        #expect(outcome.output.isEmpty, "\(command)")
        #expect(outcome.errors.contains(test.data.path), "\(command): \(outcome.errors)")
        #expect(outcome.errors.contains("Check the directory's owner, its permissions"), "\(outcome.errors)")
        #expect(outcome.errors.contains("(data.not-writable)"), "\(command): \(outcome.errors)")
    }

    @Test func `a data directory on a read-only disk is said, and is written again once it can be`()
        async throws
    {
        let test = try await makeTest()
        let disk = try test.dataOnSmallDisk()
        #expect(try disk.remount("ro"))
        let before = try contents(of: disk.path)
        #expect(before["campaign.db"]?.isEmpty == false)
        for command in Self.commands {
            let outcome = try ProgramProcess(
                command,
                data: test.data.path,
                through: disk.entrance,
                isHeard: true
            )
            .finish()
            expectNotWritable(outcome, test, command)
        }
        #expect(try contents(of: disk.path) == before)
        #expect(try disk.remount("rw"))
        #expect(try ProgramProcess.run("sync", data: test.data.path, through: disk.entrance).exitCode == 0)
        #expect(try TestCampaign.copy(of: disk).members("AUD1") == ["A"])
    }

    /// The rights that a user without any of the owner's has to the data directory.
    @Test(arguments: [0o700, 0o755])
    func `a data directory of another user is said`(mode: Int) async throws {
        let test = try await makeTest()
        try test.campaign.database.close()
        let files = FileManager.default
        // Root may do anything, so the program runs as nobody; anybody else closes the directory to themselves.
        let isRoot = geteuid() == 0
        let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        let launcher = isRoot ? nobody : []
        let version = try ProgramProcess.run("version", data: test.data.path, through: launcher)
        guard version.exitCode == 0 else { try Test.cancel("another user can't start the program here") }
        let before = try contents(of: test.data.path)
        let paths = try [""] + files.subpathsOfDirectory(atPath: test.data.path)
        for path in paths.reversed() {
            let own = isRoot ? mode : mode & 0o055 << 3 | mode & 0o055
            try files.setAttributes(
                [.posixPermissions: own],
                ofItemAtPath: "\(test.data.path)/\(path)"
            )
        }
        defer {
            for path in paths {
                try? files.setAttributes(
                    [.posixPermissions: 0o700],
                    ofItemAtPath: "\(test.data.path)/\(path)"
                )
            }
        }
        for command in Self.commands {
            let outcome = try ProgramProcess(
                command,
                data: test.data.path,
                through: launcher,
                isHeard: true
            )
            .finish()
            expectNotWritable(outcome, test, command)
        }
        if isRoot { #expect(try contents(of: test.data.path) == before) }
    }

    /// Whether what the newer version wrote last still waits beside the database file.
    @Test(arguments: [false, true])
    func `a database of a newer version is refused by every command and keeps every byte`(
        hasLog: Bool
    ) async throws {
        let test = try await makeTest()
        let sql = "INSERT INTO grdb_migrations (identifier) VALUES ('9999_later')"
        if hasLog {
            try test.campaign.write { try $0.execute(sql: sql) }
        } else {
            try test.campaign.database.close()
            // The last connection to close leaves nothing beside the file.
            let newer = try DatabaseQueue(path: test.data.campaignDatabase)
            try await newer.write { try $0.execute(sql: sql) }
            try newer.close()
        }
        // What connections share is no part of the database, nor is a log without content.
        let state = { () throws -> [String: Data] in
            try contents(of: test.data.path)
                .filter { !$0.key.hasSuffix("-shm") && ($0.key != "campaign.db-wal" || !$0.value.isEmpty) }
        }
        let before = try state()
        #expect((before["campaign.db-wal"] != nil) == hasLog)
        let commands =
            Self.commands + [
                ["profiles", "load", try test.write("externalId\nB\n"), "--key", "externalId"],
                ["data-sources", "edit", "Plain", "--label", "Other"],
            ]
        for command in commands {
            let outcome = try ProgramProcess(command, data: test.data.path, isHeard: true).finish()
            #expect(outcome.exitCode == 1, "\(command)")
            #expect(outcome.output.isEmpty, "\(command)")
            #expect(outcome.errors.contains(test.data.campaignDatabase), "\(command): \(outcome.errors)")
            #expect(outcome.errors.contains("Use the newer version"), "\(command): \(outcome.errors)")
            #expect(outcome.errors.contains("(database.newer)"), "\(command): \(outcome.errors)")
            #expect(try state() == before, "\(command)")
        }
    }

    @Test func `a damaged index is built again by the program, which says so in its log`() async throws {
        let test = try await makeTest()
        let name = try #require(try test.names(in: test.data.indexes).first)
        let path = "\(test.data.indexes)/\(name)"
        let bytes = try Data(contentsOf: URL(filePath: path))
        try bytes.prefix(bytes.count / 2).write(to: URL(filePath: path))
        let outcome = try ProgramProcess.run("sync", data: test.data.path)
        #expect(outcome.exitCode == 0)
        let log = outcome.errors.split(separator: "\n").first { $0.contains("index missing or damaged") }
        #expect(log?.contains("warning") == true, "\(outcome.errors)")
        #expect(log?.contains("building it again from the database") == true)
        #expect(log?.contains("index=field:externalId") == true, "\(outcome.errors)")
        #expect(try test.members("AUD1") == ["A"])
        #expect(try test.names(in: test.data.indexes).contains(name) == false)
        // From then on all is well.
        let check = try ProgramProcess.run("sync", data: test.data.path)
        #expect(check.exitCode == 0)
        #expect(!check.errors.contains("index"), "\(check.errors)")
    }
}
