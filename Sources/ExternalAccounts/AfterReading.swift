// SPDX-License-Identifier: Apache-2.0

import Transfer

/// What an account's rules say of files that were read: they stay, go, or move to a folder.
///
/// Everything here may be done again; what fails is tried by the next sync.
package struct AfterReading: Sendable {
    private let rules: AccountRules

    /// The rules of an account.
    package init(_ account: ExternalAccount) {
        rules = account.rules
    }

    /// The files that the rules let through: those that fit the pattern and were not moved aside.
    ///
    /// - Parameter files: What a listing showed.
    /// - Returns: Those that are to be looked at.
    package func unread(_ files: [RemoteFile]) -> [RemoteFile] {
        var archive: [UInt8]?
        if case .move(let folder) = rules.afterReading { archive = Array("\(folder)/".utf8) }
        return files.filter { file in
            if let archive, file.path.bytes.starts(with: archive) { return false }
            return rules.takes(file.path.nameBytes)
        }
    }

    /// Deletes or moves files whose work is done, where the rules say so.
    ///
    /// - Parameters:
    ///   - files: Files of the account.
    ///   - transport: The way to the account.
    /// - Returns: How many were cleared away.
    /// - Throws: `TransferError`.
    @discardableResult
    package func clear(
        _ files: [RemoteFile],
        _ transport: any Transport
    ) async throws(TransferError) -> Int {
        guard rules.afterReading != .keep else { return 0 }
        for file in files {
            switch rules.afterReading {
            case .keep:
                return 0
            case .delete:
                try await transport.delete(file.path)
            case .move(let folder):
                try await move(file, to: folder, transport)
            }
        }
        return files.count
    }

    private func move(
        _ file: RemoteFile,
        to folder: String,
        _ transport: any Transport
    ) async throws(TransferError) {
        let bytes = Array("\(folder)/".utf8) + file.path.bytes
        do {
            try await transport.move(file.path, to: RemotePath(bytes: bytes))
        } catch .exists {
            // The partner has used the name before: the moment tells the versions apart.
            let moment = Array(".\(file.modifiedNanoseconds)".utf8)
            try await transport.move(file.path, to: RemotePath(bytes: bytes + moment))
        } catch .notFound {
            return
        }
    }
}
