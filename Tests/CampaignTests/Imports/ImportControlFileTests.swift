// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Problems
import Storage
import Terminal
import Testing
import Transfer

@testable import Campaign

/// What a control file says of its set, and when it is believed.
@Suite struct ImportControlFileTests {
    private func makeTest(destination: Int? = nil) async throws -> (test: TestCampaign, audience: String) {
        let test = try TestCampaign()
        try await test.makePlain(destination: destination)
        try test.load("externalId\n" + ["A", "B", "C", "D", "E"].joined(separator: "\n"))
        return (test, try test.define("24", "Plain"))
    }

    @Test func `a control file that comes after its data changes nothing any more`() async throws {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_iter_1486140844000.sync", "A 24\n")
        _ = try await test.sync()
        try test.drop("s3_1_14020_iter_1486140845000.sync", "A  24\n")
        _ = try await test.sync()
        try test.drop("s3_1_14020_iter_1486140844000.info", "{}")
        _ = try await test.sync()
        #expect(try test.members(audience).isEmpty)
        #expect(try test.receipts.count == 2)
    }

    @Test func `a control file that comes first makes its files wait, then lets them in`() async throws {
        let (test, audience) = try await makeTest()
        let files = [
            (name: "s3_1_14020_full_1486140844000.sync.gz", bytes: TestFiles.gzip("A 24\nB 24\n"), lines: 2),
            (name: "s3_1_14020_full_1486140844000001.sync.gz", bytes: TestFiles.gzip("\nC 24\n"), lines: 2),
        ]
        try test.drop("s3_1_14020_full_1486140844000.info", TestFiles.control(files))
        #expect(try await test.sync().waiting.map(\.reason) == ["Only the control file has arrived."])
        try test.drop(files[0].name, files[0].bytes)
        let reasons = try await test.sync().waiting.map(\.reason)
        #expect(reasons == ["1 of 2 parts are missing, the first is \(files[1].name)."])
        try test.drop(files[1].name, Array(files[1].bytes.dropLast(3)))
        #expect(try await test.sync().waiting.first?.reason.contains("is still arriving") == true)
        #expect(try test.members(audience).isEmpty)
        try test.drop(files[1].name, files[1].bytes, age: 30)
        #expect(try await test.syncOne().account == "completed with rejects 4: matched 3, malformed 1")
        #expect(try test.members(audience) == ["A", "B", "C"])
    }

    /// What a control file may say wrongly.
    enum Disagreement: CaseIterable {
        case md5
        case size
        case lines
        case name
        case totals
        case junk
    }

    @Test(arguments: Disagreement.allCases)
    func `a control file that disagrees refuses the whole set, once`(disagreement: Disagreement) async throws
    {
        let (test, audience) = try await makeTest()
        try test.drop("s3_1_14020_full_1486054444000.sync", "E 24\n")
        try await test.syncOne()
        let name = "s3_1_14020_full_1486140844000.sync"
        let bytes = Array("A 24\nB 24\n".utf8)
        let control: String
        switch disagreement {
        case .md5: control = try TestFiles.control([(name, bytes, 2)], md5: String(repeating: "0", count: 32))
        case .size: control = try TestFiles.control([(name, bytes.dropLast(1), 2)])
        case .lines: control = try TestFiles.control([(name, bytes, 3)])
        case .name:
            control = try TestFiles.control([(name, bytes, 2)])
            try test.drop("s3_1_14020_full_1486140844000001.sync", "C 24\n")
        case .totals:
            control = try TestFiles.control([(name, bytes, 2)])
                .replacing("\"TotalNumberLines\":2", with: "\"TotalNumberLines\":7")
        case .junk: control = "{ \"Files\": ["
        }
        try test.drop(name, bytes)
        try test.drop("s3_1_14020_full_1486140844000.info", control)
        let receipt = try await test.syncOne()
        #expect(receipt.state == .failed)
        #expect(receipt.code == "imports.control-file-disagrees")
        #expect(try test.members(audience) == ["E"])
        #expect(try await test.sync().receipts.isEmpty)
        #expect(try test.names(in: test.data.rejected).isEmpty)
        // Sent again under the same names, it is read.
        try test.drop(name, bytes, age: 10)
        try? FileManager.default.removeItem(atPath: "\(test.inbox)/s3_1_14020_full_1486140844000001.sync")
        try test.drop("s3_1_14020_full_1486140844000.info", TestFiles.control([(name, bytes, 2)]), age: 10)
        #expect(try await test.syncOne().account == "completed 2: matched 2")
        #expect(try test.members(audience) == ["A", "B"])
    }

    @Test(arguments: [
        ("", "is empty"), ("\n{ \"Files\": [", "line 2, column "),
        ("{\"Files\":[],\"Totals\":{\"TotalNumberLines\":7}}", "say 7"),
    ])
    func `a control file that can't be right is named itself`(text: String, words: String) async throws {
        let (test, _) = try await makeTest()
        try test.drop("s3_1_14020_full_1486140844000.sync", "A 24\n")
        try test.drop("s3_1_14020_full_1486140844000.info", text)
        let receipt = try await test.syncOne()
        #expect(receipt.code == "imports.control-file-disagrees")
        #expect(receipt.failure?.summary.contains("s3_1_14020_full_1486140844000.info") == true)
        #expect(receipt.failure?.summary.contains(words) == true)
    }

    // Files that are known, old or somebody else's
}
