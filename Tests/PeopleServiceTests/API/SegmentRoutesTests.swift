// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Testing

@testable import PeopleService

@Suite struct SegmentRoutesTests {
    @Test func `a segment is made, read, changed, paused, found and deleted`() async throws {
        let api = try TestAPI()
        let (one, two) = (try await api.trait("One"), try await api.trait("Two"))
        try api.people.onboard(
            "anna\td_sid=\(one)\nbert\td_sid=\(one),d_sid=\(two)\n",
            "ftp_dpm_77_1700000000.sync"
        )
        let body = #"{"name": "S", "dataSourceId": 77, "segmentRule": "\#(one)T"}"#
        let made = try await api.call(.post, "/v1/segments", body)
        #expect(made.status == 201)
        let sid = try #require(made.body["sid"].int)
        #expect(made.headers[.location] == "/v1/segments/\(sid)")
        #expect(made.body["size"] == 2)
        #expect(made.body["status"] == "ACTIVE")
        #expect(made.body["mergeRuleDataSourceId"] == 1)
        #expect(made.body["traitDataSourceIds"] == [77])
        let path = "/v1/segments/\(sid)"
        #expect(try await api.call(.get, path).body == made.body)
        let both = #"{"name": "Both", "dataSourceId": 77, "segmentRule": "\#(one)T and \#(two)T"}"#
        #expect(try await api.call(.put, path, both).body["size"] == 1)
        #expect(
            try await api.call(.get, "/v1/segments?containsTrait=\(two)&status=ACTIVE").body.entries.count
                == 1
        )
        let paused = #"{"name": "S", "dataSourceId": 77, "segmentRule": "\#(one)T", "status": "INACTIVE"}"#
        let changed = try await api.call(.put, path, paused).body
        #expect(changed["status"] == "INACTIVE")
        #expect(changed["size"] == 1)
        #expect(try await api.call(.get, "/v1/segments?containsTrait=\(two)").body == [])
        #expect(try await api.call(.put, path, body).body["size"] == 2)
        #expect(try await api.call(.delete, path).status == 204)
        #expect(try await api.call(.get, path).status == 404)
    }

    @Test func `an estimate counts members by data source and makes nothing`() async throws {
        let api = try TestAPI()
        let trait = try await api.trait()
        try api.people.onboard("anna\td_sid=\(trait)\nbert\td_sid=\(trait)\n", "ftp_dpm_77_1700000000.sync")
        let reply = try await api.call(.post, "/v1/segments/estimate", #"{"segmentRule": "\#(trait)T"}"#)
        #expect(reply.status == 200)
        #expect(reply.body["size"] == 2)
        #expect(reply.body["dataSources"].entries.map { $0["dataSourceId"] } == [77])
        #expect(reply.body["dataSources"].entries.map { $0["size"] } == [2])
        #expect(try await api.call(.get, "/v1/segments").body == [])
    }

    @Test(arguments: [
        (#"{"name": "A", "dataSourceId": 77, "segmentRule": "101T and"}"#, 400, "people.rule-refused"),
        (#"{"name": "A", "dataSourceId": 77, "segmentRule": "999T"}"#, 404, "people.trait-unknown"),
        (
            #"{"name": "A", "dataSourceId": 77, "segmentRule": "101T", "mergeRuleDataSourceId": 9}"#, 404,
            "people.merge-rule-unknown"
        ),
        (#"{"name": "A", "dataSourceId": 99, "segmentRule": "101T"}"#, 404, "people.data-source-unknown"),
        (
            #"{"name": "A", "dataSourceId": 77, "segmentRule": "101T", "folderId": 9}"#, 404,
            "people.folder-unknown"
        ),
        (
            #"{"name": "A", "dataSourceId": 77, "segmentRule": "101T", "status": "PAUSED"}"#, 400,
            "people.segment-refused"
        ),
        (#"{"name": "", "dataSourceId": 77, "segmentRule": "101T"}"#, 400, "people.segment-refused"),
        (
            #"{"name": "A", "dataSourceId": 77, "segmentRule": "frequency([101T]) >= 2"}"#, 400,
            "people.rule-refused"
        ),
    ])
    func `a segment that can't be is refused`(body: String, status: Int, code: String) async throws {
        let api = try TestAPI()
        #expect(try await api.trait() == 101)
        let reply = try await api.call(.post, "/v1/segments", body)
        #expect(reply.status == status)
        #expect(reply.code == code)
        #expect(try await api.call(.get, "/v1/segments").body == [])
    }

    @Test func `the place of a mistake in a rule is told`() async throws {
        let reply = try await TestAPI().call(
            .post,
            "/v1/segments/estimate",
            #"{"segmentRule": "101T nor 5T"}"#
        )
        #expect(reply.body["detail"].string?.contains("column 6") == true)
        #expect(reply.body["field"] == "segmentRule")
    }
}
