// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import GRDB
import Storage
import Transfer

/// Groups the files of an account into sets with work to do, and notes them in the ledger.
struct InboundDiscovery {
    /// What a look into an account found.
    struct Findings {
        /// Sets with work to do, the oldest delivery first.
        var sets: [InboundSet] = []
        /// Files whose work is done and that are still there.
        var loaded: [RemoteFile] = []
        /// Files that can't be used, by name, with the reason.
        var ignored: [(file: String, reason: String)] = []
    }

    /// What the names of the files of one set have in common.
    private struct Group: Hashable {
        let folder: [UInt8]
        let kind: InboundSet.Kind
    }

    private let service: PeopleService

    init(_ service: PeopleService) {
        self.service = service
    }

    /// Notes in the ledger what an account holds.
    ///
    /// - Parameters:
    ///   - files: What a listing showed.
    ///   - account: The account.
    /// - Returns: What there is to do.
    /// - Throws: What the database answers.
    func note(_ files: [RemoteFile], of account: ExternalAccount) throws -> Findings {
        var findings = Findings()
        var named: [(group: Group, part: Int, file: RemoteFile)] = []
        for file in files {
            guard let (kind, part) = Self.kind(of: file.path.name) else {
                if let reason = Self.refusal(file.path.name) {
                    findings.ignored.append((file.path.spelling, reason))
                }
                continue
            }
            if let obstacle = file.obstacle {
                findings.ignored.append((file.path.spelling, "\(obstacle)"))
                continue
            }
            let folder = Array(file.path.bytes.dropLast(file.path.nameBytes.count))
            named.append((Group(folder: folder, kind: kind), part, file))
        }
        guard !named.isEmpty else { return findings }
        let entries = try service.write { database in
            let ledger = Ledger(at: service.world.milliseconds)
            return try named.map { item in
                try ledger.discover(
                    account: account.id,
                    path: item.file.path.spelling,
                    byteCount: Int64(item.file.byteCount),
                    modified: Int64(item.file.modifiedNanoseconds),
                    in: database
                )
            }
        }
        var groups: [Group: [InboundSet.File]] = [:]
        for (item, entry) in zip(named, entries) {
            switch entry.state {
            case .loaded:
                findings.loaded.append(item.file)
            case .rejected:
                continue
            case .discovered, .spooled, .verified, .waiting:
                groups[item.group, default: []].append(
                    InboundSet.File(remote: item.file, entry: entry, part: item.part)
                )
            }
        }
        findings.sets = groups.map { group, files in
            InboundSet(kind: group.kind, account: account.id, files: files.sorted { $0.part < $1.part })
        }
        .sorted { ($0.timestamp, $0.name) < ($1.timestamp, $1.name) }
        return findings
    }

    /// What a name says, without the number of the part, which comes apart.
    private static func kind(of name: String) -> (InboundSet.Kind, Int)? {
        if var inbound = InboundFileName(parsing: name) {
            guard inbound.compression != .pgp else { return nil }
            let part = inbound.part ?? 0
            inbound.part = nil
            return (.inbound(inbound), part)
        }
        if var sync = IDSyncFileName(parsing: name) {
            let part = sync.part ?? 0
            sync.part = nil
            return (.idSync(sync), part)
        }
        return nil
    }

    /// Why a file that was meant for us can't be used; `nil` for one that was not.
    private static func refusal(_ name: String) -> String? {
        guard name.hasPrefix("ftp_dpm_") || name.hasPrefix("adobe_id_") || name.hasPrefix("c2c_id_") else {
            return nil
        }
        if let inbound = InboundFileName(parsing: name), inbound.compression == .pgp {
            return "encrypted with PGP, which is not read here; send it plain or compressed with gzip"
        }
        if name.hasSuffix(".gz.gpg") || name.hasSuffix(".gz.pgp") {
            return "compressed with gzip and then encrypted: PGP compresses already, so this is no valid file"
        }
        return "the name follows no documented form"
    }
}
