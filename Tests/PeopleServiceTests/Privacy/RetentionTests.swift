// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Storage
import Testing

@testable import PeopleService

@Suite struct RetentionTests {
    private func retention(_ test: TestPeople) throws -> Retention.Outcome? {
        try Retention(test.service).runIfDue()
    }

    @Test func `the work of a day is done once`() throws {
        let test = try TestPeople()
        #expect(try retention(test) != nil)
        #expect(try retention(test) == nil)
        test.pass(days: 1)
        #expect(try retention(test) == Retention.Outcome())
    }

    @Test func `a device is forgotten after 120 days without a sign of life`() throws {
        let test = try TestPeople()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        let trait = try test.trait(of: 200, lifetime: 0)
        let segment = try Segments(test.service).create(name: "S", dataSource: 200, rule: "\(trait)T").sid
        try test.realize(trait, ["old", "new"], of: 100)
        try test.realize(trait, ["ann"], of: 200)
        test.pass(days: 60)
        try test.realize(trait, ["new"], of: 100, at: 1_700_000_200)
        test.pass(days: 60)
        #expect(try retention(test)?.inactiveIDs == 0)
        #expect(try test.members(of: segment).count == 3)
        test.pass(days: 1)
        let outcome = try #require(try retention(test))
        #expect(outcome.inactiveIDs == 1)
        #expect(outcome.segments.map(\.removed) == [1])
        #expect(try test.members(of: segment) == ["100:new", "200:ann"])
        let number = try #require(try test.number(100, "old"))
        #expect(try test.forgetDelivered(stillOwed: MemberSet([number])) == 0)
        #expect(try test.number(100, "old") == number)
        #expect(try test.forgetDelivered() == 1)
        #expect(try test.number(100, "old") == nil)
        try test.realize(trait, ["old"], of: 100, at: 1_700_000_300)
        #expect(try #require(try test.number(100, "old")) > number)
        #expect(try test.members(of: segment).count == 3)
    }

    @Test func `who comes back before every destination was told is kept`() throws {
        let test = try TestPeople()
        let (trait, _) = try test.household()
        try test.realize(trait, ["d1"], of: 100)
        test.pass(days: 121)
        #expect(try retention(test)?.inactiveIDs == 3)
        let number = try test.number(100, "d1")
        try test.realize(trait, ["d1"], of: 100, at: 1_700_000_200)
        #expect(try test.forgetDelivered() == 2)
        #expect(try test.number(100, "d1") == number)
        #expect(try PrivacyRequests(test.service).access("100:d1").ids.first?.traits.count == 1)
        test.pass(days: 121)
        #expect(try retention(test)?.inactiveIDs == 1)
    }

    @Test func `declared IDs are kept as long as their data source says, without one for ever`() throws {
        let test = try TestPeople()
        let (trait, _) = try test.household()
        try test.service.write { database in
            try database.execute(sql: "UPDATE data_sources SET retention_days = 30 WHERE number = 201")
        }
        try test.realize(trait, ["ann"], of: 200)
        try test.realize(trait, ["short"], of: 201, at: 1_700_000_200)
        test.pass(days: 30)
        #expect(try retention(test)?.inactiveIDs == 0)
        test.pass(days: 1)
        #expect(try retention(test)?.inactiveIDs == 1)
        test.pass(days: 1_000)
        // The three devices.
        #expect(try retention(test)?.inactiveIDs == 3)
        try test.forgetDelivered()
        #expect(try test.number(200, "ann") != nil)
        #expect(try test.number(201, "short") == nil)
    }

    @Test func `IDs of which no day is known begin theirs`() throws {
        let test = try TestPeople()
        let (trait, _) = try test.household()
        try test.realize(trait, ["d1"], of: 100)
        try test.service.write { try $0.execute(sql: "DELETE FROM activity") }
        test.pass(days: 500)
        #expect(try retention(test)?.inactiveIDs == 0)
        test.pass(days: 121)
        #expect(try retention(test)?.inactiveIDs == 3)
    }

    @Test func `somebody who opted out is forgotten like others and stays out`() throws {
        let test = try TestPeople()
        _ = try test.household()
        _ = try OptOuts(test.service).optOut("100:device-4711-out")
        test.pass(days: 121)
        #expect(try retention(test)?.inactiveIDs == 4)
        try test.forgetDelivered()
        #expect(try !test.isReadable("device-4711-out"))
        #expect(try test.isOut(100, "device-4711-out", "d1") == [true, false])
    }

    @Test func `links go 120 days after they were last seen`() throws {
        let test = try TestPeople()
        try test.dataSource(100, .device)
        try test.dataSource(200, .crossDevice)
        let trait = try test.trait(of: 200, lifetime: 0)
        let segment = try Segments(test.service).create(name: "S", dataSource: 200, rule: "\(trait)T").sid
        let now = Int(TestPeople.start / 1000)
        try test.idSync("d1\tann\n", "adobe_id_100_200_\(now).sync")
        test.pass(days: 119)
        try test.idSync("d2\tann\n", "adobe_id_100_200_\(now + 119 * 86_400).sync")
        try test.realize(trait, ["ann", "x"], of: 200)
        try test.realize(trait, ["dx"], of: 100)
        #expect(try test.members(of: segment).isSuperset(of: ["100:d1", "100:d2", "200:ann"]))
        test.pass(days: 2)
        let outcome = try #require(try retention(test))
        #expect(outcome.links == 1)
        #expect(try test.members(of: segment) == ["100:d2", "200:ann", "200:x", "100:dx"])
    }

    @Test func `of sizes long past the last of each day stays, of years long past none`() throws {
        let test = try TestPeople()
        let (_, segment) = try test.household()
        let day = 86_400_000
        let today = Int(test.today.number)
        let moments = [today - 800, today - 60, today - 5].flatMap { [$0 * day + 5, $0 * day + 9] }
        try test.service.write { database in
            for moment in moments {
                try database.execute(
                    sql:
                        "INSERT INTO segment_sizes (segment, moment, size, added, removed) VALUES (?, ?, 1, 1, 0)",
                    arguments: [segment, moment]
                )
            }
        }
        #expect(try retention(test)?.sizes == 3)
        let left = try test.service.read { try SegmentStore().sizes(of: segment, limit: 9, in: $0) }
        #expect(left.map { Int($0.moment) } == [moments[5], moments[4], moments[3]])
    }

    @Test func `rejected lines go after 30 days, those of other systems stay`() throws {
        let test = try TestPeople()
        let (trait, _) = try test.household()
        let receipt = try test.onboard("broken\nann\td_sid=\(trait)\n", "ftp_dpm_200_1700000100.sync")
        let directory = test.service.directory.rejected
        let path = "\(directory)/\(try #require(receipt.rejectedFile))"
        for other in ["I1.rejected", "P.rejected", "Px.rejected", "P99.rejected"] {
            #expect(FileManager.default.createFile(atPath: "\(directory)/\(other)", contents: Data("x".utf8)))
        }
        test.pass(days: 30)
        #expect(try retention(test)?.rejectedFiles == 1)
        #expect(FileManager.default.fileExists(atPath: path))
        test.pass(days: 1)
        #expect(try retention(test)?.rejectedFiles == 1)
        #expect(!FileManager.default.fileExists(atPath: path))
        let left = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        #expect(left == ["I1.rejected", "P.rejected", "Px.rejected"])
    }
}
