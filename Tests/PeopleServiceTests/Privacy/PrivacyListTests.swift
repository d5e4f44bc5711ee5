// SPDX-License-Identifier: Apache-2.0

import Problems
import Storage
import Terminal
import Testing

@testable import PeopleService

@Suite struct PrivacyListTests {
    /// An installation whose destination got three people, of whom one is to be deleted while it is paused.
    private func system() async throws -> (test: TestPeople, destination: Int) {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200)
        _ = try Destinations(test.service).map(segment, to: number)
        let lines = ["ann", "bob", "cleo"].map { "\($0)\td_sid=\(trait)\n" }.joined()
        try test.deliver(lines, "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        _ = try Destinations(test.service).update(number) { $0.isPaused = true }
        _ = try PrivacyRequests(test.service).delete("200:ann")
        return (test, number)
    }

    private func overdue(_ test: TestPeople) throws -> [OverdueDeletions.Entry] {
        try test.service.read { try OverdueDeletions(at: test.service.world.milliseconds, in: $0) }.entries
    }

    @Test func `a deletion is overdue after 30 days, and says what is in its way`() async throws {
        let (test, number) = try await system()
        #expect(try overdue(test).isEmpty)
        test.pass(days: 30)
        #expect(try overdue(test).isEmpty)
        #expect(try await test.sync().waiting.isEmpty)
        test.pass(hours: 25)
        let late = try #require(try overdue(test).first)
        let reason = "destination \(number) “Destination \(number)” has 1 of the IDs and is paused"
        #expect(late.request.number == 1 && late.days == 31 && late.reasons == [reason])
        let waiting = try await test.sync().waiting
        #expect(waiting.map(\.file) == ["privacy request 1"])
        #expect(waiting.first?.reason.hasSuffix(reason) == true)
        let finding = try #require(
            try await PeopleDiagnosis(test.service).run().findings.first { $0.check == "deletion 1" }
        )
        #expect(finding.verdict == .warning)
        #expect(finding.finding == "waits for 31 days: \(reason)")
        _ = try Destinations(test.service).update(number) { $0.isPaused = false }
        try await test.sync()
        #expect(try overdue(test).isEmpty)
        let check = try await PeopleDiagnosis(test.service).run().findings.last
        #expect(check?.check == "deletions" && check?.finding == "none waits")
    }

    @Test func `the reason follows what is in the way`() async throws {
        let (test, number) = try await system()
        func reason() throws -> String {
            try test.service.read { database in
                try DeletionObstacles(in: database)
                    .reasons(for: PrivacyRequestStore().waiting(1, in: database))
                    .joined()
            }
        }
        func change(_ body: (inout Destination) -> Void) throws {
            _ = try Destinations(test.service).update(number, body)
        }
        #expect(try reason().hasSuffix("and is paused"))
        try change {
            $0.isPaused = false
            $0.schedule = .onDemand
        }
        #expect(try reason().contains("on demand only"))
        try change { $0.schedule = .daily(minute: 840) }
        #expect(try reason().hasSuffix("every day at 14:00 UTC"))
        try change { $0.schedule = .onChange }
        #expect(try reason().hasSuffix("by the next sync"))
        try Destinations(test.service).delete(number)
        #expect(try reason() == "texts are wiped by the next sync")
    }

    @Test func `requests are listed newest first, by kind and state, and hold no ID`() async throws {
        let (test, _) = try await system()
        _ = try OptOuts(test.service).optOut("200:bob")
        _ = try PrivacyRequests(test.service).access("200:nobody")
        let store = PrivacyRequestStore()
        func numbers(_ kind: PrivacyRequest.Kind?, _ state: PrivacyRequest.State?) throws -> [Int] {
            try test.service.read { try store.list(limit: 10, before: .max, kind, state, in: $0) }.map(
                \.number
            )
        }
        #expect(try numbers(nil, nil) == [3, 2, 1])
        #expect(try numbers(.delete, nil) == [1])
        #expect(try numbers(nil, .notFound) == [3])
        #expect(try numbers(.optOut, .waiting) == [])
        try await test.run(PrivacyCommand.self, "list", "--state", "waiting")
        let request = try #require(try test.service.read { try store.list(limit: 1, in: $0) }.first)
        let text = try JSONText.encode(PrivacyRequestReport(request, at: TestPeople.start, waitsFor: nil))
        #expect(text.contains("\"state\" : \"not found\"") && !text.contains("nobody"))
    }
}
