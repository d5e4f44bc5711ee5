// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import PeopleService

/// Traits end with a day in UTC (Audience Manager, "set a trait expiration interval").
@Suite("How long traits last")
struct TraitLifetimeTests {
    @Test(
        "A trait of one day lasts to the end of the next day, whenever it was realized",
        arguments: [
            (1, 46, true), (1, 47, false), (23, 24, true), (23, 25, false), (12, 35, true), (12, 36, false),
        ]
    )
    func oneDay(realizedAt hour: Int, later hours: Int, isThere: Bool) throws {
        let test = try TestPeople()
        try test.dataSource(21, .crossDevice)
        let trait = try test.trait(of: 21, lifetime: 1)
        let segment = try Segments(test.service).create(name: "S", dataSource: 21, rule: "\(trait)T")
        // The clock of tests starts at noon.
        test.pass(hours: 12 + hour)
        try test.onboard("u\td_sid=\(trait)\n", "ftp_dpm_21_1700000001.sync")
        test.pass(hours: hours)
        let changes = try Expiry(test.service).run()
        #expect(try test.traits(of: "21:u") == (isThere ? [trait] : []))
        #expect(try test.members(of: segment.sid) == (isThere ? ["21:u"] : []))
        #expect(changes.map(\.removed) == (isThere ? [] : [1]))
        #expect(try Expiry(test.service).run().isEmpty)
    }

    @Test(
        "120 days are the default, 0 is for ever",
        arguments: [(120, 120, true), (120, 121, false), (0, 3_000, true)]
    )
    func lifetimes(days: Int, later: Int, isThere: Bool) throws {
        let test = try TestPeople()
        try test.dataSource(21, .crossDevice)
        let trait = try test.trait(of: 21, lifetime: days)
        try test.onboard("u\td_sid=\(trait)\n", "ftp_dpm_21_1700000001.sync")
        test.pass(days: later)
        try Expiry(test.service).run()
        #expect(try test.traits(of: "21:u") == (isThere ? [trait] : []))
        #expect(Trait.defaultLifetimeDays == 120)
    }

    @Test("Realizing a trait again makes it last longer")
    func again() throws {
        let test = try TestPeople()
        try test.dataSource(21, .crossDevice)
        let onboarded = try test.trait(of: 21, lifetime: 2)
        let ruled = try test.trait(of: 21, rule: "a == \"b\"", lifetime: 2)
        for step in 0..<3 {
            try test.onboard("u\td_sid=\(onboarded),a=b\n", "ftp_dpm_21_\(1_700_000_000 + step).sync")
            test.pass(days: 2)
            try Expiry(test.service).run()
            #expect(try test.traits(of: "21:u") == [onboarded, ruled])
        }
        test.pass(days: 1)
        try Expiry(test.service).run()
        #expect(try test.traits(of: "21:u") == [])
    }
}
