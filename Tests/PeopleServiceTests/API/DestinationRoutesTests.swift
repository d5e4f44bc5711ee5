// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import HTTPTypes
import Storage
import Testing

@testable import PeopleService

@Suite struct DestinationRoutesTests {
    private func system() throws -> TestAPI {
        let api = try TestAPI()
        try api.people.service.write { database in
            try ExternalAccountStore().save(
                ExternalAccount(id: "out", label: "out", settings: .folder(path: api.people.root + "/out")),
                in: database
            )
        }
        return api
    }

    private static let body = """
        {"name": "Campaign", "dataSourceId": 77, "account": "out", "schedule": "14:00",
        "dataExportLabels": ["PII"], "pidAlias": "partner"}
        """

    @Test func `a destination is made, read, paused, found and deleted`() async throws {
        let api = try system()
        let made = try await api.call(.post, "/v1/destinations", Self.body)
        #expect(made.status == 201)
        let number = try #require(made.body["destinationId"].int)
        #expect(made.body["destinationType"] == "S2S")
        #expect(made.body["syncMode"] == "iter")
        #expect(made.body["splitBytes"].int == Destination.defaultPartByteCount)
        #expect(made.body["dataExportLabels"] == ["PII"])
        let path = "/v1/destinations/\(number)"
        #expect(try await api.call(.get, path).body == made.body)
        #expect(try await api.call(.put, path, #"{"status": "INACTIVE"}"#).body["status"] == "INACTIVE")
        #expect(try await api.call(.put, path, #"{"status": "GONE"}"#).status == 400)
        let edited = try await api.call(
            .put,
            path,
            #"{"name": "Mail", "syncMode": "full", "pidAlias": null, "dataExportLabels": null}"#
        ).body
        #expect(edited["name"] == "Mail" && edited["syncMode"] == "full" && edited["status"] == "INACTIVE")
        #expect(edited["pidAlias"] == .null && edited["dataExportLabels"] == [])
        #expect(edited["schedule"] == "14:00" && edited["dataSourceId"] == 77)
        #expect(try await api.call(.put, path, #"{"account": "none"}"#).status == 404)
        #expect(try await api.call(.put, path, #"{"name": "Campaign"}"#).status == 200)
        #expect(try await api.call(.get, "/v1/destinations?search=camp").body.entries.count == 1)
        #expect(try await api.call(.delete, path).status == 204)
        #expect(try await api.call(.put, path, #"{"status": "ACTIVE"}"#).status == 404)
    }

    @Test(arguments: [
        (#"{"name": "A", "dataSourceId": 77, "account": "none"}"#, 404),
        (#"{"name": "A", "dataSourceId": 99, "account": "out"}"#, 404),
        (#"{"name": "", "dataSourceId": 77, "account": "out"}"#, 400),
        (#"{"name": "A", "dataSourceId": 77, "account": "out", "syncMode": "all"}"#, 400),
        (#"{"name": "A", "dataSourceId": 77, "account": "out", "schedule": "25:00"}"#, 400),
        (#"{"name": "A", "dataSourceId": 77, "account": "out", "splitBytes": 1}"#, 400),
        (#"{"name": "A", "dataSourceId": 77, "account": "out", "dataExportLabels": ["X"]}"#, 400),
        (
            #"{"name": "A", "dataSourceId": 77, "account": "out", "template": {"fileName": "<TIMESTAMP>", "content": "<MCID> x"}}"#,
            400
        ),
    ])
    func `a destination that can't be is refused`(body: String, status: Int) async throws {
        #expect(try await system().call(.post, "/v1/destinations", body).status == status)
    }

    @Test func `segments are mapped, changed, listed and taken back`() async throws {
        let api = try system()
        let number = try #require(
            await api.call(.post, "/v1/destinations", Self.body).body["destinationId"].int
        )
        let segment = try await api.segment(of: api.trait())
        let path = "/v1/destinations/\(number)/mappings"
        let body = #"{"sid": \#(segment), "traitAlias": "gold", "startDate": 1795305600000}"#
        let made = try await api.call(.post, path, body)
        #expect(made.status == 201)
        #expect(made.headers[.location] == "\(path)/\(segment)")
        #expect(made.body["traitAlias"] == "gold")
        #expect(made.body["startDate"] == 1_795_305_600_000)
        #expect(made.body["elementName"] == "Segment")
        #expect(made.body["obstacle"] == .null)
        #expect(try await api.call(.post, path, #"{"sid": 1}"#).body["field"] == "sid")
        #expect(try await api.call(.post, "/v1/destinations/99/mappings", body).status == 404)
        #expect(try await api.call(.post, path, body).code == "people.mapping-taken")
        let changed = try await api.call(.put, "\(path)/\(segment)", #"{"sid": \#(segment)}"#)
        #expect(changed.body["traitAlias"] == "gold")
        #expect(changed.body["startDate"] == 1_795_305_600_000)
        let open = #"{"sid": \#(segment), "startDate": null, "endDate": 1795305600000}"#
        let opened = try await api.call(.put, "\(path)/\(segment)", open)
        #expect(opened.body["startDate"] == .null)
        #expect(opened.body["endDate"] == 1_795_305_600_000)
        #expect(try await api.call(.get, path).body.entries.count == 1)
        let whole = try await api.call(
            .get,
            "/v1/destinations?includeMappings=true&containsSegment=\(segment)"
        ).body
        #expect(whole.entries.first?["mappings"].entries.count == 1)
        #expect(try await api.call(.get, "/v1/destinations?containsSegment=1").body == [])
        #expect(try await api.call(.delete, "\(path)/\(segment)").status == 204)
        #expect(try await api.call(.get, "\(path)/\(segment)").status == 404)
        #expect(try await api.call(.put, "\(path)/\(segment)", #"{"sid": \#(segment)}"#).status == 404)
    }

    @Test
    func `what a restriction forbids is refused with the trait and the rule, on mapping and on changing`()
        async throws
    {
        let api = try system()
        let number = try #require(
            await api.call(.post, "/v1/destinations", Self.body).body["destinationId"].int
        )
        let source = """
            {"dataSourceId": 79, "name": "Secret", "idType": "CROSS_DEVICE", "integrationCode": "s",
            "dataExportRestrictions": ["PII"]}
            """
        #expect(try await api.call(.post, "/v1/datasources", source).status == 201)
        let rule = try api.people.mergeRule(.last, .device, sources: [77])
        let secret = try #require(
            await api.call(.post, "/v1/traits", #"{"name": "T", "dataSourceId": 79}"#).body["sid"].int
        )
        let open = try await api.trait()
        func segment(_ trait: Int) -> String {
            #"{"name": "S", "dataSourceId": 77, "segmentRule": "\#(trait)T", "mergeRuleDataSourceId": \#(rule)}"#
        }
        let path = "/v1/destinations/\(number)/mappings"
        let hidden = try #require(await api.call(.post, "/v1/segments", segment(secret)).body["sid"].int)
        let refused = try await api.call(.post, path, #"{"sid": \#(hidden)}"#)
        #expect(refused.status == 403)
        #expect(refused.body["detail"].string?.contains("trait \(secret)") == true)
        let sid = try #require(await api.call(.post, "/v1/segments", segment(open)).body["sid"].int)
        #expect(try await api.call(.post, path, #"{"sid": \#(sid)}"#).status == 201)
        let changed = try await api.call(.put, "/v1/segments/\(sid)", segment(secret))
        #expect(changed.code == "people.restriction-forbids")
        #expect(try await api.call(.get, "/v1/segments/\(sid)").body["segmentRule"].string == "\(open)T")
    }

    @Test func `a mapping through which nothing can leave says so`() async throws {
        let api = try system()
        let number = try #require(
            await api.call(.post, "/v1/destinations", Self.body).body["destinationId"].int
        )
        let rule = try api.people.mergeRule(.none, .device, sources: [])
        let trait = try await api.trait()
        let body =
            #"{"name": "S", "dataSourceId": 77, "segmentRule": "\#(trait)T", "mergeRuleDataSourceId": \#(rule)}"#
        let sid = try #require(await api.call(.post, "/v1/segments", body).body["sid"].int)
        let made = try await api.call(.post, "/v1/destinations/\(number)/mappings", #"{"sid": \#(sid)}"#)
        #expect(made.body["obstacle"].string?.contains("empty") == true)
    }
}
