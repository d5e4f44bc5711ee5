// SPDX-License-Identifier: Apache-2.0

import Provisioning

/// A request that was written here, and what its answer came to.
struct WrittenRequest: Sendable, Equatable, Codable {
    /// How far it has come.
    enum State: String, Sendable, Codable {
        /// Written, or undone: an answer is welcome.
        case open
        case completed
        case withdrawn
    }

    /// What completing made, so that it can be undone.
    struct Completion: Sendable, Equatable, Codable {
        /// What the built-in data source was set to before.
        struct Former: Sendable, Equatable, Codable {
            let number: Int?
            let integrationCode: String
            let destination: Int?
            let importAccount: String
            let exportAccount: String
            let termsAccepted: Int64?
        }

        let importAccount: String
        let exportAccount: String
        /// The accounts that had no settings before.
        var madeAccounts: [String]
        /// The shared data source of declared IDs.
        var declared: String?
        /// Whether completing made it.
        var madeDeclared: Bool
        /// Set where the built-in data source was changed.
        var former: Former?
        let test: ProvisioningAnswer.Test?
        /// Where the API of the other side is.
        let api: String?
    }

    let request: ProvisioningRequest
    var state: State
    /// The one-time code of the answer that was used last, and when that answer was written.
    var code: String?
    var issued: Int64?
    var completion: Completion?
}
