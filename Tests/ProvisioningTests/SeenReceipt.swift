// SPDX-License-Identifier: Apache-2.0

/// What a receipt of either system says, so that both can be compared.
struct SeenReceipt: Equatable {
    let state: String
    let received: Int
    let matched: Int
    let unknown: Int
    /// The SHA-256 of the data files.
    let sums: [String?]
}
