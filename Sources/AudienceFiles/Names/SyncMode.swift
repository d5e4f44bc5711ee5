// SPDX-License-Identifier: Apache-2.0

/// Whether an outbound file holds a whole set or changes to it.
package enum SyncMode: String, Sendable, Hashable, CaseIterable {
    /// The file names every member; what it does not name is gone.
    case full

    /// The file names additions and removals since the file before.
    case iter
}
