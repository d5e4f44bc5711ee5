// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Storage
import Surroundings
import Testing

@testable import Campaign

/// Folders and files of the partner that go away or change while the program is at work on them.
///
/// The program is stopped at a moment that can be seen from outside, the change is made, and it goes on.
@Suite(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
struct VanishingFolderTests {
    private static let name = "s3_1_14020_full_1486140844000.sync"
    private static let profileCount = 2_000

    /// What happens to a file while it is read.
    enum Event: CaseIterable {
        case folderRenamed
        case folderRemoved
        case fileRemoved
        case fileGrew
        case fileShrank
        case fileRewritten

        /// Whether the opened file still is what it was, so that it is imported whole.
        var isHarmless: Bool { [.folderRenamed, .folderRemoved, .fileRemoved].contains(self) }
    }

    private func makeTest() async throws -> TestCampaign {
        let test = try TestCampaign()
        try await test.makePlain()
        try await test.makeHashed()
        let rows = (1...Self.profileCount).map { "P\($0),person\($0)@x.com" }
        try test.load((["externalId,email"] + rows).joined(separator: "\n"))
        try test.define("24", "Plain")
        try test.drop("s3_1_14020_full_1486054444000.sync", "P1 24\n")
        try await test.syncOne()
        return test
    }

    /// Lines that take the program a while; the last one is that of the last profile.
    private var lines: String {
        let strangers = (0..<150_000).map { "X\($0) 24\n" }.joined()
        return strangers + (2...Self.profileCount).map { "P\($0) 24\n" }.joined()
    }

    @Test func `a folder that is gone is said by the program, and the next sync goes on`() async throws {
        let test = try await makeTest()
        try test.drop(Self.name, "P2 24\n")
        try FileManager.default.moveItem(atPath: test.inbox, toPath: test.inbox + ".away")
        let outcome = try ProgramProcess.run("sync", data: test.data.path)
        #expect(outcome.exitCode == 1)
        #expect(
            outcome.output.contains("importSharedAudience: The folder of the account is not there"),
            "\(outcome.output)"
        )
        #expect(outcome.output.contains("Make the folder, or mount its disk"))
        #expect(try test.members("AUD1") == ["P1"])
        try FileManager.default.moveItem(atPath: test.inbox + ".away", toPath: test.inbox)
        #expect(try ProgramProcess.run("sync", data: test.data.path).exitCode == 0)
        #expect(try test.members("AUD1") == ["P2"])
    }

    @Test(arguments: Event.allCases)
    func
        `a file that goes away while it is read is imported whole, one that changes is left for the next sync`(
            event: Event
        ) async throws
    {
        let test = try await makeTest()
        let lines = lines
        try test.drop(Self.name, lines)
        let path = try #require(
            realpath("\(test.inbox)/\(Self.name)", nil).map { text in
                defer { free(text) }
                return String(cString: text)
            }
        )
        let program = try ProgramProcess(["sync"], data: test.data.path, isHeard: true)
        let isPaused = program.pause { (1..<lines.utf8.count).contains(program.position(in: path) ?? 0) }
        try #require(isPaused, "the program read the file too fast")
        try happen(event, to: path, test)
        program.resume()
        let outcome = try program.finish()
        let whole = (2...Self.profileCount).map { "P\($0)" }
        if event.isHarmless {
            #expect(outcome.exitCode == 3, "\(outcome)")
            let receipt = try #require(try test.receipts.last)
            let total = 150_000 + whole.count
            #expect(
                receipt.account
                    == "completed with rejects \(total): matched \(whole.count), unknown 150000"
            )
            #expect(try test.members("AUD1") == whole)
            return
        }
        #expect(outcome.exitCode == 1, "\(outcome)")
        #expect(outcome.output.contains("\(Self.name) changed while it was read"), "\(outcome.output)")
        #expect(outcome.output.contains("the next sync reads it"), "\(outcome.output)")
        #expect(try test.members("AUD1") == ["P1"])
        #expect(try test.names(in: test.data.rejected).isEmpty)
        #expect(try test.names(in: test.data.spool).isEmpty)
        // The next sync reads what is there now.
        let expected = try expectedMembers(path)
        #expect(try [0, 3].contains(ProgramProcess.run("sync", data: test.data.path).exitCode))
        #expect(try test.members("AUD1") == expected)
        #expect(try test.receipts.map(\.state.rawValue).filter { $0 == "failed" }.count == 1)
    }

    private func happen(_ event: Event, to path: String, _ test: TestCampaign) throws {
        let files = FileManager.default
        switch event {
        case .folderRenamed: try files.moveItem(atPath: test.inbox, toPath: test.inbox + ".away")
        case .folderRemoved: try files.removeItem(atPath: test.inbox)
        case .fileRemoved: try files.removeItem(atPath: path)
        case .fileGrew:
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.seekToEnd()
            try file.write(contentsOf: Data("P1 24\n".utf8))
        case .fileShrank:
            let file = try #require(FileHandle(forWritingAtPath: path))
            let count = try file.seekToEnd()
            try file.truncate(atOffset: count - 5_000)
        case .fileRewritten:
            // As many bytes as before, of which those that were read already are others.
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.write(contentsOf: Data("P1 24\nP1".utf8))
        }
    }

    /// The known IDs among the whole lines of the file, which end in the segment.
    private func expectedMembers(_ path: String) throws -> [String] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let ids = text.split(separator: "\n").filter { $0.hasSuffix(" 24") }.map { $0.dropLast(3) }
        let known = Set(ids.filter { $0.hasPrefix("P") }.compactMap { Int($0.dropFirst()) })
        return known.filter { $0 <= Self.profileCount }.sorted().map { "P\($0)" }
    }

    /// Removes the outbound folder while the program publishes a file; the installation, and how the program ended.
    private func shareIntoVanishingFolder() async throws -> (TestCampaign, ProgramProcess.Outcome)? {
        let test = try await makeTest()
        _ = try test.campaign.write { database in
            let members = MemberSet((1...Self.profileCount).map { ProfileNumber($0) })
            return try AudienceStore().insert(label: "List", .list, members: members, at: 0, in: database)
        }
        let program = try ProgramProcess(
            ["audiences", "share", "List", "--segment", "77", "--data-source", "Hashed", "--no-gzip"],
            data: test.data.path,
            isHeard: true
        )
        let isPaused = program.pause {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: test.outbox)) ?? []
            return names.contains { $0.hasPrefix(".tallystick-") }
        }
        if isPaused { try FileManager.default.removeItem(atPath: test.outbox) }
        program.resume()
        let outcome = try program.finish()
        return isPaused ? (test, outcome) : nil
    }

    @Test
    func `an outbound folder that is removed while a file is published gets it whole from the next sync`()
        async throws
    {
        // A publication is short, so it is tried until one was seen.
        var seen: (TestCampaign, ProgramProcess.Outcome)?
        for _ in 0..<50 where seen == nil { seen = try await shareIntoVanishingFolder() }
        let (test, outcome) = try #require(seen, "no publication was seen")
        #expect(outcome.exitCode == 1)
        #expect(
            outcome.errors.contains("exportSharedAudience: The folder of the account is not there"),
            "\(outcome.errors)"
        )
        #expect(outcome.errors.contains("Make the folder, or mount its disk"), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: test.outbox))
        try FileManager.default.createDirectory(atPath: test.outbox, withIntermediateDirectories: true)
        #expect(try ProgramProcess.run("sync", data: test.data.path).exitCode == 0)
        let names = try test.names(in: test.outbox)
        #expect(names.count == 1, "\(names)")
        let text = try String(contentsOfFile: "\(test.outbox)/\(names.first ?? "")", encoding: .utf8)
        let expected = try (1...Self.profileCount)
            .map { try TestFiles.hex(.sha256, "person\($0)@x.com") + "\td_sid=77" }
        #expect(text.split(separator: "\n").map(String.init) == expected.sorted())
        #expect(try test.names(in: test.data.spool).isEmpty)
        #expect(try test.names(in: test.data.lists).count == 1)
    }
}
