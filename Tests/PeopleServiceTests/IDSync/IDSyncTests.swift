// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import Problems
import Storage
import Surroundings
import Testing

@testable import PeopleService

/// The rules of Audience Manager's "name and content of ID synchronization files" and its limits of mappings.
@Suite("ID synchronization")
struct IDSyncTests {
    @Test("A row links its device with each declared ID, seen from both")
    func rowsLink() throws {
        let test = try TestPeople.linkable()
        let receipt = try test.idSync(
            "d1\ta\tx\nd2\ta\ty\nd1\ta\tx\n",
            "adobe_id_100_200_201_1700000001.sync"
        )
        #expect(try test.partners(of: "100:d1") == ["200:a", "201:x"])
        #expect(try test.partners(of: "200:a") == ["100:d2", "100:d1"])
        #expect(try test.partners(of: "201:y") == ["100:d2"])
        let tally = try #require(receipt.idSync)
        #expect((tally.received, tally.linked, tally.newIDs) == (3, 3, 5))
        #expect(receipt.state == .completed)
    }

    @Test(
        "Rows that start with a declared ID count for its devices, with a warning, once it has any",
        arguments: ["adobe_id", "c2c_id"]
    )
    func declaredMasters(_ word: String) throws {
        let test = try TestPeople.linkable()
        let file = "\(word)_200_201_1700000002.sync"
        let early = try test.idSync("a\tx\n", file)
        #expect(try test.rejected(early) == [["1", "1", "unknown", "master-not-synced", "a\tx"]])
        #expect((early.idSync?.notSynced, early.counts[.unknown], early.counts.sum) == (1, 1, 1))
        #expect(try !test.knows("201:x"))
        try test.idSync("d1\ta\nd2\ta\nd2\tb\n", "adobe_id_100_200_1700000003.sync")
        test.pass(days: 1)
        try test.idSync("d1\ty\n", "adobe_id_100_201_1700000004.sync")
        let receipt = try test.idSync("a\tx\nnobody\tz\n", file)
        #expect((receipt.idSync?.linked, receipt.idSync?.notSynced) == (1, 1))
        #expect(receipt.notes?.count == 1)
        #expect(receipt.notes?.first?.contains("200, is of declared IDs") == true)
        #expect(try test.partners(of: "201:x") == ["100:d1", "100:d2"])
        // The link is as old as that of a, so who came to d1 since is still the last one there.
        #expect(try test.partners(of: "100:d1") == ["200:a", "201:x", "201:y"])
        #expect(try test.partners(of: "100:d2") == ["200:a", "200:b", "201:x"])
    }

    @Test("A device keeps the 10 latest declared IDs of each data source")
    func declaredIDsOfADevice() throws {
        let test = try TestPeople.linkable()
        try test.idSync("d\tother\n", "adobe_id_100_201_1700000000.sync")
        let rows = (1...12).map { "d\tp\($0)\n" }.joined()
        let receipt = try test.idSync(rows, "adobe_id_100_200_1700000001.sync")
        #expect(try test.partners(of: "100:d") == ["201:other"] + (3...12).map { "200:p\($0)" })
        #expect(try test.partners(of: "200:p1") == [])
        #expect(receipt.idSync?.evictedLinks == 2)
        // One that comes again is the newest, and does not go next.
        try test.idSync("d\tp3\nd\tp13\n", "adobe_id_100_200_1700000002.sync")
        let expected = (5...12).map { "200:p\($0)" } + ["200:p3", "200:p13"]
        #expect(try test.partners(of: "100:d") == ["201:other"] + expected)
    }

    @Test("A declared ID keeps the 100 latest devices")
    func devicesOfADeclaredID() throws {
        let test = try TestPeople.linkable()
        try test.idSync((1...70).map { "d\($0)\tp\n" }.joined(), "adobe_id_100_200_1700000001.sync")
        test.pass(seconds: 1)
        let rows = (71...103).map { "d\($0)\tp\n" }.joined()
        let receipt = try test.idSync("d2\tp\n" + rows, "adobe_id_100_200_1700000002.sync")
        #expect(
            try test.partners(of: "200:p") == (Array(5...70) + [2] + Array(71...103)).map { "100:d\($0)" }
        )
        #expect(try test.partners(of: "100:d1") == [])
        #expect(try test.partners(of: "100:d3") == [])
        #expect(receipt.idSync?.evictedLinks == 3)
    }

    @Test("A row links the IDs of one device, and all of them with its people")
    func devicesOfOneRow() throws {
        let test = try TestPeople.linkable()
        try test.dataSource(101, .cookie)
        let receipt = try test.idSync("d1\tc1\nd2\tc2\n", "adobe_id_100_101_1700000001.sync")
        #expect(try test.partners(of: "100:d1") == ["101:c1"])
        #expect(try test.partners(of: "101:c2") == ["100:d2"])
        let tally = try #require(receipt.idSync)
        #expect((tally.linked, tally.deviceLinks, tally.newIDs) == (2, 2, 4))
        let mixed = try test.idSync("d1\ta\tc3\n", "adobe_id_100_200_101_1700000002.sync")
        #expect(mixed.idSync?.deviceLinks == 1)
        #expect(try test.partners(of: "100:d1") == ["101:c1", "200:a", "101:c3"])
        #expect(try test.partners(of: "200:a") == ["100:d1", "101:c3"])
    }

    @Test("A device keeps the 1,000 latest of its other IDs, beside its declared IDs")
    func otherIDsOfADevice() throws {
        let test = try TestPeople.linkable()
        try test.dataSource(101, .cookie)
        try test.idSync("d\ta\n", "adobe_id_100_200_1700000000.sync")
        let rows = (1...1_003).map { "d\tc\($0)\n" }.joined()
        let receipt = try test.idSync(rows, "adobe_id_100_101_1700000001.sync")
        #expect(receipt.idSync?.evictedLinks == 3)
        let partners = try test.partners(of: "100:d")
        #expect(partners == ["200:a"] + (4...1_003).map { "101:c\($0)" })
        #expect(try test.partners(of: "101:c3") == [])
        // Declared IDs beside so many other IDs still have their own limit.
        let more = try test.idSync(
            (1...11).map { "d\tp\($0)\n" }.joined(),
            "adobe_id_100_201_1700000002.sync"
        )
        #expect(more.idSync?.evictedLinks == 1)
        #expect(try test.partners(of: "100:d").count == 1_011)
    }

    @Test(
        "A link was seen when its row was read, whatever the name of the file says",
        arguments: [1, 1_700_000_000, 4_000_000_000]
    )
    func timesOfNames(_ time: Int) throws {
        let test = try TestPeople.linkable()
        try test.idSync(
            "d\ta\n",
            "adobe_id_100_200_\(String(repeating: "0", count: time == 1 ? 9 : 0))\(time).sync"
        )
        test.pass(days: 119)
        _ = try Retention(test.service).runIfDue()
        #expect(try test.partners(of: "100:d") == ["200:a"])
        try test.idSync("d\tb\n", "adobe_id_100_200_1600000000.sync")
        #expect(try test.partners(of: "100:d") == ["200:a", "200:b"])
        test.pass(days: 2)
        _ = try Retention(test.service).runIfDue()
        #expect(try test.partners(of: "100:d") == ["200:b"])
    }

    @Test("Rows with somebody who opted out link nothing and make no IDs")
    func optedOut() throws {
        let test = try TestPeople.linkable()
        try test.idSync("d1\ta\n", "adobe_id_100_200_1700000001.sync")
        try test.optOut("200:a")
        let receipt = try test.idSync("d2\ta\nd1\tb\n", "adobe_id_100_200_1700000002.sync")
        #expect(receipt.idSync?.optedOut == 1)
        #expect(try !test.knows("100:d2"))
        #expect(try test.partners(of: "100:d1") == ["200:a", "200:b"])
    }

    @Test("IDs differ by case and by data source")
    func caseMatters() throws {
        let test = try TestPeople.linkable()
        try test.idSync("d\tJoe\nd\tjoe\n", "adobe_id_100_200_1700000001.sync")
        try test.idSync("d\tjoe\n", "adobe_id_100_201_1700000001.sync")
        #expect(try test.partners(of: "100:d") == ["200:Joe", "200:joe", "201:joe"])
    }
}
