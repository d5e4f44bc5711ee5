// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Problems
import Storage
import Testing

@testable import Campaign

/// Files that are written as the hub takes them, and the limits of their lines.
@Suite struct ImportInboundTests {
    private static let day1 = 1_486_140_844_000

    private func outbound(_ source: Int, _ mode: String = "full", at moment: Int = day1) -> String {
        "s3_46390_\(source)_\(mode)_\(moment).sync"
    }

    @Test func `what we write ourselves is read: signals add and remove`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\nC\nD\n")
        let audience = try test.define("24", "Plain")
        try test.drop("ftp_dpm_14020_1486140844.sync", "A\td_sid=24\nB\td_sid=24\nC\tic=24\nD\t24:1\n")
        #expect(
            try await test.syncOne().account
                == "completed with rejects 4: matched 2, malformed 1, not requested 1"
        )
        #expect(try test.members(audience) == ["A", "B"])
        try test.drop(
            "ftp_dpm_14020_1486140845.sync",
            "A\td_unsid=24\nB\t24:-1\nC\t\"gender\"=\"f\",d_sid=24\n"
        )
        #expect(try await test.syncOne().account == "completed 3: matched 3")
        #expect(try test.members(audience) == ["C"])
    }

    @Test func `an inbound line with a part that is no signal is rejected whole`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        let audience = try test.define("24", "Plain")
        try test.drop("ftp_dpm_14020_1486140844.sync", "A\td_sid=24,word\nB\td_sid=24\n")
        let receipt = try await test.syncOne()
        #expect(receipt.account == "completed with rejects 2: matched 1, malformed 1")
        #expect(try test.rejected(receipt) == ["1 bad-signal A\td_sid=24,word"])
        #expect(try test.members(audience) == ["B"])
    }

    @Test func `overwriting replaces the segments of the listed people alone`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\nC\n")
        let first = try test.define("24", "Plain")
        let second = try test.define("25", "Plain")
        try test.drop("ftp_dpm_14020_1486140844.sync", "A\td_sid=24\nB\td_sid=24,d_sid=25\nC\td_sid=25\n")
        try await test.syncOne()
        try test.drop("ftp_dpm_14020_1486140845.overwrite", "A\td_sid=25\nC\tic=1\nA\td_sid=24\n")
        let receipt = try await test.syncOne()
        #expect(receipt.account == "completed 3: matched 1, duplicate 1, not requested 1")
        #expect(try test.members(first) == ["A", "B"])
        #expect(try test.members(second) == ["A", "B", "C"])
    }

    @Test func `of three hundred lines of one user the first two hundred count`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        let audience = try test.define("24", "Plain")
        try test.drop(
            "ftp_dpm_14020_1486140844.sync",
            String(repeating: "A\td_sid=24\n", count: 300) + "B\td_sid=24\n"
        )
        #expect(
            try await test.syncOne().account
                == "completed with rejects 301: matched 2, duplicate 199, excess 100"
        )
        #expect(try test.members(audience) == ["A", "B"])
    }

    @Test(arguments: [102_400, 102_401])
    func `a line of 102,400 bytes is read, one byte more is too long`(count: Int) async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        try test.define("24", "Plain")
        var long = "A 24"
        while long.utf8.count < count - 20 { long += ",1234567890" }
        long += "," + String(repeating: "1", count: count - long.utf8.count - 1)
        try test.drop(outbound(14_020), "B 24\n\(long)\n")
        let receipt = try await test.syncOne()
        if count == 102_400 {
            #expect(receipt.account == "completed 2: matched 2")
        } else {
            #expect(receipt.account == "completed with rejects 2: matched 1, malformed 1")
            #expect(receipt.reasons.map(\.reason) == ["line-too-long"])
        }
    }
}
