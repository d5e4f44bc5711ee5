// SPDX-License-Identifier: Apache-2.0

/// The way an outbound file was sent, the first word of its name.
package enum SyncType: String, Sendable, Hashable, CaseIterable {
    /// A file server.
    case ftp

    /// An object store.
    case s3

    /// A web server.
    case http
}
