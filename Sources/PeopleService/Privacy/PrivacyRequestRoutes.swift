// SPDX-License-Identifier: Apache-2.0

import GRDB
import Hummingbird
import Problems
import Storage
import Web

/// `/v1/privacy-requests`: what was asked for and what became of it, without any ID.
struct PrivacyRequestRoutes {
    let service: PeopleService

    func addRoutes(to group: RouterGroup<Visit>) {
        group.get { request, _ in try await list(request) }
    }

    private func list(_ request: Request) async throws -> Answer<Listing<PrivacyRequestBody>> {
        let query = Query(request)
        let page = try PageRequest(query)
        let kind = try query["kind"].map { name in
            guard let kind = PrivacyRequest.Kind(rawValue: name) else {
                let names = PrivacyRequest.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.requestRefused, "kind is one of \(names).", field: "kind")
            }
            return kind
        }
        let state = try query["state"].map { name in
            guard let state = PrivacyRequest.State(rawValue: name) else {
                let names = PrivacyRequest.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.requestRefused, "state is one of \(names).", field: "state")
            }
            return state
        }
        let now = service.world.milliseconds
        let requests = try await service.looking { database in
            try PrivacyRequestStore().list(page, kind, state, in: database)
        }
        return Answer(requests.map { PrivacyRequestBody($0, at: now) })
    }
}

/// A privacy request as the API shows it.
struct PrivacyRequestBody: Encodable, Sendable {
    let privacyRequestId: Int
    let kind: String
    let state: String
    let dataSourceId: Int
    /// How many IDs it reached.
    let ids: Int
    let requestTime: Int64
    let endTime: Int64?
    /// For how many whole days it has been waiting, or took.
    let days: Int
    let isOverdue: Bool

    init(_ request: PrivacyRequest, at now: Int64) {
        privacyRequestId = request.number
        kind = request.kind.rawValue
        state = request.state.rawValue
        dataSourceId = request.dataSource
        ids = request.ids
        requestTime = request.requested
        endTime = request.ended
        days = request.days(until: now)
        isOverdue = request.isOverdue(at: now)
    }
}

extension PrivacyRequestStore {
    /// How many requests an answer holds that asks for all: the newest ones.
    static let limit = 1_000

    /// The part of the privacy requests that a request asks for, the newest first unless it says otherwise.
    func list(
        _ page: PageRequest,
        _ kind: PrivacyRequest.Kind?,
        _ state: PrivacyRequest.State?,
        in database: Database
    ) throws -> Listing<PrivacyRequest> {
        var query = ListQuery(
            "*",
            from: "privacy_requests",
            key: "number",
            sortable: [
                "privacyRequestId": "number", "kind": "kind", "state": "state", "dataSourceId": "data_source",
                "ids": "ids", "requestTime": "requested", "endTime": "ended",
            ],
            searched: ["number", "kind", "state"],
            limit: Self.limit,
            isNewestFirst: true
        )
        query.require("kind", is: kind?.rawValue)
        query.require("state", is: state?.rawValue)
        return try query.fetch(page, in: database) { PrivacyRequest($0) }
    }
}
