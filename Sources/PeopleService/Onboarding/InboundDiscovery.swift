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
        let refusal: InboundSet.Refusal?
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
            guard let name = Name(file.path.name) else {
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
            let group = Group(folder: folder, kind: name.kind, refusal: name.refusal)
            named.append((group, name.part, file))
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
            InboundSet(
                kind: group.kind,
                account: account.id,
                refusal: group.refusal,
                files: files.sorted { $0.part < $1.part }
            )
        }
        .sorted { ($0.timestamp, $0.name) < ($1.timestamp, $1.name) }
        return findings
    }

    /// What a name says, without the number of the part, which comes apart.
    private struct Name {
        let kind: InboundSet.Kind
        let part: Int
        var refusal: InboundSet.Refusal?

        /// Reads the name of a file, also of one that is encrypted; `nil` for any other.
        init?(_ text: String) {
            if let ending = [".pgp", ".gpg"].first(where: { text.hasSuffix($0) }) {
                let inner = String(text.dropLast(ending.count))
                guard let name = Name(inner), name.refusal == nil else { return nil }
                self = name
                refusal = inner.hasSuffix(".gz") ? .encryptedGzip : .encrypted
            } else if var inbound = InboundFileName(parsing: text) {
                part = inbound.part ?? 0
                inbound.part = nil
                kind = .inbound(inbound)
            } else if var sync = IDSyncFileName(parsing: text) {
                part = sync.part ?? 0
                sync.part = nil
                kind = .idSync(sync)
            } else {
                return nil
            }
        }
    }

    /// Why a file that was meant for us can't be used; `nil` for one that was not.
    private static func refusal(_ name: String) -> String? {
        guard name.hasPrefix("ftp_dpm_") || name.hasPrefix("adobe_id_") || name.hasPrefix("c2c_id_") else {
            return nil
        }
        return "the name follows no documented form"
    }
}
