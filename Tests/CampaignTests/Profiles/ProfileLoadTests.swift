// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems
import Storage
import Testing

@testable import Campaign

@Suite struct ProfileLoadTests {
    @Test(arguments: ["joe@secret.com,Joe,Secret\njim@secret.com,Jim,Secret\n", "email\rjoe@secret.com\r"])
    func `a file without a header row tells nobody's data`(_ csv: String) async throws {
        let test = try TestCampaign()
        for refusal in [
            await problem(of: { try test.load(csv, key: "email") }),
            await problem(of: { try test.link(csv, key: "email") }),
        ] {
            let problem = try #require(refusal)
            #expect(!"\(problem) \(problem.advice)".lowercased().contains("joe"))
            #expect(!"\(problem) \(problem.advice)".contains("secret"))
        }
    }

    @Test(arguments: [("gender", "is an enumeration"), ("birthDate", "is a date"), ("email", "No column")])
    func `a load that is refused leaves no index behind`(key: String, words: String) async throws {
        let test = try TestCampaign()
        func indexes() throws -> [String] {
            try test.campaign.read {
                try ProfileIndexes(test.campaign).records(in: $0).map(\.definition.text)
            }
        }
        let before = try indexes()
        let refusal = await problem {
            try test.load("externalId,gender,birthDate\nA,male,2000-01-01\n", key: key)
        }
        #expect(refusal?.summary.contains(words) == true)
        #expect(try indexes() == before)
    }

    @Test func `a column can't be mapped to a field that the program keeps`() async throws {
        let test = try TestCampaign()
        let refusal = await problem {
            try test.load("externalId,Mail\nA,x\n", mapping: ["Mail": "created"])
        }
        #expect(refusal?.kind.code == "profiles.mapping-refused")
        #expect(refusal?.summary.contains("created is kept by the program") == true)
    }

    @Test func `rows are inserted, updated, unchanged or rejected, and the counts say so`() throws {
        let test = try TestCampaign()
        let first = try test.load("externalId,email\nC1,a@x.com\nC2,b@x.com\nC3,c@x.com\n")
        #expect(first.account == "3: inserted 3")
        let second = try test.load("externalId,email\nC1,a@x.com\nC2,new@x.com\nC4,d@x.com\nC5,nonsense\n")
        #expect(second.account == "4: inserted 1, updated 1, unchanged 1, rejected 1")
        #expect(second.reasons == ["not-an-email": 1])
        #expect(
            try test.profiles("externalId", "email")
                == ["1 C1 a@x.com", "2 C2 new@x.com", "3 C3 c@x.com", "4 C4 d@x.com"]
        )
        #expect(try test.campaign.read { try ProfileStore().count(in: $0) } == 4)
    }

    @Test(arguments: [
        ("\u{FEFF}externalId,city\nC1,Brest\n", "separated by commas, UTF-8 with BOM, LF line endings"),
        ("externalId;city\r\nC1;Brest\r\n", "separated by semicolons, UTF-8, CRLF line endings"),
        ("\u{FEFF}externalId\tcity\r\nC1\tBrest", "separated by tabs, UTF-8 with BOM, CRLF line endings"),
        ("city,externalId\n\"Brest\",\"C1\"\n", "separated by commas, UTF-8, LF line endings"),
    ])
    func `the form of a file is recognised and shown`(csv: String, format: String) throws {
        let test = try TestCampaign()
        let report = try test.load(csv)
        #expect(report.format == format)
        #expect(try test.profiles("externalId", "city") == ["1 C1 Brest"])
    }

    @Test func `columns are mapped, and those that fill no field are named`() throws {
        let test = try TestCampaign()
        let report = try test.load(
            "Kundennummer,Mail,Shoe size,created\nC1,a@x.com,42,2001-01-01\n",
            mapping: ["Kundennummer": "externalId", "Mail": "email"]
        )
        #expect(report.columns == ["Kundennummer": "externalId", "Mail": "email"])
        #expect(report.ignoredColumns == ["Shoe size", "created"])
        #expect(try test.profiles("externalId", "email", "created") == ["1 C1 a@x.com 1486300000000"])
    }

    @Test(arguments: [
        ("externalId,Mail\nC1,a@x.com\n", ["Post": "email"], "profiles.mapping-refused"),
        ("externalId,Mail\nC1,a@x.com\n", ["Mail": "emial"], "profiles.field-unknown"),
        ("externalId,Mail,email\nC1,a@x.com,b@x.com\n", ["Mail": "email"], "profiles.mapping-refused"),
        ("email\na@x.com\n", [:], "profiles.mapping-refused"),
        ("externalId,externalId\nC1,C2\n", [:], "files.unreadable"),
        ("", [:], "files.unreadable"),
    ])
    func `columns that don't fit are refused before anything is read`(
        csv: String,
        mapping: [String: String],
        code: String
    ) async throws {
        let test = try TestCampaign()
        let problem = await problem { try test.load(csv, mapping: mapping) }
        #expect(problem?.kind.code == code)
        #expect(try test.profiles("externalId").isEmpty)
    }

    @Test(arguments: [("externalID", "profiles.field-unknown"), ("birthDate", "profiles.key-unsuitable")])
    func `a key that can't be one is refused`(key: String, code: String) async throws {
        let test = try TestCampaign()
        let problem = await problem { try test.load("externalId,birthDate\nC1,2000-01-01\n", key: key) }
        #expect(problem?.kind.code == code)
    }

    @Test func `a file that isn't there is said by its path`() async throws {
        let test = try TestCampaign()
        let problem = await problem {
            _ = try ProfileLoad(test.campaign, key: "externalId").run("/nowhere.csv")
        }
        #expect(problem?.kind.code == "files.unreadable")
        #expect(problem?.summary.contains("/nowhere.csv") == true)
    }

    @Test func `a dry run says the same numbers and changes neither the database nor an index`() async throws
    {
        let test = try TestCampaign()
        try await test.makeHashed()
        try test.load("externalId,email\nC1,a@x.com\nC2,b@x.com\n")
        let before = try Snapshot(test)
        let csv = "externalId,email\nC1,a@x.com\nC2,new@x.com\nC3,c@x.com\nC4,nonsense\n"
        let dry = try test.load(csv, isDryRun: true)
        #expect(dry.account == "4: inserted 1, updated 1, unchanged 1, rejected 1")
        #expect(dry.dryRun)
        #expect(dry.rejectedFile == nil)
        #expect(try Snapshot(test) == before)
        let real = try test.load(csv)
        #expect(real.account == "4: inserted 1, updated 1, unchanged 1, rejected 1")
        #expect(try Snapshot(test) != before)
    }

    @Test func `a key that stands twice in a file inserts once and updates then`() throws {
        let test = try TestCampaign()
        let report = try test.load("externalId,city\nC1,Brest\nC2,Caen\nC1,Dijon\nC1,Dijon\n")
        #expect(report.account == "4: inserted 2, updated 1, unchanged 1")
        #expect(try test.profiles("externalId", "city") == ["1 C1 Dijon", "2 C2 Caen"])
    }

    @Test func `a key that several profiles have is ambiguous`() throws {
        let test = try TestCampaign()
        try test.load("externalId,email\nC1,same@x.com\nC2,same@x.com\nC3,other@x.com\n")
        let report = try test.load("email,city\nsame@x.com,Brest\nother@x.com,Caen\n", key: "email")
        #expect(report.account == "2: updated 1, rejected 1")
        #expect(report.reasons == ["key-ambiguous": 1])
        #expect(try test.profiles("city") == ["1 -", "2 -", "3 Caen"])
    }

    @Test func `an empty key is refused with its line and column`() throws {
        let test = try TestCampaign()
        let report = try test.load("city,externalId\nBrest,C1\nCaen,\n")
        #expect(report.reasons == ["key-empty": 1])
        #expect(report.rejectedSample.map { "\($0.line) \($0.column)" } == ["3 externalId"])
    }

    @Test func `rejected rows are kept as they were, for the owner alone`() throws {
        let test = try TestCampaign()
        let report = try test.load(
            "externalId,email,city\nC1,nonsense,\"Le Mans, Sarthe\"\nC2,b@x.com\nC3,c@x.com,Caen\n"
        )
        let path = try #require(report.rejectedFile)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0] == "line,column,reason,hint,row")
        #expect(lines[1].hasPrefix("2,email,not-an-email,"))
        #expect(lines[1].hasSuffix(#""C1,nonsense,""Le Mans, Sarthe""""#))
        #expect(lines[2].hasPrefix("3,"))
        #expect(lines[2].contains("wrong-column-count"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `a unique custom field keeps its values apart`() throws {
        let test = try TestCampaign()
        try test.addField("cusCard", "string", isUnique: true)
        try test.load("externalId,cusCard\nC1,K1\nC2,K2\n")
        let report = try test.load("externalId,cusCard\nC3,K1\nC2,K1\nC1,K1\nC2,K9\nC4,K2\n")
        #expect(report.reasons == ["not-unique": 2])
        #expect(report.account == "5: inserted 1, updated 1, unchanged 1, rejected 2")
        #expect(try test.profiles("externalId", "cusCard") == ["1 C1 K1", "2 C2 K9", "3 C4 K2"])
    }

    @Test func `external IDs stay unique when another field is the key`() throws {
        let test = try TestCampaign()
        try test.load("externalId,email\nC1,a@x.com\nC2,b@x.com\n")
        let report = try test.load("email,externalId\nb@x.com,C1\nnew@x.com,C2\n", key: "email")
        #expect(report.reasons == ["not-unique": 2])
        #expect(try test.profiles("externalId", "email") == ["1 C1 a@x.com", "2 C2 b@x.com"])
    }

    @Test func `an integer field can be the key`() throws {
        let test = try TestCampaign()
        try test.addField("cusNumber", "integer", isUnique: true)
        try test.load("cusNumber,city\n7,Brest\n8,Caen\n", key: "cusNumber")
        let report = try test.load("cusNumber,city\n 7 ,Dijon\n9,Nice\n", key: "cusNumber")
        #expect(report.account == "2: inserted 1, updated 1")
        #expect(try test.profiles("cusNumber", "city") == ["1 7 Dijon", "2 8 Caen", "3 9 Nice"])
    }

    @Test func `a number of a profile is never given twice`() throws {
        let test = try TestCampaign()
        try test.load("externalId\nC1\nC2\nC3\n")
        try test.campaign.write { database in
            try database.execute(sql: "DELETE FROM profiles WHERE number = 3")
        }
        try test.load("externalId\nC4\n")
        _ = try test.load("externalId\nC9\n", isDryRun: true)
        try test.load("externalId\nC5\n")
        #expect(try test.profiles("externalId") == ["1 C1", "2 C2", "4 C4", "5 C5"])
    }

    @Test func `created stays, last modified follows the load that changed something`() throws {
        let test = try TestCampaign()
        try test.load("externalId,city\nC1,Brest\nC2,Caen\n")
        test.pass(seconds: 10)
        try test.load("externalId,city\nC1,Dijon\nC2,Caen\n")
        #expect(
            try test.profiles("created", "lastModified")
                == ["1 1486300000000 1486300010000", "2 1486300000000 1486300000000"]
        )
    }

    @Test func `a load that breaks half-way leaves nothing`() async throws {
        let test = try TestCampaign()
        try await test.makeHashed()
        try test.load("externalId,email\nC1,a@x.com\n")
        try test.campaign.write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER break_off BEFORE INSERT ON profiles WHEN NEW.externalId = 'C1500'
                    BEGIN SELECT raise(ABORT, 'broken'); END
                    """
            )
        }
        let before = try Snapshot(test)
        let rows = (2...2_000).map { "C\($0),person\($0)@x.com" } + ["C2001,nonsense"]
        let csv = "externalId,email\n" + rows.joined(separator: "\n")
        #expect(throws: (any Error).self) { try test.load(csv) }
        #expect(try Snapshot(test) == before)
        try test.campaign.write { try $0.execute(sql: "DROP TRIGGER break_off") }
        #expect(try test.load(csv).inserted == 1_999)
    }

    @Test func `an export is a file that loads back without a change`() throws {
        let test = try TestCampaign()
        try test.addField("cusScore", "number")
        try test.addField("cusSince", "datetime")
        try test.load(
            """
            externalId,firstName,email,gender,birthDate,blackListEmail,timeZone,cusScore,cusSince
            C1,"Zoë ""Z"", jr",a@x.com,female,1990-02-28,true,Europe/Paris,1.25,2026-01-31T08:00:00Z
            C2,,,,,,,,
            """
        )
        let path = "\(test.root)/export.csv"
        #expect(try ProfileExport(test.campaign).write(path) == 2)
        let report = try ProfileLoad(test.campaign, key: "externalId").run(path)
        #expect(report.account == "2: unchanged 2")
        #expect(report.ignoredColumns == ["created", "lastModified"])
    }
}

/// All that a load may change: every row of the tables it writes, and every index file's bytes.
private struct Snapshot: Equatable {
    let tables: [String]
    let files: [String: Data]

    init(_ test: TestCampaign) throws {
        tables = try test.campaign.read { database in
            try ["profiles", "visitor_links", "indexes", "index_changes", "counters"]
                .flatMap { table in
                    try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map { "\(table) \($0)" }
                }
        }
        var files: [String: Data] = [:]
        for directory in [test.data.indexes, test.data.rejected, test.data.spool] {
            for name in try test.names(in: directory) {
                files["\(directory)/\(name)"] = try Data(contentsOf: URL(filePath: "\(directory)/\(name)"))
            }
        }
        self.files = files
    }
}
