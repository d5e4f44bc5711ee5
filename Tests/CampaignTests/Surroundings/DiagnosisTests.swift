// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage
import Terminal
import Testing

@testable import Campaign

@Suite struct DiagnosisTests {
    private func findings(_ test: TestCampaign, of check: String) async throws -> [Finding] {
        try await Diagnosis(test.campaign).run().findings.filter { $0.check == check }
    }

    @Test func `files that wait for more than a day are a warning`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.define("24", "Plain")
        try test.drop("s3_1_14020_full_1486140844-2.sync", "A 24\n")
        _ = try await test.sync()
        #expect(try await findings(test, of: "files").map(\.verdict) == [.ok])
        test.pass(seconds: 86_401)
        let late = try await findings(test, of: "files")
        #expect(late.map(\.verdict) == [.warning])
        #expect(late.first?.finding == "1 waiting, 0 refused; 1 wait for more than 24 hours")
        #expect(late.first?.fix?.contains("tallystick sync") == true)
    }

    @Test func `refused files are a warning that names the receipt, until they come again`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\n")
        try test.define("24", "Plain")
        let name = "s3_1_14020_full_1486140844000.sync"
        try test.drop(name, "")
        let receipt = try await test.syncOne()
        let refused = try await findings(test, of: "files")
        #expect(refused.map(\.verdict) == [.warning])
        #expect(refused.first?.finding.hasPrefix("0 waiting, 1 refused") == true)
        #expect(refused.first?.fix?.contains("tallystick receipts show \(receipt.id)") == true)
        try test.drop(name, "A 24\n", age: 5)
        try await test.syncOne()
        #expect(try await findings(test, of: "files").map(\.finding) == ["0 waiting, 0 refused"])
        // An older file that came too late is refused too, and needs nobody's attention.
        try test.drop("s3_1_14020_full_1486054444000.sync", "A 24\n")
        _ = try await test.sync()
        #expect(try await findings(test, of: "files").map(\.verdict) == [.ok])
    }

    @Test func `an account that can't be reached is named once`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try FileManager.default.removeItem(atPath: test.inbox)
        let report = try await test.sync()
        #expect(
            report.text.contains("account    importSharedAudience: The folder of the account is not there")
        )
        #expect(!report.text.contains("External account importSharedAudience"))
    }
}
