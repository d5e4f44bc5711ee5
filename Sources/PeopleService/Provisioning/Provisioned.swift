// SPDX-License-Identifier: Apache-2.0

import Provisioning

/// What was made for a request of Campaign, so that it can be told again and undone.
struct Provisioned: Sendable, Equatable, Codable {
    /// Whether it is in use.
    enum State: String, Sendable, Codable {
        case accepted
        case revoked
    }

    /// A data source with the destination that is keyed by it.
    struct Source: Sendable, Equatable, Codable {
        let kind: ProvisioningRequest.IDKind
        let number: DataSourceNumber
        let name: String
        let integrationCode: String
        /// The number of the destination; none before it is made and after it was deleted.
        var destination: Int?
    }

    /// What the test of the exchange uses.
    struct Test: Sendable, Equatable, Codable {
        let kind: ProvisioningRequest.IDKind
        let trait: SID
        let segment: SID
        /// The merge rule that was made for the segment, if none would have let it out.
        let mergeRule: Int?
    }

    let request: ProvisioningRequest
    var state: State
    var sources: [Source]
    /// The accounts of what comes in and of what goes out.
    var inboundAccount: String
    var outboundAccount: String
    /// The directory in which folders were made for it; `nil` for accounts that were there before.
    var storage: String?
    var mode: Destination.Mode
    var test: Test?
    /// Where the API is, and the ID of the token for it.
    var api: String?
    var token: String?
    /// How many answers were given.
    var answers: Int
}

extension Destination.Mode: Codable {}
