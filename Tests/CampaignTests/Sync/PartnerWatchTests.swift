// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Storage
import Surroundings
import Testing

@testable import Campaign

/// The program watches accounts of every kind.
@Suite(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
struct PartnerWatchTests {
    @Test(arguments: AccountKind.available)
    func `a file that a partner drops is imported without anybody's doing`(_ kind: AccountKind) async throws {
        let test = try TestCampaign(.running)
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        let audience = try test.define("24", "Plain")
        let partner = try await Partner(kind)
        let rules = AccountRules(afterReading: .delete, pollSeconds: 1)
        try test.connect(ExternalAccount.importID, to: partner, rules)
        let program = try ProgramProcess(["sync", "--watch"], data: test.data.path)
        for (moment, id) in [("1486140844000", "A"), ("1486227244000", "B")] {
            try await partner.put("\(id) 24\n", at: "s3_1_14020_full_\(moment).sync")
            let deadline = ContinuousClock.now + .seconds(30)
            while try test.members(audience) != [id], ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try test.members(audience) == [id])
            while try await !partner.names().isEmpty, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await partner.names().isEmpty)
        }
        #expect(program.terminate() == 0)
        #expect(try test.receipts.map(\.state) == [.completed, .completed])
        #expect(try test.receipts.allSatisfy { ($0.usableAfter ?? 60) < 30 })
    }
}
