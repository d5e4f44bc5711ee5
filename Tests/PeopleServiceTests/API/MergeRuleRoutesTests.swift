// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Testing

@testable import PeopleService

@Suite struct MergeRuleRoutesTests {
    @Test func `a merge rule is made, read, listed and changed`() async throws {
        let api = try TestAPI()
        let made = try await api.call(
            .post,
            "/v1/merge-rules",
            #"{"name": "All", "across": "all", "dataSourceIds": [77], "dataExportRestrictions": ["PII"]}"#
        )
        #expect(made.status == 201)
        let number = try #require(made.body["mergeRuleId"].int)
        #expect(made.headers[.location] == "/v1/merge-rules/\(number)")
        #expect(made.body["devices"] == "device" && made.body["dataSourceIds"] == [77])
        #expect(try await api.call(.get, "/v1/merge-rules/\(number)").body == made.body)
        #expect(try await api.call(.get, "/v1/merge-rules").body.entries.count == 2)
        let changed = try await api.call(
            .put,
            "/v1/merge-rules/\(number)",
            #"{"name": "Alone", "across": "none", "isDefault": true}"#
        )
        #expect(changed.body["name"] == "Alone" && changed.body["dataSourceIds"] == [])
        #expect(changed.body["isDefault"] == true && changed.body["dataExportRestrictions"] == [])
        #expect(try await api.call(.get, "/v1/merge-rules/1").body["isDefault"] == false)
    }

    @Test func `a merge rule that nothing uses is deleted`() async throws {
        let api = try TestAPI()
        let body = #"{"name": "Alone", "across": "none"}"#
        let number = try #require(try await api.call(.post, "/v1/merge-rules", body).body["mergeRuleId"].int)
        let path = "/v1/merge-rules/\(number)"
        let trait = try await api.trait()
        let segment = try Segments(api.people.service)
            .create(name: "User", dataSource: 77, rule: "\(trait)T", mergeRule: number).sid
        let used = try await api.call(.delete, path)
        #expect(used.status == 409 && used.code == "people.merge-rule-in-use")
        #expect(used.body["detail"].string?.contains("segment \(segment) “User”") == true)
        try Segments(api.people.service).delete(segment)
        #expect(try await api.call(.delete, path).status == 204)
        #expect(try await api.call(.get, path).status == 404)
        #expect(try await api.call(.delete, path).status == 404)
        #expect(try await api.call(.delete, "/v1/merge-rules/1").code == "people.merge-rule-in-use")
    }

    @Test(arguments: [
        (#"{"name": "A", "across": "none", "dataSourceIds": [77]}"#, 400),
        (#"{"name": "A", "across": "last"}"#, 400),
        (#"{"name": "A", "across": "some"}"#, 400),
        (#"{"name": "A", "across": "last", "dataSourceIds": [77, 77]}"#, 400),
        (#"{"name": "A", "across": "last", "dataSourceIds": [99]}"#, 404),
        (#"{"across": "none"}"#, 400),
    ])
    func `a merge rule that can't be is refused`(body: String, status: Int) async throws {
        #expect(try await TestAPI().call(.post, "/v1/merge-rules", body).status == status)
    }
}
