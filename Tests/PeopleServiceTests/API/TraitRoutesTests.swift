// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Testing

@testable import PeopleService

@Suite struct TraitRoutesTests {
    @Test func `a trait is made, read, changed, found and deleted`() async throws {
        let api = try TestAPI()
        let body = #"{"name": "Shoes", "dataSourceId": 77, "traitRule": "product == \"shoe\"", "ttl": 30}"#
        let made = try await api.call(.post, "/v1/traits", body)
        #expect(made.status == 201)
        let sid = try #require(made.body["sid"].int)
        #expect(made.headers[.location] == "/v1/traits/\(sid)")
        #expect(made.body["traitType"] == "RULE_BASED_TRAIT")
        #expect(try await api.call(.get, "/v1/traits/\(sid)").body == made.body)
        let changed = try await api.call(
            .put,
            "/v1/traits/\(sid)",
            #"{"name": "Boots", "dataSourceId": 77, "traitRule": "product == \"boot\""}"#
        )
        #expect(changed.body["name"] == "Boots")
        #expect(changed.body["ttl"] == 120)
        let other = try await api.trait()
        #expect(try await api.call(.get, "/v1/traits/\(other)").body["traitType"] == "ON_BOARDED_TRAIT")
        let found = try await api.call(.get, "/v1/traits?search=BOOT&dataSourceId=77&folderId=0").body
        #expect(found.entries.map { $0["sid"].int } == [sid])
        #expect(try await api.call(.delete, "/v1/traits/\(sid)").status == 204)
        #expect(try await api.call(.delete, "/v1/traits/\(sid)").status == 404)
    }

    @Test(arguments: [
        (#"{"name": "A", "dataSourceId": 77, "traitRule": "a ="}"#, 400, "people.rule-refused"),
        (#"{"name": "A", "dataSourceId": 77, "traitRule": ""}"#, 400, "people.rule-refused"),
        (#"{"name": "A", "dataSourceId": 77, "ttl": 3651}"#, 400, "people.trait-refused"),
        (#"{"name": "A", "dataSourceId": 20914}"#, 400, "people.trait-refused"),
        (#"{"name": "A", "dataSourceId": 78}"#, 404, "people.data-source-unknown"),
        (#"{"name": "A", "dataSourceId": 77, "folderId": 9}"#, 404, "people.folder-unknown"),
    ])
    func `a trait that can't be is refused`(body: String, status: Int, code: String) async throws {
        let api = try TestAPI()
        let reply = try await api.call(.post, "/v1/traits", body)
        #expect(reply.status == status)
        #expect(reply.code == code)
        #expect(try await api.call(.get, "/v1/traits").body == [])
    }

    @Test func `a trait stays with its data source, and onboarded or not`() async throws {
        let api = try TestAPI()
        let sid = try await api.trait()
        for body in [
            #"{"name": "A", "dataSourceId": 4}"#,
            #"{"name": "A", "dataSourceId": 77, "traitRule": "a == \"b\""}"#,
        ] {
            #expect(try await api.call(.put, "/v1/traits/\(sid)", body).code == "people.trait-refused")
        }
    }

    @Test func `a trait that a segment refers to is not deleted`() async throws {
        let api = try TestAPI()
        let sid = try await api.trait()
        let segment = try await api.segment(of: sid)
        let reply = try await api.call(.delete, "/v1/traits/\(sid)")
        #expect(reply.status == 409)
        #expect(reply.body["detail"].string?.contains("\(segment)") == true)
    }

    @Test func `a shorter lifetime takes those out of segments whose time is over`() async throws {
        let api = try TestAPI()
        let sid = try await api.trait()
        let segment = try await api.segment(of: sid)
        try api.people.onboard("anna\td_sid=\(sid)\n", "ftp_dpm_77_1700000000.sync")
        api.people.pass(days: 10)
        let token = try TestAPI.token(api.people)
        #expect(try await api.call(.get, "/v1/segments/\(segment)", token: token).body["size"] == 1)
        let body = #"{"name": "A", "dataSourceId": 77, "ttl": 5}"#
        #expect(try await api.call(.put, "/v1/traits/\(sid)", body, token: token).status == 200)
        #expect(try await api.call(.get, "/v1/segments/\(segment)", token: token).body["size"] == 0)
    }

    @Test func `a folder trait is made, changed and told apart`() async throws {
        let api = try TestAPI()
        let folder = try #require(
            await api.call(.post, "/v1/folders/traits", #"{"name": "F"}"#).body["folderId"].int
        )
        let body = #"{"name": "Sum", "dataSourceId": 77, "ofFolderId": \#(folder)}"#
        let made = try await api.call(.post, "/v1/traits", body)
        #expect(made.status == 201)
        #expect(made.body["traitType"] == "FOLDER_TRAIT" && made.body["ttl"] == 0)
        #expect(made.body["ofFolderId"].int == folder)
        let path = "/v1/traits/\(made.body["sid"].int ?? 0)"
        #expect(try await api.call(.put, path, body).status == 200)
        let other = #"{"name": "Sum", "dataSourceId": 77}"#
        #expect(try await api.call(.put, path, other).code == "people.trait-refused")
        let both = #"{"name": "B", "dataSourceId": 77, "ofFolderId": \#(folder), "traitRule": "ic == 1"}"#
        #expect(try await api.call(.post, "/v1/traits", both).body["field"] == "traitRule")
        for type in ["RULE_BASED_TRAIT", "ALGO_TRAIT", "FOLDER_TRAIT"] {
            let reply = try await api.call(
                .post,
                "/v1/traits",
                #"{"name": "C", "dataSourceId": 77, "traitType": "\#(type)"}"#
            )
            #expect(reply.status == 400)
            #expect(reply.body["field"] == "traitType")
        }
        #expect(try await api.call(.delete, "/v1/folders/traits/\(folder)").code == "people.folder-in-use")
        #expect(try await api.call(.delete, path).status == 204)
    }
}
