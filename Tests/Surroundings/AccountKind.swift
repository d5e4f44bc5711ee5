// SPDX-License-Identifier: Apache-2.0

/// The kinds of external account, all of which an exchange works over alike; a new kind is one more case here.
package enum AccountKind: String, CaseIterable, Sendable {
    case folder
    case sftp
    case s3

    /// The kinds for which this machine has what they need.
    package static let available = allCases.filter { $0.obstacle == nil }

    /// The kinds that are on servers.
    package static let onServers = available.filter { $0 != .folder }

    /// Why there can be no account of this kind here, nothing where there can.
    private var obstacle: String? {
        switch self {
        case .folder: nil
        case .sftp: SFTPServer.obstacle
        case .s3: S3Server.isInstalled ? nil : "the S3 server of the tests is not installed"
        }
    }
}
