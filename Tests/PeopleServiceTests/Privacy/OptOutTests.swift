// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Testing

@testable import PeopleService

@Suite struct OptOutTests {
    @Test func `a declared ID takes its devices out and leaves other people in`() throws {
        let test = try TestPeople()
        let (trait, segment) = try test.household()
        try test.realize(trait, ["ann", "bob"], of: 200)
        #expect(try test.members(of: segment) == ["200:ann", "200:bob", "100:d1", "100:d2", "100:d3"])
        let outcome = try OptOuts(test.service).optOut("200:ann")
        #expect((outcome.reached, outcome.changed, outcome.isNew) == (3, 3, false))
        #expect(outcome.segments.map(\.removed) == [3])
        #expect(try test.members(of: segment) == ["200:bob", "100:d3"])
        #expect(try test.isOut(200, "ann", "bob") == [true, false])
        #expect(try test.isOut(100, "d1", "d2", "d3") == [true, true, false])
        let again = try OptOuts(test.service).optOut("200:ann")
        #expect((again.reached, again.changed, again.segments) == (3, 0, []))
    }

    @Test func `a device takes everybody out who was signed in there`() throws {
        let test = try TestPeople()
        let (trait, segment) = try test.household()
        try test.realize(trait, ["ann", "bob"], of: 200)
        #expect(try OptOuts(test.service).optOut("100:d2").reached == 5)
        #expect(try test.members(of: segment).isEmpty)
        let alone = try OptOuts(test.service).optOut("100:d9")
        #expect((alone.reached, alone.isNew) == (1, true))
    }

    @Test func `an opt-out reaches a device under all its IDs, and the people who are signed in under any`()
        throws
    {
        let test = try TestPeople()
        let (trait, segment) = try test.household()
        try test.dataSource(101, .cookie)
        try test.realize(trait, ["ann", "bob"], of: 200)
        try test.idSync("d1\tc1\nd9\tc1\n", "adobe_id_100_101_1700000010.sync")
        try test.idSync("c2\td3\n", "adobe_id_101_100_1700000011.sync")
        // d1 is ann's; c1 is the same device, and so is d9.
        #expect(try OptOuts(test.service).optOut("200:ann").reached == 5)
        #expect(try test.isOut(101, "c1", "c2") == [true, false])
        #expect(try test.isOut(100, "d1", "d9", "d3") == [true, true, false])
        _ = try OptOuts(test.service).undo("200:ann")
        #expect(try test.isOut(101, "c1") == [false])
        #expect(try test.isOut(100, "d1", "d9") == [false, false])
        // bob is signed in under d3, which is c2.
        _ = try OptOuts(test.service).optOut("101:c2")
        #expect(try test.isOut(200, "bob", "ann") == [true, false])
        #expect(try test.isOut(100, "d1", "d2", "d3") == [false, true, true])
        #expect(try !test.members(of: segment).contains("200:bob"))
        #expect(try OptOuts(test.service).undo("101:c2").changed == 4)
        #expect(try test.isOut(200, "bob", "ann") == [false, false])
    }

    @Test func `paused segments lose those who opt out too, and do not get them back`() throws {
        let test = try TestPeople()
        let (trait, segment) = try test.household()
        try test.realize(trait, ["ann", "bob"], of: 200)
        _ = try Segments(test.service).setState(.paused, of: segment)
        #expect(try OptOuts(test.service).optOut("200:bob").segments.map(\.segment) == [segment])
        #expect(try test.members(of: segment) == ["200:ann", "100:d1"])
        _ = try OptOuts(test.service).undo("200:bob")
        #expect(try test.members(of: segment) == ["200:ann", "100:d1"])
        _ = try Segments(test.service).setState(.active, of: segment)
        #expect(try test.members(of: segment).count == 5)
    }

    @Test func `later lines are suppressed, also of an ID that nobody had met`() throws {
        let test = try TestPeople()
        let (trait, segment) = try test.household()
        let outcome = try OptOuts(test.service).optOut("code200:eve")
        #expect((outcome.reached, outcome.changed, outcome.isNew) == (1, 1, true))
        _ = try OptOuts(test.service).optOut("200:ann")
        let receipt = try test.realize(trait, ["ann", "eve", "bob"], of: 200)
        #expect(receipt.counts[.suppressed] == 2)
        #expect(receipt.reasons.map(\.reason) == ["opted-out"])
        let devices = try test.realize(trait, ["d1", "d2", "d3"], of: 100)
        #expect(devices.counts[.suppressed] == 2)
        #expect(try test.members(of: segment) == ["200:bob", "100:d3"])
    }

    @Test func `a later link is refused and brings nobody back`() throws {
        let test = try TestPeople()
        let (trait, segment) = try test.household()
        _ = try OptOuts(test.service).optOut("200:ann")
        let receipt = try test.idSync("d4\tann\nd3\tcarl\n", "adobe_id_100_200_1700000300.sync")
        #expect(receipt.idSync?.optedOut == 1)
        #expect(receipt.idSync?.linked == 1)
        #expect(try test.number(100, "d4") == nil)
        try test.realize(trait, ["ann"], of: 200)
        try test.realize(trait, ["d4"], of: 100, at: 1_700_000_400)
        #expect(try test.members(of: segment) == ["100:d4"])
    }

    @Test func `what is known on a device that is out counts for nobody`() throws {
        let test = try TestPeople()
        let (trait, segment) = try test.household()
        try test.realize(trait, ["d2"], of: 100)
        #expect(try test.members(of: segment) == ["100:d2", "200:bob"])
        _ = try OptOuts(test.service).optOut("200:ann")
        #expect(try test.members(of: segment).isEmpty)
    }

    @Test func `the way back restores what is known, but not whom another opt-out reaches`() throws {
        let test = try TestPeople()
        let (trait, segment) = try test.household()
        try test.realize(trait, ["ann", "bob"], of: 200)
        let optOuts = OptOuts(test.service)
        _ = try optOuts.optOut("200:ann")
        _ = try optOuts.optOut("200:bob")
        #expect(try test.members(of: segment).isEmpty)
        let back = try optOuts.undo("200:ann")
        #expect((back.reached, back.changed, back.kept) == (3, 2, 1))
        #expect(try test.members(of: segment) == ["200:ann", "100:d1"])
        #expect(try test.isOut(100, "d1", "d2", "d3") == [false, true, true])
        let reached = try optOuts.undo("100:d3")
        #expect((reached.changed, reached.kept) == (0, 3))
        #expect(try optOuts.undo("200:bob").changed == 3)
        #expect(try test.members(of: segment).count == 5)
        #expect(try optOuts.undo("200:nobody") == OptOuts.Outcome())
    }

    @Test func `data sources go by number, integration code and standard name`() throws {
        let test = try TestPeople()
        _ = try test.household()
        let visitor = String(repeating: "7", count: 38)
        for (name, source) in [("ECID", 4), ("4", 4), ("CORE", 0), ("0", 0)] {
            _ = try OptOuts(test.service).optOut("\(name):\(visitor)")
            #expect(try OptOuts(test.service).isOptedOut(source, visitor))
        }
        _ = try OptOuts(test.service).optOut("code201:ann")
        #expect(try test.isOut(201, "ann") == [true])
        #expect(try test.isOut(200, "ann") == [false])
    }

    @Test(arguments: [
        ("jane@example.com", "people.id-refused"), ("200:", "people.id-refused"),
        ("jane@example.com:1", "people.data-source-unknown"), ("49170123:x", "people.data-source-unknown"),
        ("4:jane@example.com", "people.id-refused"), ("200:jane\tdoe", "people.id-refused"),
        ("99999999999999999999:jane", "people.data-source-unknown"),
    ])
    func `what is no ID is refused without being repeated`(text: String, code: String) throws {
        let test = try TestPeople()
        _ = try test.household()
        for work in [OptOuts(test.service).optOut, OptOuts(test.service).undo] {
            let problem = peopleProblem { _ = try work(text) }
            #expect(problem?.kind.code == code)
            for part in ["jane", "49170123", "99999"] {
                #expect(problem?.description.contains(part) == false)
            }
        }
        #expect(peopleProblem { _ = try PrivacyRequests(test.service).delete(text) }?.kind.code == code)
    }

    @Test func `asking needs no lock, unless the index is gone`() throws {
        let test = try TestPeople()
        _ = try test.household()
        _ = try OptOuts(test.service).optOut("200:ann")
        let lock = try test.service.lockForChange()
        #expect(try test.isOut(200, "ann", "bob", "nobody") == [true, false, false])
        withExtendedLifetime(lock) {}
    }

    @Test func `calls about somebody who opted out are answered with 171`() {
        #expect(OptOuts.refusal.summary == "Encountered opt out tag (171).")
        #expect(OptOuts.refusal.kind.status == 403)
    }
}
