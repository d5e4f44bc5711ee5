// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Problems
import Storage
import Terminal
import Testing

@testable import PeopleService

@Suite struct PrivacyCommandTests {
    private func run(
        _ test: TestPeople,
        _ command: any AsyncParsableCommand.Type,
        _ line: String...
    ) async throws {
        var parsed = try command.parseAsRoot(line + ["--json", "--data", test.service.directory.path])
        if var command = parsed as? any AsyncParsableCommand {
            try await command.run()
        } else {
            try parsed.run()
        }
    }

    @Test func `opt-out takes out and --undo brings back`() async throws {
        let test = try TestPeople()
        _ = try test.household()
        try await run(test, OptOutCommand.self, "code200:ann")
        #expect(try test.isOut(100, "d1") == [true])
        try await run(test, OptOutCommand.self, "200:ann", "--undo")
        #expect(try test.isOut(100, "d1") == [false])
    }

    @Test func `delete asks for --yes, and what nobody has fails`() async throws {
        let test = try TestPeople()
        _ = try test.household()
        try await run(test, AccessCommand.self, "200:ann")
        try await run(test, DeleteCommand.self, "200:ann")
        #expect(try test.isOut(200, "ann") == [false])
        try await run(test, DeleteCommand.self, "200:ann", "--yes")
        #expect(try test.isOut(200, "ann") == [true])
        await #expect(throws: CommandExit.failed) { try await run(test, AccessCommand.self, "200:nobody") }
        await #expect(throws: CommandExit.failed) { try await run(test, DeleteCommand.self, "200:nobody") }
        await #expect(throws: CommandExit.failed) {
            try await run(test, DeleteCommand.self, "200:nobody", "--yes")
        }
    }

    @Test func `reports are for people and for programs`() throws {
        let test = try TestPeople()
        let (trait, segment) = try test.household()
        try test.realize(trait, ["ann"], of: 200)
        let requests = PrivacyRequests(test.service)
        #expect(
            try requests.access("200:ann").text.hasPrefix(
                """
                200:ann  Source 200, cross-device
                  last seen 2026-11-21
                  trait \(trait) Trait \(trait): 2026-11-21
                  segment \(segment) S
                  linked with 100:d1, authenticated, 2026-11-21T12:00:00Z
                """
            )
        )
        let preview = try requests.preview("200:ann")
        #expect(
            preview.text == """
                would delete 3 IDs (2 linked devices), 1 traits, 2 segment memberships, 3 links; \
                nothing was changed, --yes deletes
                """
        )
        #expect(try JSONText.encode(preview).contains("\"dryRun\" : true"))
        #expect(try JSONText.encode(requests.access("200:nobody")).contains("\"result\" : \"not found\""))
    }
}
