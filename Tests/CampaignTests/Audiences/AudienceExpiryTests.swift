// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Testing

@testable import Campaign

@Suite struct AudienceExpiryTests {
    @Test func `from its day on an audience is found by no command, before any sync`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        let audiences = Audiences(test.campaign)
        let gone = try audiences.query(
            label: "Gone",
            filter: "externalId = \"A\"",
            expires: "2017-02-06"
        )
        let kept = try audiences.query(label: "Kept", filter: "externalId = \"B\"")
        #expect(try audiences.members(of: "Gone", limit: 0).count == 1)
        test.pass(seconds: 86_400)
        let later = Audiences(test.campaign)
        let source = SharedDataSource.ID("Plain")
        let uses: [() throws -> Void] = [
            { _ = try later.members(of: "Gone", limit: 0) },
            { _ = try later.current(gone.id.rawValue) },
            { _ = try later.export(gone.id.rawValue, to: "\(test.root)/gone.csv") },
            { _ = try later.combine(.union, [kept.id.rawValue, gone.id.rawValue], label: "Both") },
            {
                _ = try Shares(test.campaign).preview("Gone", into: .number(7), source, isReplacing: false)
            },
        ]
        for use in uses {
            let refusal = await problem { try use() }
            #expect(refusal?.kind.code == "audiences.unknown")
        }
        let listed = try test.campaign.read { try AudienceStore(test.campaign).list(limit: 10, in: $0) }
        #expect(listed.map(\.id) == [kept.id])
        #expect(try later.members(of: "Kept", limit: 0).count == 1)
    }
}
