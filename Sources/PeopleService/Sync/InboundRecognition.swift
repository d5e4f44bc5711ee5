// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import GRDB
import Storage
import Transfer

/// Tells files that came again as they were read before from those that are new, each part of a set by itself.
///
/// A file is known by its name without the folder, and its bytes: a copy of it in another folder, or the same folder
/// seen through another account, brings nothing new. The name holds the data sources and the time of the delivery, so
/// the same bytes under another one are another delivery. ID-sync files with rows that lacked a device, or
/// whose people had opted out, are read again when they are delivered again: they may count now.
struct InboundRecognition {
    /// A file whose bytes an earlier run has read.
    struct Known {
        let file: InboundSet.File
        /// What the ledger knows of the version that was read.
        let entry: Ledger.Entry

        var reason: String {
            var other = "before under the same name"
            if entry.account != file.entry.account {
                other = "\(entry.path) of the account \(entry.account)"
            } else if entry.path != file.entry.path {
                other = entry.path
            }
            return "the same bytes as \(other), read by \(entry.receipt ?? "an earlier run")"
        }
    }

    /// What the ledger knows of the name of a file.
    private struct Past {
        /// The version of this very file that was read last.
        let own: Ledger.Entry?
        /// Versions of files of the same name elsewhere that have as many bytes and were read after that.
        private var others: [Ledger.Entry]
        /// Whether the own version may be read again.
        private(set) var isOwnOpen = false

        init(of file: InboundSet.File, in account: String, _ ledger: Ledger, _ database: Database) throws {
            let path = file.remote.path.spelling
            let own = try ledger.lastLoaded(account: account, path: path, in: database)
            self.own = own
            others = try ledger.lastLoaded(
                named: file.remote.path.name,
                byteCount: Int64(file.remote.byteCount),
                in: database
            )
            .filter { entry in
                guard entry.account != account || entry.path != path else { return false }
                return own.map { ($0.changed, $0.id) < (entry.changed, entry.id) } ?? true
            }
        }

        /// Leaves out the versions with rows that may count now, where somebody has delivered them again since.
        mutating func forgetRejected(for file: InboundSet.File, in database: Database) throws {
            func isOpen(_ entry: Ledger.Entry) throws -> Bool {
                guard let id = entry.receipt, entry.modified != file.entry.modified else {
                    return false
                }
                let tally = try ReceiptStore().find(id, in: database).idSync
                return tally.map { $0.notSynced + $0.optedOut > 0 } ?? false
            }
            isOwnOpen = try own.map(isOpen) ?? false
            others = try others.filter { try !isOpen($0) }
        }

        /// The versions that the file may be.
        func candidates(byteCount: Int) -> [Ledger.Entry] {
            ((isOwnOpen ? [] : [own].compactMap(\.self)) + others)
                .filter { $0.byteCount == byteCount && $0.sha256 != nil }
        }
    }

    /// The installation.
    let service: PeopleService
    /// Whether rows that could not count may come again in the same file: saying a link twice does no harm.
    let readsRejectsAgain: Bool
    /// Opens a file of the set.
    let open: (InboundSet.File) async throws -> OpenedFile

    /// Notes the files of a set that were read before, and leaves the others in it.
    ///
    /// Only files of whose size a known version is are looked into. What can't be read counts as new: reading it says why.
    ///
    /// - Parameter set: The set; those that were read before become its earlier parts.
    /// - Returns: The files that left the set.
    /// - Throws: What the database answers.
    func takeOut(of set: inout InboundSet) async throws -> [Known] {
        let account = set.account
        let pasts = try service.read { database in
            let ledger = Ledger(at: service.world.milliseconds)
            return try set.files.map { file in
                var past = try Past(of: file, in: account, ledger, database)
                if readsRejectsAgain { try past.forgetRejected(for: file, in: database) }
                return past
            }
        }
        var known: [Known] = []
        for (file, past) in zip(set.files, pasts) {
            let candidates = past.candidates(byteCount: file.remote.byteCount)
            let sha256 = candidates.isEmpty ? nil : await sha256(of: file)
            if let sha256, let entry = candidates.first(where: { $0.sha256 == sha256 }) {
                known.append(Known(file: file, entry: entry))
            } else if let own = past.own, !past.isOwnOpen {
                set.earlierVersions.append(InboundSet.EarlierVersion(part: file.part, receipt: own.receipt))
            }
        }
        for part in try note(known) { set.moveToEarlier(part) }
        return known
    }

    private func sha256(of file: InboundSet.File) async -> String? {
        guard let opened = try? await open(file) else { return nil }
        let digest = FileDigest()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        do {
            let source = try opened.source()
            while true {
                let count = try source.read(into: buffer)
                guard count > 0 else { break }
                digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
            try opened.confirmVersion(file.remote)
        } catch {
            await opened.close()
            return nil
        }
        await opened.close()
        return digest.finish().sha256
    }

    /// Notes files as read, by the runs that read their bytes.
    private func note(_ known: [Known]) throws -> [InboundSet.File] {
        guard !known.isEmpty else { return [] }
        return try service.write { database in
            let ledger = Ledger(at: service.world.milliseconds)
            return try known.map { known in
                try ledger.move(
                    known.file.entry.id,
                    to: .loaded,
                    reason: known.reason,
                    receipt: known.entry.receipt,
                    sha256: known.entry.sha256,
                    in: database
                )
                let entry = try ledger.discover(
                    account: known.file.entry.account,
                    path: known.file.entry.path,
                    byteCount: known.file.entry.byteCount,
                    modified: known.file.entry.modified,
                    in: database
                )
                return InboundSet.File(remote: known.file.remote, entry: entry, part: known.file.part)
            }
        }
    }
}
