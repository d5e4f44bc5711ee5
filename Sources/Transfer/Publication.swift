// SPDX-License-Identifier: Apache-2.0

/// How a file came to stand in the account under its final name.
package enum Publication: String, Hashable, Sendable {
    /// It was written, verified and renamed.
    case published

    /// A file with the same contents stood there already, and nothing was written.
    case alreadyThere = "already-there"
}
