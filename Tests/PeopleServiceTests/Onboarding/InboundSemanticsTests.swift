// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Storage
import Testing

@testable import PeopleService

/// The rules of Audience Manager's "inbound data file contents", one by one.
@Suite("What the lines of inbound files mean")
struct InboundSemanticsTests {
    private static let device = "59767559181262060060278870901087098252"

    /// Data source 21 of declared IDs with the onboarded traits 101 to 106, and another one, 22, with the trait 107.
    private func people() throws -> TestPeople {
        let test = try TestPeople()
        try test.dataSource(21, .crossDevice)
        try test.dataSource(22, .crossDevice)
        for _ in 101...106 { _ = try test.trait(of: 21) }
        _ = try test.trait(of: 22)
        return test
    }

    private static func line(_ id: String, _ traits: [SID], _ word: String = "d_sid") -> String {
        "\(id)\t\(traits.map { "\(word)=\($0)" }.joined(separator: ","))\n"
    }

    @Test(
        "Of two days, .sync adds and .overwrite replaces",
        arguments: [
            ("sync", [101, 102, 103], "sync", [103, 104, 105], [101, 102, 103, 104, 105]),
            ("sync", [101, 102, 103], "overwrite", [103, 104, 105], [103, 104, 105]),
            ("overwrite", [101, 102, 103], "sync", [103, 104, 105], [101, 102, 103, 104, 105]),
            ("overwrite", [101, 102, 103], "overwrite", [101], [101]),
        ] as [(String, [SID], String, [SID], Set<SID>)]
    )
    func twoDays(_ first: String, _ one: [SID], _ second: String, _ two: [SID], _ expected: Set<SID>) throws {
        let test = try people()
        try test.onboard(Self.line("u", one), "ftp_dpm_21_1700000001.\(first)")
        test.pass(days: 1)
        try test.onboard(Self.line("u", two), "ftp_dpm_21_1700000002.\(second)")
        #expect(try test.traits(of: "21:u") == expected)
    }

    @Test(
        "A trait is removed by each of its three forms, in the order of the lines",
        arguments: [
            ("d_unsid=101", [102]), ("101:0", [102]), ("101:-1", [102]), ("D_UNSID=101", [102]),
            ("d_unsid = 101 , 102:0", []), ("d_unsid=101,d_sid=101", [101, 102]), ("d_sid=101,101:0", [102]),
            ("d_unsid=103", [101, 102]), ("101:1,d_sid=103", [101, 102, 103]),
        ] as [(String, Set<SID>)]
    )
    func removals(_ signals: String, _ expected: Set<SID>) throws {
        let test = try people()
        try test.onboard(Self.line("u", [101, 102]), "ftp_dpm_21_1700000001.sync")
        let receipt = try test.onboard("u\t\(signals)\n", "ftp_dpm_21_1700000002.sync")
        #expect(try test.traits(of: "21:u") == expected)
        #expect(receipt.counts.sum == 1)
    }

    @Test(
        "A trait that a line names twice counts once for the line",
        arguments: [
            ("d_sid=101,d_sid=101", 1, 0), ("d_sid=101,d_sid=102,d_sid=101,D_SID=102", 2, 0),
            ("d_unsid=101,101:0,101:-1", 0, 1), ("d_sid=101,d_unsid=101,d_sid=101", 2, 1),
        ]
    )
    func repeatedTraits(_ signals: String, _ realized: Int, _ removed: Int) throws {
        let test = try people()
        let text = "u\t\(signals)\nv\t\(signals)\n"
        let tally = try #require(try test.onboard(text, "ftp_dpm_21_1700000001.sync").onboarding)
        #expect((tally.realizedTraits, tally.removedTraits) == (2 * realized, 2 * removed))
        #expect(tally.totalSignals == 2 * signals.split(separator: ",").count)
    }

    @Test("Scenario 31: .overwrite touches only the users that it lists and the traits of its data source")
    func overwriteTouchesItsOwn() throws {
        let test = try people()
        try test.onboard(Self.line("u", [101, 102]) + Self.line("v", [101]), "ftp_dpm_21_1700000001.sync")
        try test.onboard(Self.line("u", [107]), "ftp_dpm_21_22_1700000002.sync")
        try test.onboard(Self.line("u", [103]), "ftp_dpm_21_1700000003.overwrite")
        #expect(try test.traits(of: "21:u") == [103, 107])
        #expect(try test.traits(of: "21:v") == [101])
        try test.onboard(Self.line("u", [107]), "ftp_dpm_21_22_1700000004.overwrite")
        #expect(try test.traits(of: "21:u") == [103, 107])
    }

    @Test(
        "A line of an .overwrite file that realizes nothing replaces all traits by none",
        arguments: ["plan=basic", "d_sid=999", "d_unsid=101", "d_sid=107"]
    )
    func overwriteWithNothing(_ signals: String) throws {
        let test = try people()
        try test.onboard(Self.line("u", [101, 103]) + Self.line("v", [101]), "ftp_dpm_21_1700000001.sync")
        try test.onboard(Self.line("u", [107]), "ftp_dpm_21_22_1700000002.sync")
        let receipt = try test.onboard(
            "u\t\(signals)\nw\t\(signals)\nbad\n",
            "ftp_dpm_21_1700000003.overwrite"
        )
        #expect(try test.traits(of: "21:u") == [107])
        #expect(try test.traits(of: "21:v") == [101])
        #expect(receipt.reasons.map(\.lines) == [1, 2])
        #expect(receipt.reasons.map(\.reason) == ["no-signals", "no-trait-realized"])
        #expect(try !test.knows("21:w"))
        try test.onboard("u\t\(signals)\n", "ftp_dpm_21_1700000004.sync")
        #expect(try test.traits(of: "21:u") == [107])
    }

    @Test("In .overwrite files d_unsid means nothing, and a user's lines count together")
    func overwriteIgnoresRemovals() throws {
        let test = try people()
        let text = "u\td_sid=101\nu\td_unsid=101,d_sid=102\nv\td_unsid=101\n"
        let receipt = try test.onboard(text, "ftp_dpm_21_1700000001.overwrite")
        #expect(try test.traits(of: "21:u") == [101, 102])
        let tally = try #require(receipt.onboarding)
        #expect((tally.stored, tally.noTraitRealized, tally.removedTraits) == (2, 1, 0))
    }

    @Test(
        "Rules see key-values in any case, quoted or not, with blanks; integration codes bare or after ic=",
        arguments: [
            ("\"gender\"=\"female\"", true), ("gender=female", true), ("GENDER = FEMALE", true),
            ("\"Gender\" = \"Female\"", true), ("-gender=female", true), ("\"gender\"=female", true),
            ("x=1 , gender=female", true), ("\"gender\"=\"fe,male\"", false), ("gender=fe", false),
            ("ic=52", true), ("52", true), ("IC = 52", true), ("ic=\"52\"", true), ("24 , 52", true),
            ("ic=520", false), ("052", false), ("c_price=99", true), ("c_price=101", false),
        ]
    )
    func signalsReachRules(_ signals: String, _ isRealized: Bool) throws {
        let test = try TestPeople()
        try test.dataSource(21, .crossDevice)
        let trait = try test.trait(
            of: 21,
            rule: "gender == \"female\" or ic == \"52\" or c_price < 100"
        )
        let receipt = try test.onboard("u\t\(signals)\n", "ftp_dpm_21_1700000001.sync")
        #expect(try test.traits(of: "21:u") == (isRealized ? [trait] : []))
        #expect(receipt.onboarding?.stored == (isRealized ? 1 : 0))
        #expect(try test.knows("21:u") == isRealized)
    }

    @Test("User IDs differ by case, profile data does not")
    func caseMatters() throws {
        let test = try people()
        try test.onboard(
            Self.line("Joe", [101]) + Self.line("joe", [102], "D_SID"),
            "ftp_dpm_21_1700000001.sync"
        )
        #expect(try test.traits(of: "21:Joe") == [101])
        #expect(try test.traits(of: "21:joe") == [102])
        #expect(try test.traits(of: "21:JOE") == [])
    }

    @Test(
        "Traits that are not there, of another data source or made by a rule fail validation and are counted",
        arguments: [
            ("d_sid=107", 1, 0), ("d_sid=999,d_sid=101", 1, 1), ("d_sid=108,d_sid=107,101:0,999:0", 3, 1),
            ("d_sid=101,d_sid=102", 0, 1), ("d_sid=99999999999999999999", 0, 0),
        ]
    )
    func foreignTraitsFail(_ signals: String, _ failed: Int, _ stored: Int) throws {
        let test = try people()
        _ = try test.trait(of: 21, rule: "a == \"b\"")
        let receipt = try test.onboard("u\t\(signals)\n", "ftp_dpm_21_1700000001.sync")
        let tally = try #require(receipt.onboarding)
        #expect(tally.traitsFailedValidation == failed)
        #expect(tally.usersWithFailedTraits == min(1, failed))
        #expect(tally.stored == stored)
        #expect(try !test.traits(of: "21:u").contains(107))
    }

    @Test(
        "A signal in no known form is an unused one, and the others of its line count",
        arguments: ["word", "24:1", "d_sid=x", "a.b=5", "=5", "a=\"open"]
    )
    func badSignals(_ signal: String) throws {
        let test = try people()
        let receipt = try test.onboard("u\td_sid=101,\(signal)\nv\t\(signal)\n", "ftp_dpm_21_1700000001.sync")
        #expect(try test.traits(of: "21:u") == [101])
        let tally = try #require(receipt.onboarding)
        #expect((tally.totalSignals, tally.unusedSignals, tally.formatErrors) == (3, 2, 0))
        #expect((tally.stored, tally.noTraitRealized) == (1, 1))
    }

    @Test("The partner variant has a column for the type of the ID in front")
    func partnerVariant() throws {
        let test = try people()
        let receipt = try test.onboard(
            "1\tu\td_sid=101\n\tv\td_sid=101\nw\td_sid=101\n",
            "ftp_dpm_odc_21_1700000001.sync"
        )
        #expect(try test.traits(of: "21:u") == [101])
        #expect(try test.knows("21:v"))
        #expect(try !test.knows("21:w"))
        #expect(receipt.onboarding?.formatErrors == 1)
    }

    @Test("Unknown IDs of cookies are refused and become known by an ID-sync file")
    func unknownCookies() throws {
        let test = try people()
        let text = Self.line(Self.device, [101])
        let refused = try test.onboard(text, "ftp_dpm_4_21_1700000001.sync")
        #expect(refused.onboarding?.noMatchingID == 1)
        #expect(
            try test.rejected(refused) == [["1", "1", "unknown", "unknown-id", text.dropLast().description]]
        )
        #expect(try !test.knows("4:\(Self.device)"))
        try test.idSync("\(Self.device)\tu\n", "adobe_id_4_21_1700000002.sync")
        let taken = try test.onboard(text, "ftp_dpm_4_21_1700000003.sync")
        #expect(taken.onboarding?.stored == 1)
        #expect(try test.traits(of: "4:\(Self.device)") == [101])
    }

    @Test("Unknown declared IDs are kept until a mapping arrives, then the device shows their segments")
    func unknownDeclaredIDs() throws {
        let test = try people()
        let segment = try Segments(test.service).create(name: "S", dataSource: 21, rule: "101T")
        let receipt = try test.onboard(Self.line("u", [101]), "ftp_dpm_21_1700000001.sync")
        #expect((receipt.onboarding?.stored, receipt.onboarding?.newIDs) == (1, 1))
        #expect(try test.members(of: segment.sid) == ["21:u"])
        let linked = try test.idSync("\(Self.device)\tu\n", "adobe_id_4_21_1700000002.sync")
        #expect(try test.members(of: segment.sid) == ["21:u", "4:\(Self.device)"])
        #expect(linked.segments.map(\.added) == [1])
    }

    @Test(
        "Global device data sources check the form of their IDs",
        arguments: [
            (20914, "6d92078a-8246-4ba4-ae5b-76104861e7dc", true),
            (20914, "6D92078A-8246-4BA4-AE5B-76104861E7DC", false),
            (20915, "6D92078A-8246-4BA4-AE5B-76104861E7DC", true),
            (20915, "6d92078a-8246-4ba4-ae5b-76104861e7dc", false),
            (121_963, "6d92078a-8246-4ba4-ae5b-76104861e7dc", true),
            (121_963, "6d92078a82464ba4ae5b76104861e7dc", false),
            (389_146, "Abc123", true), (389_146, "Abc_123", false), (963_906, "x-1", true),
            (488_258, "6d92078a-8246-4ba4-ae5b-76104861e7dc", true), (488_258, "g", false),
            (1_171_485, "6d92078a-8246-4ba4-ae5b-76104861e7dg", false), (1_171_489, "vizio1", true),
            (4, "5976755918126206006027887090108709825", false), (0, "abc", false),
        ]
    )
    func globalForms(_ source: DataSourceNumber, _ id: String, _ isOne: Bool) throws {
        let test = try people()
        let receipt = try test.onboard(Self.line(id, [101]), "ftp_dpm_\(source)_21_1700000001.sync")
        #expect(receipt.onboarding?.invalidIDs == (isOne ? 0 : 1))
        #expect(receipt.onboarding?.stored == (isOne ? 1 : 0))
        #expect(receipt.dataSource == source)
        #expect(receipt.traitDataSource == 21)
    }

    @Test("Lines of people who opted out count for nothing")
    func optedOut() throws {
        let test = try people()
        try test.onboard(Self.line("u", [101]), "ftp_dpm_21_1700000001.sync")
        try test.optOut("21:u")
        let receipt = try test.onboard(Self.line("u", [102]), "ftp_dpm_21_1700000002.sync")
        #expect(receipt.onboarding?.optedOut == 1)
        #expect(try test.traits(of: "21:u") == [101])
        #expect(try test.rejected(receipt).map { $0[3] } == ["opted-out"])
    }
}
