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
        /// The beginning of the name as it is written: several spellings may stand for the same second.
        let stem: Substring
        let kind: InboundSet.Kind
        let refusal: InboundSet.Refusal?

        /// Whether only the endings for compression and encryption make it another one.
        func differsInForm(from other: Group) -> Bool {
            self != other && folder == other.folder && stem == other.stem
                && kind.withoutForm == other.kind.withoutForm
        }
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
                findings.ignored.append((file.path.spelling, obstacle.cause))
                continue
            }
            let folder = Array(file.path.bytes.dropLast(file.path.nameBytes.count))
            let group = Group(
                folder: folder,
                stem: file.path.name.prefix { $0 != "." },
                kind: name.kind,
                refusal: name.refusal
            )
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
        var read: [Group: [InboundSet.File]] = [:]
        var refused: [Group: Set<Int>] = [:]
        for (item, entry) in zip(named, entries) {
            let file = InboundSet.File(remote: item.file, entry: entry, part: item.part)
            switch entry.state {
            case .loaded:
                findings.loaded.append(item.file)
                read[item.group, default: []].append(file)
            case .rejected:
                refused[item.group, default: []].insert(item.part)
            case .discovered, .spooled, .verified, .waiting:
                groups[item.group, default: []].append(file)
            }
        }
        findings.sets = try groups.map { group, files in
            var set = InboundSet(
                kind: group.kind,
                account: account.id,
                refusal: group.refusal,
                files: files.sorted { $0.part < $1.part }
            )
            try complete(&set, read[group] ?? [], refused: refused[group] ?? [])
            if case .absent(let part) = set.missingPart,
                let other = named.first(where: { $0.part == part && $0.group.differsInForm(from: group) })
            {
                set.missingPart = .otherForm(part, name: other.file.path.name)
            }
            return set
        }
        .sorted { ($0.timestamp, $0.name) < ($1.timestamp, $1.name) }
        return findings
    }

    /// Finds the parts of a set that were read before, and the first one that is missing or has to come again.
    private func complete(_ set: inout InboundSet, _ read: [InboundSet.File], refused: Set<Int>) throws {
        let new = Set(set.files.map(\.part))
        var earlier: [Int: InboundSet.EarlierPart] = [:]
        for file in read where !new.contains(file.part) {
            earlier[file.part] = InboundSet.EarlierPart(
                part: file.part,
                receipt: file.entry.receipt,
                file: file
            )
        }
        if let file = set.files.last {
            for part in 0...file.part where !new.contains(part) && earlier[part] == nil {
                guard let entry = try entry(ofPart: part, beside: file, in: set.account) else {
                    // Parts may count from 0, or from 1.
                    guard part > 0, !refused.contains(part) else { continue }
                    set.missingPart = .absent(part)
                    break
                }
                earlier[part] = InboundSet.EarlierPart(part: part, receipt: entry.receipt, file: nil)
            }
        }
        if let part = refused.subtracting(new).subtracting(earlier.keys).min() {
            set.missingPart = .refused(part)
        }
        set.earlier = earlier.values.sorted { $0.part < $1.part }
    }

    /// What the ledger knows of another part of a file's set that was read and has left.
    private func entry(
        ofPart part: Int,
        beside file: InboundSet.File,
        in account: String
    ) throws -> Ledger.Entry? {
        var pieces = file.remote.path.name.split(separator: ".", omittingEmptySubsequences: false)
        guard file.part > 0 else { return nil }
        pieces[2] = "\(part)"
        var names = [pieces.joined(separator: ".")]
        if part == 0 {
            pieces.remove(at: 2)
            names.append(pieces.joined(separator: "."))
        }
        let folder = file.remote.path.bytes.dropLast(file.remote.path.nameBytes.count)
        let paths = try names.map { try RemotePath(bytes: Array(folder) + Array($0.utf8)) }
        return try service.read { database in
            let ledger = Ledger(at: service.world.milliseconds)
            for path in paths {
                let entry = try ledger.lastLoaded(account: account, path: path.spelling, in: database)
                if let entry { return entry }
            }
            return nil
        }
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

    /// Whether files of a name are looked into.
    static func reads(_ name: String) -> Bool { Name(name) != nil }

    /// Why a file that was meant for us can't be used; `nil` for one that was not.
    private static func refusal(_ name: String) -> String? {
        let lower = name.lowercased()
        guard ["ftp_dpm_", "adobe_id_", "c2c_id_"].contains(where: lower.hasPrefix) else { return nil }
        return "the name follows no documented form"
    }
}

extension InboundSet.Kind {
    /// The same for files that are not compressed.
    fileprivate var withoutForm: Self {
        switch self {
        case .inbound(var name):
            name.compression = .none
            return .inbound(name)
        case .idSync(var name):
            name.isGzip = false
            return .idSync(name)
        }
    }
}
