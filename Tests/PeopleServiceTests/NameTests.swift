// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Testing

@testable import PeopleService

/// Names that nothing can have.
@Suite("Names")
struct NameTests {
    private static let blank = " \u{00A0}\u{2003} "

    @Test("Blanks alone name nothing, for commands")
    func blankNames() async throws {
        let (test, trait, segment) = try TestPeople.exchanging()
        let name = ["--name", Self.blank]
        func create(_ line: String...) -> [String] { ["create"] + name + line }
        let cases: [([String], String)] = [
            (["segments"] + create("--data-source", "200", "--rule", "\(trait)T"), "segment-refused"),
            (["segments", "edit", "\(segment)"] + name, "segment-refused"),
            (["traits"] + create("--data-source", "200", "--onboarded"), "trait-refused"),
            (["data-sources"] + create("--number", "300", "--id-type", "cookie"), "data-source-refused"),
            (["data-sources", "edit", "200"] + name, "data-source-refused"),
            (
                ["destinations"] + create("--key-data-source", "200", "--account", "out"),
                "destination-refused"
            ),
            (["folders"] + create("--of", "traits"), "folder-refused"),
            (["merge-rules"] + create("--across", "none"), "merge-rule-refused"),
        ]
        for (line, code) in cases {
            let found = await fault { try await test.run(PeopleCommand.self, line) }
            #expect(found == "people.\(code) name", "\(line)")
        }
    }

    @Test(
        "Blanks alone name nothing, for the API",
        arguments: [
            ("/v1/segments/", #""dataSourceId": 77, "segmentRule": "101T""#),
            ("/v1/traits/", #""dataSourceId": 77, "traitType": "ON_BOARDED_TRAIT""#),
            ("/v1/datasources/", #""idType": "COOKIE""#),
            ("/v1/merge-rules", #""across": "none""#), ("/v1/folders/traits", #""parentFolderId": 0"#),
        ]
    )
    func blankNamesOfRequests(path: String, rest: String) async throws {
        let body = #"{"name": "\#(Self.blank)", \#(rest)}"#
        let api = try TestAPI()
        #expect(try await api.trait() == 101)
        #expect(try await api.call(.post, path, body).status == 400)
    }
}
