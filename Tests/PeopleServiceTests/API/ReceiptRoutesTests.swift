// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Storage
import Testing
import Web

@testable import PeopleService

@Suite struct ReceiptRoutesTests {
    /// Three runs: lines of which some are rejected, a later file of them, and links.
    private func system() throws -> (api: TestAPI, trait: SID) {
        let api = try TestAPI(tokenDays: 10)
        let people = api.people
        try people.dataSource(78, .cookie, form: .visitorID)
        let trait = try people.trait(of: 77)
        let lines = "ann\td_sid=\(trait)\nbob:by\td_sid=\(trait)\ncleo\td_sid=99999\n\n"
        try people.onboard(lines, "ftp_dpm_77_1795262400.sync")
        people.pass(days: 2)
        try people.onboard("dora\td_sid=\(trait)\n", "ftp_dpm_77_1795435200.sync")
        try people.idSync("\(String(repeating: "1", count: 38))\tann\n", "adobe_id_78_77_1795435201.sync")
        return (api, trait)
    }

    @Test func `receipts are listed newest first, filtered, found by their file and shown`() async throws {
        let (api, _) = try system()
        func ids(_ query: String) async throws -> [String] {
            try await api.call(.get, "/v1/receipts?\(query)").body.entries.compactMap { $0["id"].string }
        }
        #expect(try await ids("") == ["P3", "P2", "P1"])
        #expect(try await ids("sortBy=startTime") == ["P1", "P2", "P3"])
        #expect(try await ids("kind=onboarding") == ["P2", "P1"])
        #expect(try await ids("kind=id-sync&dataSourceId=77") == [])
        #expect(try await ids("state=completed%20with%20rejects") == ["P1"])
        #expect(try await ids("search=dpm_77_17954") == ["P2"])
        #expect(try await ids("search=p1") == ["P1"])
        #expect(try await ids("search=received") == [])
        #expect(try await ids("startedSince=\(TestPeople.start + 1)") == ["P3", "P2"])
        let page = try await api.call(.get, "/v1/receipts?page=1&pageSize=2").body
        #expect(page["total"] == 3)
        #expect(page["list"].entries.map { $0["id"] } == ["P1"])
        let shown = try await api.call(.get, "/v1/receipts/P1").body
        #expect(shown == page["list"].entries.first)
        #expect(shown["received"] == 4)
        #expect(shown["counts"]["matched"] == 1)
        #expect(shown["counts"]["malformed"] == 2)
        #expect(shown["dataSourceId"] == 77)
        #expect(shown["startTime"].int == Int(TestPeople.start))
        #expect(shown["hasRejectedLines"] == true)
        #expect(shown["rejectedFile"] == .null)
        for query in ["kind=all", "state=gone", "startedSince=-1", "sortBy=files"] {
            #expect(try await api.call(.get, "/v1/receipts?\(query)").code == "web.request-refused")
        }
        for id in ["P9", "9", "P01", "P+1"] {
            #expect(try await api.call(.get, "/v1/receipts/\(id)").code == "people.receipt-unknown")
        }
    }

    @Test func `rejected lines come with place and reason, and with text only where the token allows it`()
        async throws
    {
        let (api, _) = try system()
        let path = "/v1/receipts/P1/rejected"
        let open = try await api.call(.get, path)
        #expect(open.body.entries.map { $0["line"] } == [2, 3, 4])
        #expect(
            open.body.entries.map { $0["reason"] }
                == ["forbidden-character", "no-trait-realized", "empty-line"]
        )
        #expect(open.body.entries.allSatisfy { $0["text"] == .null && $0["hint"].string != "" })
        #expect(open.body.entries.first?["file"] == "ftp_dpm_77_1795262400.sync")
        #expect(try await api.call(.get, path + "?includeText=true").code == "web.token-without-lines")
        let reader = try api.people.service.write { database in
            try APITokenStore()
                .create(
                    name: "lines",
                    access: .read,
                    readsRejectedLines: true,
                    api.people.service.world,
                    in: database
                )
                .text
        }
        let whole = try await api.call(.get, path + "?includeText=true&page=0&pageSize=1", token: reader)
        #expect(whole.headers[.cacheControl] == "no-store")
        #expect(whole.body["total"] == 3)
        #expect(whole.body["list"].entries.map { $0["text"].string?.hasPrefix("bob:by\t") } == [true])
        let last = try await api.call(.get, path + "?page=2&pageSize=1", token: reader)
        #expect(last.body["list"].entries.map { $0["line"] } == [4])
        #expect(last.body["list"].entries.first?["text"] == .null)
        #expect(try await api.call(.get, "/v1/users/self", token: reader).body["readsRejectedLines"] == true)
        #expect(try await api.call(.get, "/v1/users/self").body["readsRejectedLines"] == false)
        // Nothing was rejected, and what was rejected is no longer there.
        #expect(try await api.call(.get, "/v1/receipts/P2/rejected").body == [])
        let kept = "\(api.people.service.directory.rejected)/\(RejectedLines.name(of: "P1"))"
        try FileManager.default.removeItem(atPath: kept)
        let gone = try await api.call(.get, path)
        #expect(gone.status == 410)
        #expect(gone.code == "receipts.rejected-gone")
    }

    @Test func `what was onboarded is summed up by data source and day`() async throws {
        let (api, _) = try system()
        let days = try await api.call(.get, "/v1/receipts/status").body.entries
        #expect(days.map { $0["day"] } == ["2026-11-21", "2026-11-23"])
        #expect(days.map { $0["received"] } == [4, 1])
        #expect(days.map { $0["stored"] } == [1, 1])
        #expect(days.first?["percentStored"] == 25)
        let late = try await api.call(.get, "/v1/receipts/status?days=1").body.entries
        #expect(late.map { $0["day"] } == ["2026-11-23"])
        #expect(try await api.call(.get, "/v1/receipts/status?dataSourceId=78").body == [])
        #expect(try await api.call(.get, "/v1/receipts/status?days=0").status == 400)
    }
}
