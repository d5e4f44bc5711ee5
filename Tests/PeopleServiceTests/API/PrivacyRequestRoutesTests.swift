// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Testing

@testable import PeopleService

@Suite struct PrivacyRequestRoutesTests {
    @Test func `privacy requests are listed with state, times and age`() async throws {
        let api = try TestAPI(tokenDays: 100)
        let people = api.people
        let trait = try people.trait(of: 77)
        try people.onboard("ann\td_sid=\(trait)\n", "ftp_dpm_77_1795262400.sync")
        _ = try PrivacyRequests(people.service).access("77:ann")
        _ = try PrivacyRequests(people.service).delete("77:ann")
        people.pass(days: 40)
        let list = try await api.call(.get, "/v1/privacy-requests").body.entries
        #expect(list.map { $0["kind"] } == ["delete", "access"])
        #expect(list.map { $0["state"] } == ["waiting", "completed"])
        #expect(list.map { $0["days"] } == [40, 0])
        #expect(list.map { $0["isOverdue"] } == [true, false])
        #expect(list.map { $0["ids"] } == [1, 1])
        #expect(list.last?["endTime"].int == Int(TestPeople.start))
        let waiting = try await api.call(.get, "/v1/privacy-requests?state=waiting&page=0").body
        #expect(waiting["total"] == 1)
        #expect(try await api.call(.get, "/v1/privacy-requests?kind=opt-in").body == [])
        #expect(try await api.call(.get, "/v1/privacy-requests?kind=all").body["field"] == "kind")
        #expect(try await api.call(.get, "/v1/privacy-requests?state=late").body["field"] == "state")
    }
}
