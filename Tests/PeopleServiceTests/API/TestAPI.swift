// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Problems
import Storage
import Testing
import Web

@testable import PeopleService

/// The API of an installation of one test, without a socket, and a token for it.
struct TestAPI {
    /// What came back.
    struct Reply {
        let status: Int
        let headers: HTTPFields
        let body: JSONValue

        /// The code of a problem.
        var code: String? { body["code"].string }
    }

    let people: TestPeople
    let token: String

    init(tokenDays: Int = 1) throws {
        let people = try TestPeople()
        self.people = people
        token = try Self.token(people, days: tokenDays)
        try people.dataSource(77, .crossDevice)
    }

    static func token(_ people: TestPeople, access: APIToken.Access = .write, days: Int = 1) throws -> String
    {
        try people.service.write { database in
            try APITokenStore()
                .create(name: "test", access: access, days: days, people.service.world, in: database).text
        }
    }

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - method: Its method.
    ///   - path: Its path and query.
    ///   - body: JSON.
    ///   - token: Another token; an empty one sends none.
    ///   - type: The media type of the body.
    /// - Returns: The answer.
    /// - Throws: What the database answers.
    @discardableResult
    func call(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String? = nil,
        token: String? = nil,
        type: String = "application/json"
    ) async throws -> Reply {
        let router = PeopleRoutes(people.service, explaining: { $0 as? Problem }).router()
        var headers = HTTPFields()
        let token = token ?? self.token
        if !token.isEmpty { headers[.authorization] = "Bearer \(token)" }
        if body != nil { headers[.contentType] = type }
        let fields = headers
        return try await Application(responder: router.buildResponder()).test(.router) { client in
            try await client.execute(
                uri: path,
                method: method,
                headers: fields,
                body: body.map { ByteBuffer(string: $0) }
            ) { response in
                let data = Data(response.body.readableBytesView)
                let isProblem = response.status.code >= 400 && method != .head
                if isProblem { #expect(response.headers[.contentType] == "application/problem+json") }
                return Reply(
                    status: response.status.code,
                    headers: response.headers,
                    body: data.isEmpty ? .null : try JSONDecoder().decode(JSONValue.self, from: data)
                )
            }
        }
    }

    /// Makes an onboarded trait.
    func trait(_ name: String = "Trait") async throws -> Int {
        try #require(
            await call(.post, "/v1/traits", #"{"name": "\#(name)", "dataSourceId": 77}"#).body["sid"].int
        )
    }

    /// Makes a segment over a trait.
    func segment(_ name: String = "Segment", of trait: Int) async throws -> Int {
        let body = #"{"name": "\#(name)", "dataSourceId": 77, "segmentRule": "\#(trait)T"}"#
        return try #require(await call(.post, "/v1/segments", body).body["sid"].int)
    }
}
