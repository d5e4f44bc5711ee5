// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Storage
import Transfer

/// The files of one export of the hub: all parts, and the control file where there is one.
struct ImportSet: Sendable {
    /// What the parts have in common.
    enum Key: Hashable, Sendable {
        case outbound(OutboundFileName.SetKey)
        case inbound(dataSource: Int, timestamp: Int64, kind: InboundFileName.Kind)
    }

    /// One file of the set.
    struct File: Sendable {
        let entry: Ledger.Entry
        let remote: RemoteFile
        let part: Int
        /// Whether part numbers are glued to the moment, so that the first part has none.
        let isGlued: Bool
    }

    let key: Key
    /// The external account that holds the files.
    let account: String
    /// The data files by their part number.
    var files: [File] = []
    /// The control file.
    var control: File?

    /// The number of the data source whose IDs the files hold, as their names say.
    var dataSource: Int {
        switch key {
        case .outbound(let key): key.keyDataSource
        case .inbound(let number, _, _): number
        }
    }

    /// The destination, as the names say; inbound files have none.
    var destination: Int? {
        guard case .outbound(let key) = key else { return nil }
        return key.destination
    }

    /// The moment of the export, in milliseconds since 1970.
    var moment: Int64 {
        switch key {
        case .outbound(let key): key.timestamp
        case .inbound(_, let timestamp, _): timestamp * 1000
        }
    }

    /// How the lines are written and what they do.
    var form: ImportForm {
        switch key {
        case .outbound(let key):
            ImportForm(lines: .outbound, isFull: key.mode == .full, replacesListedUsers: false)
        case .inbound(_, _, let kind):
            ImportForm(lines: .inbound, isFull: false, replacesListedUsers: kind == .overwrite)
        }
    }

    /// The name for messages: that of the first file.
    var name: String {
        (files.min { $0.part < $1.part } ?? control)?.remote.path.name ?? "an empty set"
    }

    /// Whether any of its files has not come to an end in the ledger.
    var isOpen: Bool {
        allFiles.contains { $0.entry.state != .loaded && $0.entry.state != .rejected }
    }

    /// The data files and the control file.
    var allFiles: [File] { files + (control.map { [$0] } ?? []) }

    /// When a file of the set changed last, in nanoseconds since 1970.
    var newest: Int { allFiles.map(\.remote.modifiedNanoseconds).max() ?? 0 }

    /// The data files in the order of their parts.
    var ordered: [File] { files.sorted { $0.part < $1.part } }

    /// The part that is missing between those that are there, or in front of them.
    ///
    /// Glued numbers start with a part that has none (0); all others start at 1, or at 0 if there is such a part.
    var gap: Int? {
        let parts = Set(files.map(\.part))
        guard let last = parts.max() else { return 0 }
        let first = parts.contains(0) || files.contains { $0.isGlued } ? 0 : 1
        return (first...max(first, last)).first { !parts.contains($0) }
    }
}

extension ImportSet {
    /// The largest control file that is read, in bytes.
    private static let largestControlFile = 64 << 20

    /// The way to the account that holds the files.
    ///
    /// - Parameter campaign: The installation.
    /// - Returns: A new transport.
    /// - Throws: ``Problem`` when the account is not configured or disabled.
    func transport(_ campaign: Campaign) throws -> any Transport {
        try campaign.read { try ExternalAccountStore().find(account, in: $0) }.transport(campaign.world)
    }

    /// The data files as a receipt states them when their lines are not read: with their checksums, without those of
    /// files that can't be read.
    ///
    /// - Parameter campaign: The installation.
    /// - Returns: One entry for each file, in the order of the parts.
    /// - Throws: ``Problem`` when the account has no settings any more.
    func stated(_ campaign: Campaign) async throws -> [Receipt.File] {
        let transport = try transport(campaign)
        var files: [Receipt.File] = []
        for file in ordered {
            let path = file.remote.path
            let sha256 = try? await Self.checksum(of: path, transport)
            files.append(
                Receipt.File(name: path.spelling, bytes: Int64(file.remote.byteCount), sha256: sha256)
            )
        }
        return files
    }

    private static func checksum(of path: RemotePath, _ transport: any Transport) async throws -> String {
        let reader = try await transport.read(path)
        let digest = FileDigest()
        while let chunk = try await reader.next() { chunk.withUnsafeBytes { digest.update($0) } }
        await reader.close()
        return digest.finish().sha256
    }

    /// Reads the control file.
    ///
    /// - Parameter campaign: The installation.
    /// - Returns: What it says; `nil` when the set has none.
    /// - Throws: ``AudienceFileError`` or `TransferError` when it can't be read.
    func readControlFile(_ campaign: Campaign) async throws -> ControlFile? {
        guard let control else { return nil }
        let reader = try await transport(campaign).read(control.remote.path)
        var bytes: [UInt8] = []
        while let chunk = try await reader.next() {
            bytes += chunk
            guard bytes.count < Self.largestControlFile else {
                throw AudienceFileError.lineTooLong(line: 1, limit: Self.largestControlFile)
            }
        }
        await reader.close()
        return try ControlFile(parsing: bytes)
    }
}
