// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Storage
import Testing

@testable import PeopleService

/// No file takes the name of an earlier one, however coarse the time in the names is.
@Suite("Names of outbound files")
struct OutboundNamingTests {
    /// An installation whose only segment leaves by files with a time of this form in their names.
    private func people(format: String, _ schedule: Destination.Schedule = .onChange) throws -> (
        test: TestPeople, trait: SID, destination: Int
    ) {
        let (test, trait, segment) = try TestPeople.exchanging()
        let template = Destination.Template(
            fileName: "x_<TIMESTAMP; format=\"\(format)\">.sync",
            header: nil,
            content: "<DP_UUID> <SEGMENT_LIST> <REMOVED_SEGMENT_LIST>"
        )
        let destination = try test.destination(key: 200, schedule: schedule, template: template)
        _ = try Destinations(test.service).map(segment, to: destination)
        return (test, trait, destination)
    }

    private func bring(_ id: String, _ trait: SID, _ number: Int, to test: TestPeople) throws {
        try test.deliver("\(id)\td_sid=\(trait)\n", "ftp_dpm_200_\(1_700_000_000 + number).sync")
    }

    private func dataFiles(_ test: TestPeople) -> [String] { test.sentFiles.filter { $0.hasSuffix(".sync") } }

    @Test("Changes within one second get names of their own")
    func withinOneSecond() async throws {
        let (test, trait, destination) = try people(format: "YYYYMMDDhhmmss")
        for number in 1...5 {
            try bring("u\(number)", trait, number, to: test)
            let report = try await test.sync()
            #expect(report.receipts.map(\.state) == [.completed, .completed])
        }
        #expect(dataFiles(test).count == 5)
        #expect(Set(dataFiles(test)).count == 5)
        let sent = try test.service.read { try DestinationStore().sentCount(of: destination, in: $0) }
        #expect(sent == 5)
    }

    @Test("Where names tell days apart, the second file of a day waits for the next one, and says so")
    func daily() async throws {
        let (test, trait, destination) = try people(format: "YYYYMMDD", .daily(minute: 0))
        try bring("a", trait, 1, to: test)
        try await test.sync()
        #expect(dataFiles(test).count == 1)
        try bring("b", trait, 2, to: test)
        _ = try Destinations(test.service).ask(destination)
        let report = try await test.sync()
        #expect(report.receipts.map(\.kind) == [.onboarding])
        #expect(report.waiting.map(\.file) == ["destination \(destination)"])
        #expect(dataFiles(test).count == 1)
        test.pass(days: 1)
        #expect(try await test.sync().receipts.map(\.state) == [.completed])
        #expect(dataFiles(test).count == 2)
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test("Files that wait under a name of ours are written anew under another one")
    func waitingFiles() async throws {
        let (test, trait, destination) = try people(format: "YYYYMMDDhhmmss")
        try bring("a", trait, 1, to: test)
        try test.setEnabled(false)
        #expect(try await test.sync().receipts.last?.state == .waiting)
        let name = try #require(
            try test.service.read { try OutboundPlanStore().plan(of: destination, in: $0) }?.files.first?.name
        )
        // An older version noted the file as one of the account's before it could be published.
        try test.service.write { database in
            try database.execute(
                sql: "INSERT INTO published_files (account, path, published) VALUES ('out', ?, 0)",
                arguments: [name]
            )
        }
        try test.setEnabled(true)
        #expect(try await test.sync().receipts.map(\.state) == [.completed])
        #expect(dataFiles(test).count == 1)
        #expect(dataFiles(test) != [name])
    }

    @Test("What a killed upload left in the account goes with the next file")
    func leftovers() async throws {
        let (test, trait, _) = try people(format: "YYYYMMDDhhmmss")
        let leftover = "\(test.outbox)/.tallystick-dead.part"
        try Data("somebody".utf8).write(to: URL(filePath: leftover))
        try await test.sync()
        try bring("a", trait, 1, to: test)
        try await test.sync()
        #expect(!FileManager.default.fileExists(atPath: leftover))
        #expect(dataFiles(test).count == 1)
    }
}
