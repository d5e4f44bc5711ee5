// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import Testing
import Web

@testable import PeopleService

@Suite struct ConventionTests {
    @Test func `without page parameters a list is a bare array, with them a page`() async throws {
        let api = try TestAPI()
        for name in ["b", "A", "c_1"] { _ = try await api.trait(name) }
        let all = try await api.call(.get, "/v1/traits/").body
        #expect(all.entries.map { $0["name"].string } == ["b", "A", "c_1"])
        let page = try await api.call(.get, "/v1/traits?page=1&pageSize=2&sortBy=name").body
        #expect(page["list"].entries.map { $0["name"].string } == ["c_1"])
        #expect(page["total"] == 3)
        #expect(page["page"] == 1)
        #expect(page["pageSize"] == 2)
        #expect(try await api.call(.get, "/v1/traits?page=0").body["pageSize"] == 10)
        let descending = try await api.call(.get, "/v1/traits?sortBy=sid&descending=true").body
        #expect(descending.entries.map { $0["name"].string } == ["c_1", "A", "b"])
    }

    @Test(arguments: [
        ("a", ["A"]), ("%5F", ["c_1"]), ("_", ["c_1"]), ("%25", []), ("c+1", []), ("nobody", []),
        ("%C3%BCn%C3%8F", ["Ünïcode"]), ("101", ["b"]),
    ])
    func `search looks into every field, in any case, and takes wildcards for themselves`(
        search: String,
        found: [String]
    ) async throws {
        let api = try TestAPI()
        for name in ["b", "A", "c_1", "Ünïcode"] { _ = try await api.trait(name) }
        let list = try await api.call(.get, "/v1/traits?search=\(search)").body
        #expect(list.entries.compactMap { $0["name"].string } == found)
    }

    @Test(arguments: [
        "page=-1", "page=x", "pageSize=0", "pageSize=1001", "sortBy=rule", "descending=1", "dataSourceId=x",
        "search=\(String(repeating: "a", count: 256))",
    ])
    func `a parameter that can't be used is named`(query: String) async throws {
        let reply = try await TestAPI().call(.get, "/v1/traits?\(query)")
        #expect(reply.status == 400)
        #expect(reply.code == "web.request-refused")
        #expect(reply.body["field"].string == query.split(separator: "=").first.map(String.init))
    }

    @Test(
        arguments: [
            ("", "web.body-refused", nil), ("[]", "web.body-refused", nil),
            (#"{"name": 1, "dataSourceId": 77}"#, "web.body-refused", "name"),
            (#"{"dataSourceId": 77}"#, "web.body-refused", "name"),
            (#"{"name": "A"}"#, "web.body-refused", "dataSourceId"),
            (#"{"name": null, "dataSourceId": 77}"#, "web.body-refused", "name"),
            (#"{"name": "", "dataSourceId": 77}"#, "people.trait-refused", "name"),
            (#"{"name": "a\u0000b", "dataSourceId": 77}"#, "people.trait-refused", "name"),
            (
                #"{"name": "A", "dataSourceId": 77, "integrationCode": ""}"#, "people.trait-refused",
                "integrationCode"
            ),
        ] as [(String, String, String?)]
    )
    func `what is wrong with a body is named, and its values are not`(
        body: String,
        code: String,
        field: String?
    ) async throws {
        let reply = try await TestAPI().call(.post, "/v1/traits", body)
        #expect(reply.status == 400)
        #expect(reply.code == code)
        #expect(reply.body["field"].string == field)
    }

    @Test func `a body that is too large, or something else than JSON, is refused`() async throws {
        let api = try TestAPI()
        let large = #"{"name": "\#(String(repeating: "a", count: Visit.largestBody))", "dataSourceId": 77}"#
        #expect(try await api.call(.post, "/v1/traits", large).status == 413)
        let form = try await api.call(
            .post,
            "/v1/traits",
            "name=A",
            type: "application/x-www-form-urlencoded"
        )
        #expect(form.status == 415)
    }

    @Test
    func `a path that isn't there, a number that is none and a method that it doesn't know are told apart`()
        async throws
    {
        let api = try TestAPI()
        #expect(try await api.call(.get, "/v1/nothing").code == "web.path-unknown")
        #expect(try await api.call(.get, "/v1/traits/12").code == "people.trait-unknown")
        #expect(try await api.call(.get, "/v1/traits/x").code == "web.request-refused")
        let reply = try await api.call(.patch, "/v1/traits/12")
        #expect(reply.status == 405)
        #expect(reply.headers[.allow] == "DELETE, GET, HEAD, PUT")
    }

    @Test func `health needs no token`() async throws {
        #expect(try await TestAPI().call(.get, "/health", token: "").body["status"] == "ok")
    }

    @Test func `the description has exactly the routes that there are`() throws {
        let people = try TestPeople()
        let routes = PeopleRoutes(people.service, explaining: { _ in nil }).routes().routes
        let there = Set(routes.map { "\($0.method.rawValue.lowercased()) \($0.path)" })
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/api/people.yaml")
        var described: Set<String> = []
        var path = ""
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if let match = line.wholeMatch(of: /\ \ (\/[^:]*):/) { path = String(match.1) }
            if let match = line.wholeMatch(of: /\ {4}(get|post|put|delete):/) {
                described.insert("\(match.1) \(path)")
            }
        }
        #expect(described.subtracting(there).sorted() == [])
        #expect(there.subtracting(described).sorted() == [])
    }
}
