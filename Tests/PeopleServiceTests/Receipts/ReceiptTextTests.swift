// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Storage
import Terminal
import Testing

@testable import PeopleService

/// What people read of a run.
@Suite("Receipts as texts")
struct ReceiptTextTests {
    private func people() throws -> TestPeople {
        let test = try TestPeople()
        try test.addAccounts()
        try test.dataSource(100, .device, form: .lowerCaseUUID)
        try test.dataSource(200, .crossDevice)
        _ = try test.trait(of: 200)
        return test
    }

    private func hints(_ receipt: Receipt, _ test: TestPeople) throws -> [String] {
        let list = try RejectedLineList(of: receipt.id, test.service)
        return try list.reader.lines(try #require(list.path), limit: 0).map(\.hint)
    }

    @Test("A wrong ID is explained by its data source and the form of its IDs")
    func formsOfIDs() throws {
        let test = try people()
        let onboarded = try test.onboard("X\td_sid=101\n", "ftp_dpm_100_200_1700000000.sync")
        let hint = try #require(try hints(onboarded, test).first)
        #expect(hint.hasSuffix("; IDs of data source 100 are hex in lower case, 8-4-4-4-12 digits"))
        let device = "6d92078a-8246-4ba4-ae5b-76104861e7dc"
        let linked = try test.idSync("X\t\(device)\n\(device)\ty\n", "adobe_id_4_100_1700000000.sync")
        let form = "IDs of data source 4 are 38 decimal digits"
        #expect(try hints(linked, test).allSatisfy { $0.hasSuffix(form) })
        let visitor = String(repeating: "7", count: 38)
        let second = try test.idSync("\(visitor)\tX\n", "adobe_id_4_100_1700000001.sync")
        #expect(try hints(second, test).first?.contains("IDs of data source 100 are hex") == true)
    }

    @Test("Links that gave way and rules that were given up stand in the text")
    func rareCounts() throws {
        let test = try people()
        try test.dataSource(101, .device)
        let rows = (1...12).map { "d\tp\($0)\n" }.joined()
        let linked = try test.idSync(rows, "adobe_id_101_200_1700000000.sync")
        #expect(ReceiptReport(linked).text.contains("Evicted links             2"))
        var onboarded = try test.onboard("u\td_sid=101\n", "ftp_dpm_200_1700000000.sync")
        #expect(!ReceiptReport(onboarded).text.contains("Abandoned rules"))
        onboarded.onboarding?.abandonedRules = 3
        #expect(ReceiptReport(onboarded).text.contains("Abandoned rules           3"))
    }

    @Test("Files that name a data source that is not there have rows of their own")
    func unknownSources() async throws {
        let test = try people()
        try test.deliver("u\td_sid=101\n", "ftp_dpm_200_1700000000.sync")
        try test.deliver("u\td_sid=101\n", "ftp_dpm_999_1700000001.sync")
        try test.deliver("u\td_sid=101\n", "ftp_dpm_200_998_1700000002.sync")
        try test.deliver("v\td_sid=101\n", "ftp_dpm_200_1700000003.sync")
        for _ in 1...3 { try await test.sync() }
        let status = try test.service.read {
            try OnboardingStatus(days: 1, before: test.service.world.milliseconds, in: $0)
        }
        #expect(status.rows.map(\.dataSource) == [200, 200, 999])
        #expect(status.rows.map(\.unknownDataSources) == [[], [998], [999]])
        #expect(status.rows.map(\.files) == [2, 1, 1])
        #expect(status.rows.map(\.failed) == [0, 1, 1])
        #expect(status.text.contains("200, no 998"))
        try test.dataSource(999, .crossDevice)
        #expect(try await test.sync().receipts.map(\.state) == [.completedWithRejects])
    }

    @Test("Receipts of ID-sync that are older than some of their counts can be read")
    func olderReceipts() throws {
        let json = """
            {"received":3,"linked":2,"formatErrors":1,"invalidIDs":0,"optedOut":0,"newIDs":4,"evictedLinks":0}
            """
        let tally = try JSONDecoder().decode(IDSyncTally.self, from: Data(json.utf8))
        #expect((tally.received, tally.deviceLinks, tally.notSynced) == (3, 0, 0))
        #expect(tally.counts.sum == 3)
    }
}
