// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage
import Surroundings
import Testing

@testable import PeopleService

/// The built program is killed at growing delays; then the work is done once, and nothing half-done is left.
@Suite("Killed exchanges of the People service", .enabled(if: ProgramProcess.path != nil))
struct PeopleKillTests {
    @Test("Killed while it onboards, links and writes, everything happens once")
    func everythingHappensOnce() async throws {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        let (wanted, unwanted) = (try test.trait(of: 200), try test.trait(of: 200))
        let segment = try Segments(test.service)
            .create(name: "S", dataSource: 200, rule: "\(wanted)T and not \(unwanted)T")
        let number = try test.destination(key: 200)
        _ = try Destinations(test.service).map(segment.sid, to: number)
        let count = 6_000
        let people = (0..<count).map { index in
            "u\(index)\td_sid=\(wanted)\(index % 3 == 0 ? ",d_sid=\(unwanted)" : "")\n"
        }
        try test.deliver(people.joined(), "ftp_dpm_200_1700000000.sync")
        try test.deliver((0..<count).map { "d\($0)\tu\($0)\n" }.joined(), "adobe_id_100_200_1700000001.sync")
        let replaced = stride(from: 0, to: count, by: 5).map { "u\($0)\td_sid=\(wanted)\n" }
        try test.deliver(replaced.joined(), "ftp_dpm_200_1700000002.overwrite")
        let data = test.service.directory.path
        for milliseconds in stride(from: 20, through: 800, by: 30) {
            let program = try ProgramProcess(["people", "sync"], data: data)
            _ = try await program.kill(after: .milliseconds(milliseconds))
        }
        #expect(try ProgramProcess.exitCode("people", "sync", data: data) == 0)
        let expected = Set((0..<count).filter { $0 % 5 == 0 || $0 % 3 != 0 }.map { "200:u\($0)" })
        #expect(try test.members(of: segment.sid).filter { $0.hasPrefix("200:") } == expected)
        let receipts = try test.service.read { try ReceiptStore().list(limit: 100, in: $0) }
        #expect(
            receipts.filter { $0.kind != .outbound }.map(\.received).sorted() == [count / 5, count, count]
        )
        #expect(receipts.allSatisfy { $0.state == .completed })
        // What the receiver makes of all files is what the segment holds.
        var received: Set<String> = []
        for name in test.sentFiles where name.hasSuffix(".sync") {
            for line in try test.sent(name).split(separator: "\n") {
                let fields = line.split(separator: " ", omittingEmptySubsequences: false)
                if fields[1].isEmpty {
                    received.remove("200:\(fields[0])")
                } else {
                    received.insert("200:\(fields[0])")
                }
            }
        }
        #expect(received == expected)
        #expect(try FileManager.default.contentsOfDirectory(atPath: test.service.directory.spool).isEmpty)
    }
}
