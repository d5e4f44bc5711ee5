// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Storage
import Testing

@testable import PeopleService

@Suite struct DataSourceRoutesTests {
    private static let body = """
        {"dataSourceId": 78, "name": "CRM", "idType": "CROSS_DEVICE", "integrationCode": "crm",
        "dataExportRestrictions": ["PII"], "customerProfileDataRetention": 62208000}
        """

    @Test func `a data source is made, read, changed and found`() async throws {
        let api = try TestAPI()
        let made = try await api.call(.post, "/v1/datasources/", Self.body)
        #expect(made.status == 201)
        #expect(made.headers[.location] == "/v1/datasources/78")
        let read = try await api.call(.get, "/v1/datasources/78")
        #expect(read.body == made.body)
        #expect(read.body["idType"] == "CROSS_DEVICE")
        #expect(read.body["subIdType"] == "CROSS_DEVICE_PERSON")
        #expect(read.body["dataExportRestrictions"] == ["PII"])
        #expect(read.body["customerProfileDataRetention"] == 62_208_000)
        #expect(read.body["createTime"].int == Int(TestPeople.start))
        let changed = try await api.call(
            .put,
            "/v1/datasources/78",
            #"{"name": "Base", "integrationCode": "crm"}"#
        )
        #expect(changed.status == 200)
        #expect(changed.body["name"] == "Base")
        #expect(changed.body["dataExportRestrictions"] == [])
        // What is left out gets its default; 0 keeps IDs for ever.
        #expect(changed.body["customerProfileDataRetention"] == 62_208_000)
        let household = #"""
            {"name": "Base", "integrationCode": "crm", "customerProfileDataRetention": 0,
             "subIdType": "CROSS_DEVICE_HOUSEHOLD"}
            """#
        let kept = try await api.call(.put, "/v1/datasources/78", household)
        #expect(kept.body["customerProfileDataRetention"] == .null)
        #expect(kept.body["subIdType"] == "CROSS_DEVICE_HOUSEHOLD")
        #expect(try await api.call(.get, "/v1/datasources/78").body == kept.body)
        let list = try await api.call(.get, "/v1/datasources?integrationCode=crm").body
        #expect(list.entries.map { $0["dataSourceId"] } == [78])
    }

    @Test func `a data source without a number gets the next free one, and the first merge rule follows it`()
        async throws
    {
        let api = try TestAPI()
        for number in 2_000_000...2_000_001 {
            let body = #"{"name": "S\#(number)", "idType": "CROSS_DEVICE", "integrationCode": "s\#(number)"}"#
            #expect(try await api.call(.post, "/v1/datasources", body).body["dataSourceId"].int == number)
        }
        let rule = try api.people.service.read { try MergeRuleStore().defaultRule(in: $0) }
        #expect(rule.sources == [77, 2_000_000, 2_000_001])
    }

    @Test(
        arguments: [
            (
                #"{"dataSourceId": 77, "name": "A", "idType": "COOKIE"}"#, 409, "people.data-source-taken",
                "dataSourceId"
            ),
            (#"{"name": "Source 77", "idType": "COOKIE"}"#, 409, "people.data-source-taken", "name"),
            (
                #"{"name": "A", "idType": "COOKIE", "integrationCode": "code77"}"#, 409,
                "people.data-source-taken", "integrationCode"
            ),
            (#"{"name": "A", "idType": "COOKIES"}"#, 400, "people.data-source-refused", "idType"),
            (#"{"name": "A"}"#, 400, "people.data-source-refused", "idType"),
            (
                #"{"name": "A", "idType": "COOKIE", "subIdType": "CROSS_DEVICE_PERSON"}"#, 400,
                "people.data-source-refused", "subIdType"
            ),
            (
                #"{"name": "A", "idType": "CROSS_DEVICE"}"#, 400, "people.data-source-refused",
                "integrationCode"
            ),
            (
                #"{"name": "A", "idType": "COOKIE", "dataExportRestrictions": ["P"]}"#, 400,
                "people.data-source-refused", "dataExportRestrictions"
            ),
            (
                #"{"name": "A", "idType": "COOKIE", "idSpelling": "x"}"#, 400, "people.data-source-refused",
                "idSpelling"
            ),
            (
                #"{"name": "A", "idType": "CROSS_DEVICE", "integrationCode": "a", "customerProfileDataRetention": 86401}"#,
                400, "people.data-source-refused", "customerProfileDataRetention"
            ),
            (
                #"{"name": "A", "idType": "COOKIE", "customNamespaceId": 12345}"#, 404,
                "people.data-source-unknown", nil
            ),
        ] as [(String, Int, String, String?)]
    )
    func `a data source that can't be is refused`(body: String, status: Int, code: String, field: String?)
        async throws
    {
        let reply = try await TestAPI().call(.post, "/v1/datasources", body)
        #expect(reply.status == status)
        #expect(reply.code == code)
        #expect(reply.body["field"].string == field)
    }

    @Test func `data sources of all the world, and what IDs stand for, stay as they are`() async throws {
        let api = try TestAPI()
        #expect(try await api.call(.put, "/v1/datasources/20914", #"{"name": "A"}"#).status == 400)
        let body = #"{"name": "A", "idType": "COOKIE", "integrationCode": "c"}"#
        #expect(try await api.call(.put, "/v1/datasources/77", body).body["field"] == "idType")
        #expect(try await api.call(.put, "/v1/datasources/999", #"{"name": "A"}"#).status == 404)
    }

    @Test func `one that nothing uses is deleted`() async throws {
        let api = try TestAPI()
        let body = #"{"dataSourceId": 79, "name": "Other", "idType": "COOKIE"}"#
        #expect(try await api.call(.post, "/v1/datasources", body).status == 201)
        #expect(try await api.call(.delete, "/v1/datasources/79").status == 204)
        #expect(try await api.call(.delete, "/v1/datasources/79").status == 404)
        #expect(try await api.call(.delete, "/v1/datasources/77").code == "people.data-source-in-use")
        #expect(try await api.call(.delete, "/v1/datasources/4").code == "people.data-source-refused")
    }
}
