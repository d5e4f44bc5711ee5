// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Testing

@testable import PeopleService

@Suite struct AudienceRoutesTests {
    @Test func `an audience to share into is a trait and a segment over it`() async throws {
        let api = try TestAPI()
        let made = try await api.call(.post, "/v1/audiences", #"{"name": "Gold", "dataSourceId": 77}"#)
        #expect(made.status == 201)
        let (trait, segment) = (try #require(made.body["traitId"].int), try #require(made.body["id"].int))
        #expect(made.headers[.location] == "/v1/audiences/\(segment)")
        try api.people.onboard("anna\td_sid=\(trait)\n", "ftp_dpm_77_1700000000.sync")
        let page = try await api.call(.get, "/v1/audiences?page=0&search=gold").body
        let entry = try #require(page["list"].entries.first)
        #expect(entry["size"] == 1)
        #expect(entry["active"] == true)
        #expect(entry["source"] == "Source 77")
        #expect(entry["modified"].int == Int(TestPeople.start))
    }

    @Test func `a name is taken once for each data source`() async throws {
        let api = try TestAPI()
        let body = #"{"name": "Gold", "dataSourceId": 77}"#
        #expect(try await api.call(.post, "/v1/audiences", body).status == 201)
        #expect(try await api.call(.post, "/v1/audiences", body).code == "people.audience-taken")
        #expect(try await api.call(.get, "/v1/traits").body.entries.count == 1)
        #expect(
            try await api.call(.post, "/v1/audiences", #"{"name": "G", "dataSourceId": 9}"#).status == 404
        )
        #expect(try await api.call(.get, "/v1/audiences/9").status == 404)
    }

    @Test func `nothing can be shared into a segment made by a rule`() async throws {
        let api = try TestAPI()
        let (one, two) = (try await api.trait("One"), try await api.trait("Two"))
        let body = #"{"name": "S", "dataSourceId": 77, "segmentRule": "\#(one)T or \#(two)T"}"#
        _ = try await api.call(.post, "/v1/segments", body)
        #expect(try await api.call(.get, "/v1/audiences").body.entries.map { $0["traitId"] } == [.null])
    }
}
