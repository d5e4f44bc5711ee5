// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Testing

@testable import PeopleService

@Suite struct FolderRoutesTests {
    private func make(_ api: TestAPI, _ name: String, in parent: Int = 0) async throws -> TestAPI.Reply {
        try await api.call(
            .post,
            "/v1/folders/traits",
            #"{"name": "\#(name)", "parentFolderId": \#(parent)}"#
        )
    }

    @Test func `folders are made, moved, listed with their paths and deleted`() async throws {
        let api = try TestAPI()
        let one = try #require(await make(api, "One").body["folderId"].int)
        let two = try #require(await make(api, "Two", in: one).body["folderId"].int)
        #expect(try await api.call(.get, "/v1/folders/traits/\(two)").body["path"] == "/One/Two")
        #expect(try await api.call(.get, "/v1/folders/segments").body == [])
        let moved = try await api.call(.put, "/v1/folders/traits/\(two)", #"{"name": "Three"}"#)
        #expect(moved.body["path"] == "/Three")
        #expect(moved.body["parentFolderId"] == 0)
        #expect(try await api.call(.delete, "/v1/folders/traits/\(two)").status == 204)
        #expect(try await api.call(.get, "/v1/folders/traits").body.entries.count == 1)
    }

    @Test func `folders lie in no circle, at most five deep, and no two have one name at one place`()
        async throws
    {
        let api = try TestAPI()
        var folders: [Int] = []
        for depth in 1...5 {
            folders.append(
                try #require(await make(api, "F\(depth)", in: folders.last ?? 0).body["folderId"].int)
            )
        }
        #expect(try await make(api, "F6", in: folders[4]).code == "people.folder-refused")
        let circle = try await api.call(
            .put,
            "/v1/folders/traits/\(folders[0])",
            #"{"name": "F1", "parentFolderId": \#(folders[2])}"#
        )
        #expect(circle.code == "people.folder-refused")
        #expect(try await make(api, "F1").status == 409)
        #expect(try await make(api, "F2", in: folders[0]).status == 409)
        #expect(try await make(api, "A", in: 999).status == 404)
        let other = try #require(await make(api, "Other").body["folderId"].int)
        let deep = try await api.call(
            .put,
            "/v1/folders/traits/\(folders[0])",
            #"{"name": "F1", "parentFolderId": \#(other)}"#
        )
        #expect(deep.code == "people.folder-refused")
    }

    @Test func `a folder in which something lies is not deleted`() async throws {
        let api = try TestAPI()
        let folder = try #require(await make(api, "One").body["folderId"].int)
        let body = #"{"name": "T", "dataSourceId": 77, "folderId": \#(folder)}"#
        #expect(try await api.call(.post, "/v1/traits", body).body["folderId"].int == folder)
        #expect(try await api.call(.delete, "/v1/folders/traits/\(folder)").code == "people.folder-in-use")
        #expect(try await api.call(.get, "/v1/traits?folderId=\(folder)").body.entries.count == 1)
    }
}
