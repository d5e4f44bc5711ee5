// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import GRDB
import Storage
import Transfer

/// Tells files that came again as they were read before from those that are new, each part of a set by itself.
struct InboundRecognition {
    /// A file whose bytes the latest run under its name has read.
    struct Known {
        let file: InboundSet.File
        /// What the ledger knows of the version that was read.
        let entry: Ledger.Entry

        var reason: String {
            "the same bytes as before under the same name, read by \(entry.receipt ?? "an earlier run")"
        }
    }

    /// The installation.
    let service: PeopleService
    /// Opens a file of the set.
    let open: (InboundSet.File) async throws -> OpenedFile

    /// Notes the files of a set that were read before, and leaves the others in it.
    ///
    /// Only files of whose size the latest version was are looked into. What can't be read counts as new: reading it says why.
    ///
    /// - Parameter set: The set; those that were read before become its earlier parts.
    /// - Returns: The files that left the set.
    /// - Throws: What the database answers.
    func takeOut(of set: inout InboundSet) async throws -> [Known] {
        let read = try service.read { database in
            try set.files.map { file in
                try Ledger(at: service.world.milliseconds)
                    .lastLoaded(account: set.account, path: file.remote.path.spelling, in: database)
            }
        }
        var known: [Known] = []
        for (file, entry) in zip(set.files, read) {
            guard let entry else { continue }
            if Int(entry.byteCount) == file.remote.byteCount, let sha256 = entry.sha256,
                await self.sha256(of: file) == sha256
            {
                known.append(Known(file: file, entry: entry))
            } else {
                set.earlierVersions.append(InboundSet.EarlierVersion(part: file.part, receipt: entry.receipt))
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
                    account: known.entry.account,
                    path: known.entry.path,
                    byteCount: known.file.entry.byteCount,
                    modified: known.file.entry.modified,
                    in: database
                )
                return InboundSet.File(remote: known.file.remote, entry: entry, part: known.file.part)
            }
        }
    }
}
