// SPDX-License-Identifier: Apache-2.0

import GRDB
import HTTPTypes
import Hummingbird
import Problems
import Storage
import Testing
import Web

@testable import PeopleService

@Suite struct TokenTests {
    @Test func `a request without a token, or with an unknown one, is refused in the words of RFC 6750`()
        async throws
    {
        let api = try TestAPI()
        for token in ["", "tally_unknown", "é"] {
            let reply = try await api.call(.get, "/v1/users/self", token: token)
            #expect(reply.status == 401)
            #expect(reply.headers[.wwwAuthenticate] == #"Bearer error="invalid_token""#)
            #expect(reply.code == "web.token-refused")
        }
    }

    @Test func `a token lasts as long as it was made for`() async throws {
        let api = try TestAPI()
        let long = try TestAPI.token(api.people, days: 3)
        api.people.pass(days: 1)
        #expect(try await api.call(.get, "/v1/users/self").status == 401)
        #expect(try await api.call(.get, "/v1/users/self", token: long).status == 200)
        api.people.pass(days: 2)
        #expect(try await api.call(.get, "/v1/users/self", token: long).status == 401)
    }

    @Test func `a revoked token is refused at once`() async throws {
        let api = try TestAPI()
        #expect(try await api.call(.get, "/v1/users/self").status == 200)
        let revoked = try api.people.service.write { try APITokenStore().revoke("T1", in: $0) }
        #expect(revoked.name == "test")
        #expect(try await api.call(.get, "/v1/users/self").status == 401)
        #expect(throws: Problem.self) {
            try api.people.service.write { try APITokenStore().revoke("T1", in: $0) }
        }
    }

    @Test func `a token for reading changes nothing`() async throws {
        let api = try TestAPI()
        let reader = try TestAPI.token(api.people, access: .read)
        #expect(try await api.call(.get, "/v1/traits", token: reader).status == 200)
        let reply = try await api.call(
            .post,
            "/v1/traits",
            #"{"name": "A", "dataSourceId": 77}"#,
            token: reader
        )
        #expect(reply.status == 403)
        #expect(reply.code == "web.token-read-only")
        #expect(try await api.call(.get, "/v1/traits").body == [])
    }

    @Test func `only a digest of a token is stored`() throws {
        let api = try TestAPI()
        let bytes = try api.people.service.read {
            try String.fetchAll($0, sql: "SELECT hex(digest) || name FROM api_tokens")
        }
        #expect(bytes.count == 1)
        #expect(!bytes[0].contains(api.token.dropFirst(6).uppercased()))
    }

    @Test func `the bearer sees whose the token is`() async throws {
        let reply = try await TestAPI().call(.get, "/v1/users/self/")
        #expect(reply.body["username"] == "test")
        #expect(reply.body["organization"] == "5DC5123F5245B1D20A490D46@AdobeOrg")
        #expect(reply.body["access"] == "write")
    }

    @Test(arguments: [0, 3_651])
    func `a token is made for 1 to 3650 days`(days: Int) throws {
        let people = try TestPeople()
        #expect(throws: Problem.self) { try TestAPI.token(people, days: days) }
    }
}
