// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Problems
import Provisioning
import Web

/// `/v1/users/self`: who the bearer of the token is.
struct TokenRoutes {
    let service: PeopleService

    func addRoutes(to group: RouterGroup<Visit>) {
        group.get { _, visit in try await show(visit) }
    }

    private func show(_ visit: Visit) async throws -> Answer<UserBody> {
        guard let token = visit.token else { throw Problem(.tokenRefused, "The request has no token.") }
        let service = service
        let organization = try await BlockingWork.read { try service.organization() }
        return Answer(UserBody(token, organization))
    }
}

/// The bearer of a token, under the names that Audience Manager gives a user.
struct UserBody: Encodable, Sendable {
    let uid: Int
    let pid: Int
    let username: String
    let status: String
    let organization: String
    let access: String
    let readsRejectedLines: Bool
    let createTime: Int64
    let expireTime: Int64

    init(_ token: APIToken, _ organization: OrganizationID) {
        uid = token.number
        pid = PeopleRoutes.company
        username = token.name
        status = "ACTIVE"
        self.organization = organization.text
        access = token.access.rawValue
        readsRejectedLines = token.readsRejectedLines
        createTime = token.created
        expireTime = token.expires
    }
}
