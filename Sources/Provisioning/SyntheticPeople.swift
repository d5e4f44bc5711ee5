// SPDX-License-Identifier: Apache-2.0

/// The ten people of a provisioning test, and the audiences through which they travel.
///
/// Both whoever tests and whoever undoes a provisioning know them by these names.
package struct SyntheticPeople: Sendable {
    /// How many people travel.
    package static let count = 10

    /// The field of their IDs in Campaign.
    package static let keyField = "externalId"

    /// Their IDs in Campaign, which nobody could mistake for real ones.
    package static let externalIDs = (1...count).map { "provision-test-\($0)" }

    /// The label of the audience that is shared.
    package let out: String

    /// The label of the audience in which they come back.
    package let back: String

    /// The people of a request's test.
    ///
    /// - Parameter request: The request's ID.
    package init(of request: String) {
        out = "Provisioning test \(request) out"
        back = "Provisioning test \(request) back"
    }
}
