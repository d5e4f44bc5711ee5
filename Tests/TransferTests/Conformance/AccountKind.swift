// SPDX-License-Identifier: Apache-2.0

import Surroundings
import Testing

@testable import Transfer

/// The kinds of account that behave alike; a new kind is one more case here.
enum AccountKind: String, CaseIterable, CustomTestStringConvertible {
    case folder
    case sftp
    /// SFTP with nothing beyond version 3.
    case plainSFTP = "plain sftp"
    case s3

    var testDescription: String { rawValue }

    /// The kinds for which this machine has what they need.
    static let available = allCases.filter { $0.obstacle == nil }

    /// The kinds that keep files in directories.
    static let withFolders = available.filter { $0 != .s3 }

    /// The kinds where of many writers of one new name exactly one wins.
    ///
    /// The S3 server of the tests ignores
    /// `If-None-Match` on writing, and Amazon's knows it only since 2024, so there the last one may win.
    static let withExclusiveNames = available.filter { $0 != .s3 }

    /// Why there can be no account of this kind here, nothing where there can.
    var obstacle: String? {
        switch self {
        case .folder: nil
        case .sftp, .plainSFTP: SFTPServer.obstacle
        case .s3: S3Server.isInstalled ? nil : "the S3 server of the tests is not installed"
        }
    }

    /// An empty account.
    func account() async throws -> any AccountUnderTest {
        switch self {
        case .folder: try FolderAccountUnderTest()
        case .sftp: try SFTPAccountUnderTest()
        case .plainSFTP: try SFTPAccountUnderTest(.plain)
        case .s3: try await S3AccountUnderTest()
        }
    }
}
