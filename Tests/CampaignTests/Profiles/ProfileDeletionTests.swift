// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Testing

@testable import Campaign

/// Profiles that are deleted by a value.
@Suite struct ProfileDeletionTests {
    private func count(_ test: TestCampaign) throws -> Int {
        try test.campaign.read { try ProfileStore().count(in: $0) }
    }

    @Test func `a deleted profile is found by nothing, and its key may be used again`() async throws {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId,email\nA,a@example.com\nB,b@example.com\n")
        #expect(try ProfileDeletion(test.campaign).delete("externalId", "A", isPlural: false) == 1)
        #expect(try count(test) == 1)
        let again = await problem {
            _ = try ProfileDeletion(test.campaign).delete("externalId", "A", isPlural: false)
        }
        #expect(again?.kind == .profileUnknown)
        try test.load("externalId,email\nA,new@example.com\n")
        #expect(try count(test) == 2)
    }

    @Test func `several profiles of one value are deleted only when all are meant`() async throws {
        let test = try TestCampaign()
        try test.load("externalId,city\nA,Paris\nB,Paris\nC,Rome\n")
        let refused = await problem {
            _ = try ProfileDeletion(test.campaign).delete("city", "Paris", isPlural: false)
        }
        #expect(refused?.kind == .valueUnsuitable)
        #expect(try count(test) == 3)
        #expect(try ProfileDeletion(test.campaign).delete("city", "Paris", isPlural: true) == 2)
        #expect(try count(test) == 1)
        let empty = await problem {
            _ = try ProfileDeletion(test.campaign).delete("country", "", isPlural: true)
        }
        #expect(empty?.kind == .valueUnsuitable)
    }

    @Test func `a deleted profile leaves the lists that it was in`() async throws {
        let test = try TestCampaign()
        try test.load("externalId,city\nA,Paris\nB,Paris\n")
        let audiences = Audiences(test.campaign)
        let one = try audiences.query(label: "One", filter: "city = \"Paris\"")
        let two = try audiences.query(label: "Two", filter: "externalId is not empty")
        let (list, _) = try audiences.combine(.union, [one.id.rawValue, two.id.rawValue], label: "List")
        #expect(list.count == 2)
        _ = try ProfileDeletion(test.campaign).delete("externalId", "B", isPlural: false)
        #expect(try audiences.current("List").count == 1)
    }
}
