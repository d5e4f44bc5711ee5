// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Terminal
import Testing

@testable import PeopleService

@Suite struct PrivacyRequestTests {
    @Test func `access tells everything of a declared ID and its devices, and nothing of other people`()
        throws
    {
        let test = try TestPeople()
        let (trait, segment) = try test.household()
        try test.realize(trait, ["ann", "bob"], of: 200)
        let requests = PrivacyRequests(test.service) { members, _ in
            Dictionary(uniqueKeysWithValues: members.numbers().map { ($0, ["Campaign"]) })
        }
        let report = try requests.access("code200:ann")
        #expect(report.result == "found")
        #expect(report.ids.map(\.id) == ["ann", "d1", "d2"])
        let ann = try #require(report.ids.first)
        #expect(ann.isAsked && !ann.optedOut && !ann.deletionWaiting)
        #expect(ann.dataSource == 200)
        #expect(ann.lastSeen == "2026-11-21")
        #expect(ann.traits.map(\.trait) == [trait])
        #expect(ann.traits.first?.days.map(\.day) == ["2026-11-21"])
        #expect(ann.traits.first?.days.map(\.count) == [1])
        #expect(ann.segments.map(\.segment) == [segment])
        #expect(ann.links.map(\.id) == ["d1", "d2"])
        #expect(ann.links.map(\.lastSeen) == ["2026-11-21T12:00:00Z", "2026-11-21T12:00:00Z"])
        #expect(ann.links.map(\.state) == ["authenticated", "authenticated"])
        #expect(ann.destinations == ["Campaign"])
        #expect(report.ids.last?.links.map(\.id) == ["ann"])
        #expect(report.ids.last?.otherLinks == 1)
        #expect(try !JSONText.encode(report).contains("bob"))
        #expect(!report.text.contains("bob"))
    }

    @Test func `counts of rule-based traits are told by day`() throws {
        let test = try TestPeople()
        try test.dataSource(200, .crossDevice)
        let trait = try test.trait(of: 200, rule: "page == \"a\"")
        try test.onboard("ann\tpage=a\nann\tpage=a\n", "ftp_dpm_200_1700000000.sync")
        test.pass(days: 2)
        try test.onboard("ann\tpage=a\n", "ftp_dpm_200_1700000001.sync")
        let days = try PrivacyRequests(test.service).access("200:ann").ids.first?.traits.first
        #expect(days?.trait == trait)
        #expect(days?.days.map(\.count) == [2, 1])
        #expect(days?.days.map(\.day) == ["2026-11-21", "2026-11-23"])
    }

    @Test func `a device tells of itself alone`() throws {
        let test = try TestPeople()
        _ = try test.household()
        let report = try PrivacyRequests(test.service).access("100:d2")
        #expect(report.ids.map(\.id) == ["d2"])
        #expect(report.ids.first?.links.isEmpty == true)
        #expect(report.ids.first?.otherLinks == 2)
    }

    @Test func `access and deletion reach a device under all its IDs`() throws {
        let test = try TestPeople()
        let (trait, _) = try test.household()
        try test.dataSource(101, .cookie)
        try test.idSync("d1\tc1\n", "adobe_id_100_101_1700000010.sync")
        try test.realize(trait, ["c1"], of: 101)
        let requests = PrivacyRequests(test.service)
        let report = try requests.access("200:ann")
        #expect(report.ids.map(\.id) == ["ann", "d1", "d2", "c1"])
        #expect(report.ids.last?.traits.map(\.trait) == [trait])
        #expect(report.ids.last?.links.map(\.id) == ["d1"])
        #expect(try requests.access("101:c1").ids.map(\.id) == ["c1", "d1"])
        // ann with d1 and d2, d2 with bob, d1 with c1.
        #expect(try requests.preview("200:ann").links == 4)
        let deleted = try requests.delete("200:ann")
        #expect((deleted.ids, deleted.traits, deleted.links) == (4, 1, 4))
        #expect(try test.traits(of: "101:c1").isEmpty)
        #expect(try test.isOut(101, "c1") == [true])
    }

    @Test func `an ID that nobody has is not found`() throws {
        let test = try TestPeople()
        _ = try test.household()
        let requests = PrivacyRequests(test.service)
        #expect(try requests.access("200:nobody").result == "not found")
        #expect(try requests.preview("200:nobody").result == "not found")
        #expect(try requests.delete("200:nobody").result == "not found")
        #expect(try test.isOut(200, "nobody") == [false])
        let noted = try test.service.read { try PrivacyRequestStore().list(limit: 10, in: $0) }
        #expect(noted.map(\.kind) == [.delete, .access])
        #expect(noted.map(\.state) == [.notFound, .notFound])
    }

    @Test func `a preview counts and changes nothing`() throws {
        let test = try TestPeople()
        let (trait, segment) = try test.household()
        try test.realize(trait, ["ann", "bob"], of: 200)
        let requests = PrivacyRequests(test.service)
        let preview = try requests.preview("200:ann")
        #expect((preview.result, preview.dryRun) == ("found", true))
        #expect((preview.ids, preview.linkedDevices) == (3, 2))
        #expect((preview.traits, preview.segments, preview.links) == (1, 3, 3))
        #expect(try test.members(of: segment).count == 5)
        let deleted = try requests.delete("200:ann")
        #expect((deleted.result, deleted.dryRun, deleted.links) == ("deleted", false, 3))
    }

    @Test func `a deletion leaves nothing but texts that destinations have to be told`() throws {
        let test = try TestPeople()
        let (trait, segment) = try test.household()
        try test.realize(trait, ["ann", "bob"], of: 200)
        _ = try PrivacyRequests(test.service).delete("200:ann")
        #expect(try test.members(of: segment) == ["200:bob", "100:d3"])
        let rest = try PrivacyRequests(test.service).access("200:ann").ids
        #expect(rest.map(\.id) == ["ann"])
        #expect(rest.first?.deletionWaiting == true)
        #expect(rest.first?.traits.isEmpty == true)
        #expect(rest.first?.links.isEmpty == true)
        #expect(rest.first?.lastSeen == nil)
        #expect(try test.isOut(100, "d1", "d2", "d3") == [true, true, false])
        #expect(try test.realize(trait, ["ann"], of: 200).counts[.suppressed] == 1)
        let problem = peopleProblem { _ = try OptOuts(test.service).undo("200:ann") }
        #expect(problem?.kind == .deletionWaiting)
    }

    @Test func `texts go when no destination holds them, and nothing readable remains`() throws {
        let test = try TestPeople()
        let (trait, _) = try test.household()
        let secret = "CRM-7c1d93aa"
        // Pages are written again and again, so that old copies lie about.
        for round in 0..<5 {
            try test.realize(
                trait,
                (0..<300).map { "filler\(round)-\($0)" },
                of: 200,
                at: 1_700_001_000 + round
            )
            try test.realize(trait, [secret, "other"], of: 200, at: 1_700_002_000 + round)
        }
        // A rejected line that names the ID, one that names another, and a long one.
        let long = String(repeating: "x", count: 300_000)
        let lines = ["\(secret)\td_sid=9999", "other2\td_sid=9999", "\(secret)\t\(long)", "", "\(secret)\t"]
        let rejected = try test.onboard(lines.map { $0 + "\n" }.joined(), "ftp_dpm_200_1700003000.sync")
        #expect(rejected.counts.sum == 5)
        try test.idSync("dev-\(secret)\t\(secret)\n", "adobe_id_100_200_1700000500.sync")
        #expect(try test.isReadable(secret))
        let number = try #require(try test.number(200, secret))
        _ = try PrivacyRequests(test.service).delete("200:\(secret)")
        #expect(try test.forgetDelivered(stillOwed: MemberSet([number])) == 1)
        #expect(try PrivacyRequests(test.service).access("200:\(secret)").result == "found")
        #expect(try requests(test).map(\.state) == [.completed, .waiting])
        #expect(try test.forgetDelivered() == 1)
        #expect(try !test.isReadable(secret))
        #expect(try test.isReadable("other2\td_sid=9999"))
        #expect(try !test.isReadable("xxxxxxxxxx"))
        let path = "\(test.service.directory.rejected)/\(rejected.rejectedFile ?? "")"
        let kept = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        #expect(kept.split(separator: "\n").count == 6)
        try test.realize(trait, [secret], of: 200, at: 1_700_004_000)
        #expect(try !test.isReadable(secret))
        #expect(try test.forgetDelivered() == 0)
        #expect(try requests(test).map(\.state) == [.completed, .completed])
        #expect(try PrivacyRequests(test.service).access("200:\(secret)").result == "not found")
        #expect(try PrivacyRequests(test.service).delete("200:\(secret)").result == "not found")
        #expect(try PrivacyRequests(test.service).access("200:other").result == "found")
    }

    @Test func `a deletion wipes the ID from rejected rows of ID-sync files, in whatever column`() throws {
        let test = try TestPeople()
        _ = try test.household()
        let secret = "CRM-51c0ffee"
        try test.realize(try test.trait(of: 200), [secret], of: 200)
        let rows = [
            "d7\t\(secret)\tx ", "d8\t\(secret) ", "d9\ty\t\(secret)\t", "d4\t\t\(secret)",
            "d5\tother\t", "d6\t\(secret)\u{0}\tx",
        ]
        let rejected = try test.idSync(
            rows.map { $0 + "\n" }.joined(),
            "adobe_id_100_200_201_1700000500.sync"
        )
        #expect(rejected.counts.rejects == 6)
        _ = try PrivacyRequests(test.service).delete("200:\(secret)")
        try test.forgetDelivered()
        #expect(try !test.isReadable(secret))
        let kept = try test.rejected(rejected)
        #expect(kept.map { $0[1] } == ["1", "2", "3", "4", "5", "6"])
        #expect(kept.map { $0[4] } == ["", "", "", "", "d5\tother\t", ""])
    }

    @Test func `who was deleted stays out, also with a new index, until wanting back`() throws {
        let test = try TestPeople()
        let (trait, segment) = try test.household()
        try test.realize(trait, ["ann"], of: 200)
        let old = try test.number(200, "ann")
        _ = try PrivacyRequests(test.service).delete("200:ann")
        try test.forgetDelivered()
        try FileManager.default.removeItem(atPath: "\(test.service.directory.indexes)/people.index")
        #expect(try test.isOut(200, "ann", "bob") == [true, false])
        #expect(try test.isOut(100, "d1", "d2") == [true, true])
        let receipt = try test.realize(trait, ["ann"], of: 200)
        #expect((receipt.counts[.suppressed], receipt.onboarding?.newIDs) == (1, 0))
        #expect(try OptOuts(test.service).undo("200:ann").changed == 1)
        #expect(try test.isOut(200, "ann") == [false])
        try test.realize(trait, ["ann"], of: 200, at: 1_700_009_000)
        #expect(try test.number(200, "ann") != old)
        #expect(try test.members(of: segment) == ["200:ann"])
    }

    @Test func `an index that a crash left behind lets go at the next start`() throws {
        let test = try TestPeople()
        let (trait, _) = try test.household()
        try test.realize(trait, ["ann"], of: 200)
        let directory = try IDDirectory(test.service)
        let number = try #require(try directory.number(of: "ann", 200))
        let key = try directory.keys(of: 200).key(of: Array("ann".utf8))
        try test.service.write { database in
            try ForgottenIDStore().add(.init(number: number, key: key), isSuppressed: false, in: database)
            try IDStore().forget(MemberSet([number]), in: database)
        }
        #expect(try test.number(200, "ann") == nil)
        #expect(try test.service.read { try ForgottenIDStore().unsuppressed(in: $0) }.isEmpty)
    }

    private func requests(_ test: TestPeople) throws -> [PrivacyRequest] {
        try test.service.read { try PrivacyRequestStore().list(limit: 10, in: $0) }.reversed()
            .filter { $0.kind == .delete || $0.state == .waiting || $0.kind == .access }.suffix(2).reversed()
    }
}
