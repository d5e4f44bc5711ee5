// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import HTTPTypes
import Problems
import Storage
import Testing
import Web

@testable import PeopleService

/// A full file can be asked for at any time, and where none can be written the reason is said.
@Suite("Files on demand")
struct AskingTests {
    private func people(mapped: Bool = true) throws -> (
        test: TestPeople, trait: SID, segment: SID, number: Int
    ) {
        let (test, trait, segment) = try TestPeople.exchanging()
        let number = try test.destination(key: 200, schedule: .onDemand)
        if mapped { _ = try Destinations(test.service).map(segment, to: number) }
        return (test, trait, segment, number)
    }

    @Test("A wish is kept for the process that runs, which fulfils it once")
    func wishes() async throws {
        let (test, trait, segment, number) = try people()
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        let sync = try PeopleSync(test.service, Settling(quietPeriod: .zero))
        _ = try await sync.pass(isPatient: false)
        #expect(test.sentFiles.isEmpty)
        // As the command does while the exchange is at work.
        #expect(peopleProblem { _ = try PeopleSync(test.service) }?.kind == .dataBusy)
        let before = try test.service.read { try Counter.change.value(in: $0) }
        try Destinations(test.service).ask(number)
        #expect(try test.service.read { try Counter.change.value(in: $0) } > before)
        let report = try await sync.tellDestinations()
        #expect(report.receipts.map(\.state) == [.completed])
        let name = try #require(test.sentFiles.first { $0.hasSuffix(".sync") })
        #expect(name.contains("_full_"))
        #expect(try test.sent(name) == "a \(segment)\n")
        #expect(try await sync.tellDestinations().receipts.isEmpty)
    }

    @Test("A wish outlives an account that is down")
    func waitingWishes() async throws {
        let (test, trait, _, number) = try people()
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        try test.setEnabled(false)
        try Destinations(test.service).ask(number)
        #expect(try await test.sync().receipts.map(\.state) == [.waiting])
        try test.setEnabled(true)
        #expect(try await test.sync().receipts.map(\.state) == [.completed])
        #expect(try await test.sync().receipts.isEmpty)
    }

    @Test("What an on-demand destination was told waits for the next wish")
    func betweenWishes() async throws {
        let (test, trait, _, number) = try people()
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        #expect(try await PeopleSync(test.service).tell(number).receipts.map(\.state) == [.completed])
        try test.deliver("b\td_sid=\(trait)\n", "ftp_dpm_200_1700000001.sync")
        try await test.sync()
        #expect(test.sentFiles.filter { $0.hasSuffix(".sync") }.count == 1)
    }

    @Test(
        "A paused, an empty and an unmapped destination, and one that is held back, say why nothing is written"
    )
    func silence() async throws {
        func problem(_ test: TestPeople, _ number: Int) async -> Problem? {
            #expect(peopleProblem { try Destinations(test.service).ask(number) } != nil)
            do {
                _ = try await PeopleSync(test.service).tell(number)
                return nil
            } catch {
                return error as? Problem
            }
        }
        let (test, trait, segment, number) = try people(mapped: false)
        #expect(await problem(test, number)?.summary.contains("No segment is mapped") == true)
        _ = try Destinations(test.service).map(segment, to: number)
        let empty = await problem(test, number)
        #expect(empty?.kind == .nothingToTell)
        #expect(empty?.summary.contains("has members") == true)
        try test.deliver("a\td_sid=\(trait)\n", "ftp_dpm_200_1700000000.sync")
        try await test.sync()
        try test.service.write { database in
            try DestinationStore().setPaused(true, number, at: TestPeople.start, in: database)
        }
        #expect(await problem(test, number)?.summary.contains("paused") == true)
        try test.service.write { database in
            try DestinationStore().setPaused(false, number, at: TestPeople.start, in: database)
            try database.execute(sql: "UPDATE merge_rules SET across = 'all'")
        }
        #expect(await problem(test, number)?.kind == .outboundBlocked)
        #expect(test.sentFiles.isEmpty)
    }

    @Test("The API takes wishes, and refuses those that nothing would come of")
    func routes() async throws {
        let api = try TestAPI()
        try api.people.addAccounts()
        let trait = try await api.trait()
        let segment = try await api.segment(of: trait)
        let made = try await api.call(
            .post,
            "/v1/destinations",
            #"{"name": "A", "dataSourceId": 77, "account": "out", "schedule": "on-demand", "gzip": false}"#
        )
        let number = try #require(made.body["destinationId"].int)
        let path = "/v1/destinations/\(number)/tell"
        #expect(try await api.call(.post, path).code == "people.nothing-to-tell")
        try await api.call(.post, "/v1/destinations/\(number)/mappings", #"{"sid": \#(segment)}"#)
        try api.people.deliver("a\td_sid=\(trait)\n", "ftp_dpm_77_1700000000.sync")
        try await api.people.sync()
        let asked = try await api.call(.post, path)
        #expect(asked.status == 202)
        #expect(asked.body["destinationId"].int == number)
        try await api.people.sync()
        #expect(api.people.sentFiles.contains { $0.contains("_full_") })
        #expect(try await api.call(.post, "/v1/destinations/99/tell").status == 404)
        let reader = try TestAPI.token(api.people, access: .read)
        #expect(try await api.call(.post, path, token: reader).status == 403)
    }
}
