// SPDX-License-Identifier: Apache-2.0

import Foundation
import Transfer

/// Where the files of an account lie, however it is spelled.
///
/// Two users of an SFTP server are two places, since each may have a root of his own.
struct AccountPlace: Equatable {
    private let storage: String
    private let folders: [Substring]

    /// The place of an account; nothing while it is not configured.
    init?(_ account: ExternalAccount) {
        switch account.settings {
        case .unconfigured: return nil
        case .folder(let path):
            storage = "folder"
            folders = Self.folders(URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
        case .sftp(let server):
            let start = server.path.hasPrefix("/") ? "" : "~"
            storage = "sftp \(server.user)@\(server.host.lowercased()):\(server.port)\(start)"
            folders = Self.folders(server.path)
        case .s3(let bucket):
            guard let server = try? ReceiverServer(bucket.receiverServer) else { return nil }
            let endpoint =
                bucket.endpoint.flatMap { try? S3Endpoint($0) }
                .map { "\($0.host.lowercased()):\($0.port)" } ?? "amazon"
            storage = "s3 \(endpoint) \(server.bucket)"
            folders = server.folder.map { $0.spelling.split(separator: "/") } ?? []
        }
    }

    /// Whether both are the same place, or one lies within the other.
    func overlaps(_ other: AccountPlace) -> Bool {
        guard storage == other.storage else { return false }
        return zip(folders, other.folders).allSatisfy { $0 == $1 }
    }

    private static func folders(_ path: String) -> [Substring] {
        path.split(separator: "/").reduce(into: []) { folders, name in
            switch name {
            case ".": break
            case ".." where folders.last.map { $0 != ".." } ?? false: folders.removeLast()
            default: folders.append(name)
            }
        }
    }
}

extension ExternalAccount {
    /// The accounts whose files this one sees, too; none while it is disabled or another pattern tells the files apart.
    ///
    /// - Parameter accounts: All accounts of the system.
    /// - Returns: Those of them that are used and see the same place, or a folder above or below it.
    package func sharingPlace(among accounts: [ExternalAccount]) -> [ExternalAccount] {
        guard isEnabled, let place = AccountPlace(self) else { return [] }
        return accounts.filter { other in
            guard other.id != id, other.isEnabled else { return false }
            if let pattern = rules.pattern, let another = other.rules.pattern, pattern != another {
                return false
            }
            return AccountPlace(other).map(place.overlaps) ?? false
        }
    }

    /// What to know of an account whose files others see, too; nothing where none does.
    ///
    /// - Parameter others: These accounts.
    /// - Returns: One sentence.
    package func sharedPlaceWarning(_ others: [ExternalAccount]) -> String? {
        guard let first = others.first else { return nil }
        let names = others.map(\.id).joined(separator: ", ")
        return """
            \(id) reads the same files as \(names) (\(first.place ?? "")): each file counts once, by the account that \
            comes first
            """
    }
}
