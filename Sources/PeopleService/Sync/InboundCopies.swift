// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Storage
import Synchronization
import Transfer

/// The copies of inbound files of servers, which lie in the spool while they are fetched and read.
///
/// A copy goes once its set was read or refused. After work that broke off it stays for the next attempt: for a day at
/// most, and no longer than until texts of IDs are wiped, since its lines may name them.
final class InboundCopies: Sendable {
    /// What the names of these copies begin with; another system may share the spool.
    static let prefix = "people-"

    private let directory: String
    private let spool: Spool
    /// How many runs need each copy, by its path.
    private let needs = Mutex<[String: Int]>([:])

    /// The copies in a data directory.
    init(_ directory: DataDirectory) {
        self.directory = directory.spool
        spool = Spool(directory.spool, prefix: Self.prefix)
    }

    /// Where the copy of a file lies, whether it is there or not.
    func path(of file: RemoteFile, in account: String) -> String { spool.copy(of: file, in: account) }

    /// Does work that needs the copies of files, which nobody takes away meanwhile.
    func keeping<Value>(
        _ files: [RemoteFile],
        of account: String,
        _ work: () async throws -> Value
    ) async throws -> Value {
        let paths = files.map { path(of: $0, in: account) }
        needs.withLock { needs in for path in paths { needs[path, default: 0] += 1 } }
        defer {
            needs.withLock { needs in
                for path in paths { needs[path] = needs[path].flatMap { $0 > 1 ? $0 - 1 : nil } }
            }
        }
        return try await work()
    }

    /// Brings files near, going on where an earlier attempt stopped.
    ///
    /// - Throws: `TransferError` when the account can't be read or the spool can't be written.
    func fetch(
        _ files: [RemoteFile],
        in account: String,
        by transport: any Transport,
        _ attempts: inout Attempts
    ) async throws(TransferError) {
        for file in files { _ = try await spool.fetch(file, in: account, by: transport, &attempts) }
    }

    /// Removes copies whose work is done.
    func discard(_ files: [RemoteFile], of account: String) {
        for file in files { unlink(path(of: file, in: account)) }
    }

    /// Removes all copies that no run needs; they can be fetched again.
    func removeUnneeded() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        needs.withLock { needs in
            for name in names where name.hasPrefix(Self.prefix) && name.hasSuffix(Spool.ending) {
                let path = "\(directory)/\(name)"
                if needs[path] == nil { unlink(path) }
            }
        }
    }
}
