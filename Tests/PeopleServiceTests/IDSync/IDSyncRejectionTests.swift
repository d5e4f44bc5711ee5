// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import Problems
import Storage
import Surroundings
import Testing

@testable import PeopleService

/// Rows and files of ID synchronization that break its rules: each has its reason, and the others count.
@Suite("Rejected rows of ID synchronization")
struct IDSyncRejectionTests {
    @Test(
        "Scenario 34: rows that break the grammar are kept as rejected lines, the others count",
        arguments: [
            ("d1\ta\t", "trailing-tab-or-blank"), ("d1\ta ", "trailing-tab-or-blank"),
            ("d1\t", "trailing-tab-or-blank"), ("", "empty-line"), ("\ta", "empty-id"),
            ("d1\ta\u{0}", "nul-byte"),
        ]
    )
    func ignoredRows(_ row: String, _ reason: String) throws {
        let test = try TestPeople.linkable()
        let receipt = try test.idSync("d2\tb\n\(row)\n", "adobe_id_100_200_1700000001.sync")
        let tally = try #require(receipt.idSync)
        #expect((tally.received, tally.formatErrors, tally.linked) == (2, 1, 1))
        #expect(receipt.counts.sum == 2)
        #expect(receipt.state == .completedWithRejects)
        #expect(receipt.reasons == [Receipt.Reason(state: "malformed", reason: reason, lines: 1)])
        #expect(try test.rejected(receipt) == [["1", "2", "malformed", reason, row]])
        #expect(try !test.knows("100:d1"))
        #expect(try test.partners(of: "100:d2") == ["200:b"])
    }

    @Test("Rejected rows stand in the order of their files, each with its reason, and none that counted")
    func rejectedRows() throws {
        let test = try TestPeople.linkable()
        try test.dataSource(300, .device, form: .visitorID)
        let device = String(repeating: "7", count: 38)
        try test.idSync("d\tout\n", "adobe_id_100_200_1700000000.sync")
        try test.optOut("200:out")
        let long = String(repeating: "i", count: 1_025)
        let rows = [
            "\(device)\ta\tx", "short\tb\ty", "\(device)\tc:d\ty", "\(device)\t\(long)\ty", "",
            "\(device)\tout\ty", "\(device)\t%3a\tout", "\(device)\te\tz ", "bad\tout\tz",
            "\(device)\tf\tw",
        ]
        let receipt = try test.idSync(
            rows.map { $0 + "\n" }.joined(),
            "adobe_id_300_200_201_1700000001.sync"
        )
        #expect(
            try test.rejected(receipt) == [
                ["1", "2", "malformed", "wrong-master-id", rows[1]],
                ["1", "3", "malformed", "forbidden-character", rows[2]],
                ["1", "4", "malformed", "wrong-id-spelling", rows[3]],
                ["1", "5", "malformed", "empty-line", ""],
                ["1", "6", "suppressed", "opted-out", ""],
                ["1", "7", "malformed", "forbidden-character", rows[6]],
                ["1", "8", "malformed", "trailing-tab-or-blank", rows[7]],
                ["1", "9", "suppressed", "opted-out", ""],
            ]
        )
        let tally = try #require(receipt.idSync)
        #expect((tally.linked, tally.formatErrors, tally.invalidIDs, tally.optedOut) == (2, 2, 4, 2))
        #expect(receipt.counts.sum == rows.count)
        #expect(receipt.reasons.map(\.lines).reduce(0, +) == 8)
        let clean = try test.idSync("\(device)\tg\tx\n", "adobe_id_300_200_201_1700000002.sync")
        #expect(clean.rejectedFile == nil)
    }

    @Test(
        "The command prints rejected rows with their places, reasons and texts",
        .enabled(if: ProgramProcess.path != nil)
    )
    func printedRows() throws {
        let test = try TestPeople.linkable()
        let receipt = try test.idSync("d1\ta\nd2\tb \nd3\tc:d\n", "adobe_id_100_200_1700000001.sync")
        let data = test.service.directory.path
        let command = ["people", "receipts", "rejected", receipt.id]
        let text = try ProgramProcess(command, data: data, isHeard: true).finish().output
        #expect(text.contains("trailing-tab-or-blank") && text.contains("no tab or blank behind it"))
        #expect(text.contains("forbidden-character") && text.contains("no colon"))
        let raw = try ProgramProcess(command + ["--raw"], data: data, isHeard: true).finish().output
        #expect(raw == "d2\tb \nd3\tc:d\n")
    }

    @Test(
        "Scenario 34: another number of columns refuses the file",
        arguments: ["d1", "d1\ta\tb", "d1\ta\tb\tc"]
    )
    func columnCounts(_ row: String) throws {
        let test = try TestPeople.linkable()
        let problem = #expect(throws: Problem.self) {
            try test.idSync("d2\tb\n\(row)\n", "adobe_id_100_200_1700000001.sync")
        }
        #expect(problem?.kind == .inboundFileRefused)
        #expect(problem?.summary.contains("Line 2") == true)
        #expect(try !test.knows("100:d2"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: test.service.directory.rejected).isEmpty)
    }

    @Test(
        "The first column is of devices, and all data sources must be there",
        arguments: [
            ("adobe_id_200_100_1700000001.sync", "people.file-refused"),
            ("adobe_id_100_999_1700000001.sync", "people.data-source-unknown"),
            ("adobe_id_999_200_1700000001.sync", "people.data-source-unknown"),
        ]
    )
    func columnsOfNames(_ file: String, _ code: String) throws {
        let test = try TestPeople.linkable()
        let problem = #expect(throws: Problem.self) { try test.idSync("a\tb\n", file) }
        #expect(problem?.kind.code == code)
    }

    @Test("IDs of another form, and declared ones with a colon, are refused and counted")
    func forms() throws {
        let test = try TestPeople.linkable()
        let device = "59767559181262060060278870901087098252"
        let text = "\(device)\ta\n\(device.dropLast())\tb\n\(device)\tc:d\n\(device)\tc%3Ad\n"
        let receipt = try test.idSync(text, "adobe_id_4_200_1700000001.sync")
        let tally = try #require(receipt.idSync)
        #expect((tally.linked, tally.invalidIDs) == (1, 3))
        #expect(try test.partners(of: "4:\(device)") == ["200:a"])
        #expect(try !test.knows("200:b"))
    }

    @Test("A row that names one ID alone links nothing and is rejected, however many columns it has")
    func rowsOfOneID() throws {
        let test = try TestPeople.linkable()
        try test.idSync("d1\ta\n", "adobe_id_100_200_1700000000.sync")
        for (rows, name) in [
            ("d1\td1\nnew\tnew\nd1\td2\n", "adobe_id_100_100_1700000001.sync"),
            ("d1\td1\td1\nd1\td1\td3\n", "adobe_id_100_100_100_1700000002.sync"),
            ("a\ta\nb\tb\na\tc\n", "adobe_id_200_200_1700000003.sync"),
        ] {
            let receipt = try test.idSync(rows, name)
            let tally = try #require(receipt.idSync)
            #expect(tally.linked == 1)
            #expect(tally.formatErrors == tally.received - 1)
            #expect(receipt.counts.sum == tally.received)
            let row = rows.split(separator: "\n")[0]
            #expect(try test.rejected(receipt).first == ["1", "1", "malformed", "same-id", String(row)])
        }
        #expect(try test.partners(of: "100:d1") == ["200:a", "100:d2", "100:d3", "200:c"])
        #expect(try !test.knows("100:new"))
        #expect(try !test.knows("200:b"))
        // The same text in another data source is another ID.
        #expect(try test.idSync("d1\td1\n", "adobe_id_100_200_1700000004.sync").idSync?.linked == 1)
    }

    @Test(
        "A row that is too long is rejected and kept, and the rest of the file counts",
        arguments: [102_401, 1_500_000, 3_000_000]
    )
    func longRows(_ byteCount: Int) throws {
        let test = try TestPeople.linkable()
        let long = "d2\t" + String(repeating: "b", count: byteCount - 3)
        for (end, linked) in [("\nd3\tc\n", 2), ("\n", 1), ("", 1)] {
            let receipt = try test.idSync("d1\ta\n\(long)\(end)", "adobe_id_100_200_1700000001.sync")
            #expect((receipt.idSync?.received, receipt.idSync?.linked) == (linked + 1, linked))
            #expect(receipt.counts.sum == linked + 1)
            let reason = Receipt.Reason(state: "malformed", reason: "line-too-long", lines: 1)
            #expect(receipt.reasons == [reason])
            #expect(try test.rejected(receipt) == [["1", "2", "malformed", "line-too-long", long]])
        }
        #expect(try test.partners(of: "100:d3") == ["200:c"])
        #expect(try !test.knows("100:d2"))
    }
}
