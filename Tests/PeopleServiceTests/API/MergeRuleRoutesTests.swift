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
