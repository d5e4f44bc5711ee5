// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Terminal
import Testing

@testable import Campaign

@Suite struct ProfileFieldTests {
    /// A value of a field: what is kept of it, or why it is refused.
    struct Sample: CustomTestStringConvertible {
        let field: String
        let value: String
        let kept: String?
        let reason: String?

        init(_ field: String, _ value: String, kept: String) {
            self.field = field
            self.value = value
            self.kept = kept
            reason = nil
        }

        init(_ field: String, _ value: String, refused reason: String) {
            self.field = field
            self.value = value
            kept = nil
            self.reason = reason
        }

        var testDescription: String { "\(field) \(value.prefix(40))" }
    }

    @Test func `a profile's JSON has booleans and numbers where the fields have them`() async throws {
        let test = try TestCampaign()
        try test.addField("cusVisits", "integer")
        try test.addField("cusScore", "number")
        try test.load("externalId,ccpaOptOut,blackList,cusVisits,cusScore\n7,1,0,12,1.5\n")
        let cards = try test.campaign.read { database in
            let field = try ProfileFieldStore.field(named: "externalId", in: database)
            return try ProfileStore().find(field, "7", limit: 1, in: database)
        }
        let json = try JSONText.encode(ProfilesReport(cards))
        for line in [
            "\"ccpaOptOut\" : true", "\"blackList\" : false", "\"cusVisits\" : 12", "\"cusScore\" : 1.5",
            "\"externalId\" : \"7\"",
        ] {
            #expect(json.contains(line))
        }
    }

    private static let samples = [
        Sample("firstName", String(repeating: "é", count: 30), kept: String(repeating: "é", count: 30)),
        Sample("firstName", String(repeating: "é", count: 31), refused: "too-long"),
        Sample("email", "Joe.Doe+tag@Example.co.uk", kept: "Joe.Doe+tag@Example.co.uk"),
        Sample("email", " joe@x.com ", kept: "joe@x.com"),
        Sample("email", "joe@x", refused: "not-an-email"),
        Sample("email", "joe@@x.com", refused: "not-an-email"),
        Sample("email", String(repeating: "a", count: 120) + "@long.com", refused: "not-an-email"),
        Sample("mobilePhone", "+33612345678", kept: "+33612345678"),
        Sample("mobilePhone", "0612345678", refused: "not-e164"),
        Sample("mobilePhone", "+33 6 12 34 56 78", refused: "not-e164"),
        Sample("mobilePhone", "+1234567890123456", refused: "not-e164"),
        Sample("gender", "Female", kept: "2"),
        Sample("gender", "1", kept: "1"),
        Sample("gender", "", kept: "0"),
        Sample("gender", "robot", refused: "not-an-authorized-value"),
        Sample("birthDate", "2000-02-29", kept: "2000-02-29"),
        Sample("birthDate", "1900-02-29", refused: "not-a-date"),
        Sample("birthDate", "31/12/1999", refused: "not-a-date"),
        Sample("timeZone", "Europe/Paris", kept: "Europe/Paris"),
        Sample("timeZone", "Europe/Parys", refused: "not-a-time-zone"),
        Sample("ccpaOptOut", "yes", kept: "1"),
        Sample("ccpaOptOut", "FALSE", kept: "0"),
        Sample("ccpaOptOut", "", kept: "0"),
        Sample("ccpaOptOut", "maybe", refused: "not-a-boolean"),
        Sample("cusText", String(repeating: "x", count: 255), kept: String(repeating: "x", count: 255)),
        Sample("cusText", String(repeating: "x", count: 256), refused: "too-long"),
        Sample("cusInteger", "-9223372036854775808", kept: "-9223372036854775808"),
        Sample("cusInteger", "9223372036854775808", refused: "not-an-integer"),
        Sample("cusInteger", "1.0", refused: "not-an-integer"),
        Sample("cusNumber", "12.5", kept: "12.5"),
        Sample("cusNumber", "1,5e", refused: "not-a-number"),
        Sample("cusNumber", "inf", refused: "not-a-number"),
        Sample("cusBoolean", "0", kept: "0"),
        Sample("cusBoolean", "", kept: "-"),
        Sample("cusBoolean", "2", refused: "not-a-boolean"),
        Sample("cusDate", "2026-12-31", kept: "2026-12-31"),
        Sample("cusDate", "2026-13-01", refused: "not-a-date"),
        Sample("cusMoment", "1970-01-01T00:00:01Z", kept: "1000"),
        Sample("cusMoment", "1970-01-01T01:00:01.5+01:00", kept: "1500"),
        Sample("cusMoment", "1970-01-02", kept: "86400000"),
        Sample("cusMoment", "yesterday", refused: "not-a-datetime"),
        Sample("cusTier", "gold", kept: "gold"),
        Sample("cusTier", "Gold", refused: "not-an-authorized-value"),
    ]

    private func makeFields(_ test: TestCampaign) throws {
        try test.addField("cusText", "string")
        try test.addField("cusInteger", "integer")
        try test.addField("cusNumber", "number")
        try test.addField("cusBoolean", "boolean")
        try test.addField("cusDate", "date")
        try test.addField("cusMoment", "datetime")
        try test.addField("cusTier", "enumeration(gold, silver)")
    }

    @Test func `every kind of field takes what it can hold and refuses the rest`() throws {
        let test = try TestCampaign()
        try makeFields(test)
        for (number, sample) in Self.samples.enumerated() {
            let report = try test.load("externalId,\(sample.field)\nC\(number),\"\(sample.value)\"\n")
            #expect(report.reasons.keys.first == sample.reason, "\(sample.testDescription)")
            if let kept = sample.kept {
                let profile = try test.profiles(sample.field).last ?? ""
                #expect(profile.hasSuffix(" \(kept)"), "\(sample.testDescription): \(profile)")
            }
        }
    }

    @Test(arguments: [
        ("shoe", "string"), ("cus", "string"), ("cusÄrger", "string"),
        ("cusA; DROP TABLE profiles", "string"),
        ("cus" + String(repeating: "a", count: 28), "string"), ("cusShoe", "shoe"),
        ("cusShoe", "enumeration()"),
        ("cusShoe", "enumeration(a,a)"), ("CUSTAKEN", "string"), ("custaken", "string"),
    ])
    func `a custom field that can't be is refused`(name: String, type: String) async throws {
        let test = try TestCampaign()
        try test.addField("cusTaken", "string")
        let problem = await problem { try test.addField(name, type) }
        #expect(problem?.kind.code == "profiles.field-refused")
        #expect(try test.campaign.read { try ProfileFieldStore.all(in: $0) }.filter(\.isCustom).count == 1)
    }

    @Test func `a field of another case is suggested`() async throws {
        let test = try TestCampaign()
        let problem = await problem {
            _ = try test.campaign.read { try ProfileFieldStore.field(named: "Mobilephone", in: $0) }
        }
        #expect(problem?.advice == "Did you mean mobilePhone?")
    }
}
