// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import GRDB
import Storage
import Transfer

/// Lists the accounts that shared data sources import from, and groups their files into sets.
struct ImportDiscovery {
    /// What a look into the accounts found.
    struct Findings: Sendable {
        /// Sets with work to do, oldest first.
        var sets: [ImportSet] = []
        /// Files that are none of ours, with the reason.
        var ignored: [IgnoredFile] = []
        /// Files that were imported earlier and are still there.
        var loaded: [RemoteFile] = []
        /// Audience files that this user may not read.
        var unreadable: [UnreadableFile] = []
        /// The receipts of sets that waited and have left.
        var cancelled: [Receipt] = []
    }

    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// The accounts that shared data sources import from, as far as they are configured and enabled, by ID.
    func accounts() throws -> [ExternalAccount] {
        try campaign.read { database in
            try String.fetchAll(
                database,
                sql: "SELECT DISTINCT import_account FROM shared_data_sources ORDER BY 1 LIMIT 1000"
            )
            .map { try ExternalAccountStore().find($0, in: database) }
        }
        .filter { $0.settings != .unconfigured && $0.isEnabled }
    }

    /// What an account holds that may be ours, without noting anything.
    ///
    /// - Parameter account: The account.
    /// - Returns: Its files, but for those that its rules leave out.
    /// - Throws: `TransferError`, or ``Problem`` when its secrets can't be opened.
    func listing(of account: ExternalAccount) async throws -> [RemoteFile] {
        let transport = try campaign.transport(to: account)
        return Self.unread(try await transport.listing(unlessChangedSince: nil), of: account)
    }

    /// What a listing shows that an account's rules don't leave out, and folders that are named as audience files are.
    static func unread(_ listing: Listing, of account: ExternalAccount) -> [RemoteFile] {
        AfterReading(account).unread(
            listing.entries { OutboundFileName(parsing: $0) != nil || InboundFileName(parsing: $0) != nil }
        )
    }

    /// What an account that is watched holds; listed only where something may have changed since the last look.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - latest: What the last look found.
    ///   - isComplete: Whether to list all in any case.
    /// - Returns: Its files, but for those that its rules leave out.
    /// - Throws: `TransferError`, or ``Problem`` when its secrets can't be opened.
    func listing(
        of account: ExternalAccount,
        since latest: inout SettledListing,
        isComplete: Bool
    ) async throws -> [RemoteFile] {
        Self.unread(
            try await latest.listing(of: campaign.transport(to: account), isComplete: isComplete),
            of: account
        )
    }

    /// Looks into all import accounts, one after the other, and notes what is there in the ledger.
    func find() async throws -> Findings {
        var findings = Findings()
        for account in try accounts() {
            let found = try await find(in: account)
            findings.sets += found.sets
            findings.ignored += found.ignored
            findings.unreadable += found.unreadable
            findings.cancelled += found.cancelled
        }
        return findings
    }

    /// Looks into an account and notes what is there in the ledger.
    ///
    /// - Parameter account: The account.
    /// - Returns: Sets with work to do, oldest first, and files that are none of ours.
    /// - Throws: As listing does, or what the database answers.
    func find(in account: ExternalAccount) async throws -> Findings {
        try note(await listing(of: account), of: account)
    }

    /// Notes in the ledger what an account holds.
    func note(_ files: [RemoteFile], of account: ExternalAccount) throws -> Findings {
        var findings = Findings()
        try group(files, of: account.id, into: &findings)
        if case .sftp = account.settings {
            for index in findings.sets.indices { findings.sets[index].mayGrow = true }
        }
        findings.sets.sort { ($0.moment, $0.dataSource, $0.name) < ($1.moment, $1.dataSource, $1.name) }
        return findings
    }

    /// What the names of the files of one set have in common, beyond the moment of the export.
    private struct Group: Hashable {
        let key: ImportSet.Key
        let folder: String
        let alias: String
        let ending: String
    }

    /// A file whose name is that of an audience file.
    private struct Named {
        let group: Group
        let part: Int
        let isGlued: Bool
        let isControl: Bool
        let remote: RemoteFile
    }

    /// Groups the files of an account into sets, and notes them in the ledger.
    func group(_ remotes: [RemoteFile], of account: String, into findings: inout Findings) throws {
        let inSeconds = Set(remotes.compactMap(Self.rootInSeconds))
        var named: [Named] = []
        for remote in remotes {
            if case .notAFile? = remote.obstacle, let cause = remote.obstacle?.cause {
                findings.ignored.append(IgnoredFile(file: remote.path.spelling, reason: cause))
            } else if let obstacle = remote.obstacle, Self.named(remote) != nil,
                Self.refusal(remote.path.name) == nil
            {
                findings.unreadable.append(UnreadableFile(remote, obstacle, account: account))
            } else if let obstacle = remote.obstacle {
                findings.ignored.append(IgnoredFile(file: remote.path.spelling, reason: obstacle.cause))
            } else if let reason = Self.refusal(remote.path.name) {
                findings.ignored.append(IgnoredFile(file: remote.path.spelling, reason: reason))
            } else if let part = Self.named(remote, .seconds), part.part > 0, inSeconds.contains(part.group) {
                named.append(part)
            } else if let file = Self.named(remote) {
                named.append(file)
            }
        }
        let entries = try campaign.write { database in
            let ledger = Ledger(at: campaign.world.milliseconds)
            return try named.map { file in
                try ledger.discover(
                    account: account,
                    path: file.remote.path.spelling,
                    byteCount: Int64(file.remote.byteCount),
                    modified: Int64(file.remote.modifiedNanoseconds),
                    in: database
                )
            }
        }
        findings.cancelled += try ImportOutcome(campaign).cancelLeft(
            account,
            present: Set(entries.map(\.id)),
            hidden: remotes.filter { $0.obstacle != nil }.map(\.path.spelling)
        )
        var sets: [Group: ImportSet] = [:]
        var controls: [(Group, ImportSet.File)] = []
        for (name, entry) in zip(named, entries) {
            let file = ImportSet.File(
                entry: entry,
                remote: name.remote,
                part: name.part,
                isGlued: name.isGlued
            )
            if name.isControl {
                controls.append((name.group, file))
            } else {
                sets[name.group, default: ImportSet(key: name.group.key, account: account)].files.append(file)
            }
        }
        for (group, control) in controls {
            Self.give(control, of: group, account, to: &sets)
        }
        findings.sets += sets.values.filter(\.isOpen)
        findings.loaded = zip(named, entries).filter { $1.state == .loaded }.map(\.0.remote)
    }

    /// The set of a file whose moment has 10 digits: what looks like 13 digits beside it is such a moment with a
    /// glued part number (docs/formats.md, "Timestamp and part").
    private static func rootInSeconds(_ remote: RemoteFile) -> Group? {
        guard let file = named(remote), file.part == 0, !file.isControl,
            case .outbound(let key) = file.group.key,
            remote.path.name.contains("_\(key.timestamp / 1000).")
        else { return nil }
        return file.group
    }

    private static func named(_ remote: RemoteFile, _ precision: TimestampPrecision = .automatic) -> Named? {
        let folder = remote.path.folder?.spelling ?? ""
        if let name = OutboundFileName(parsing: remote.path.name, timestampPrecision: precision) {
            let group = Group(
                key: .outbound(name.setKey),
                folder: folder,
                alias: name.alias ?? "",
                ending: name.isControlFile ? "" : "\(name.fileExtension)\(name.isGzip)"
            )
            let isGlued = name.part > 0 && !name.name.contains("_\(name.timestampDigits)-")
            return Named(
                group: group,
                part: name.part,
                isGlued: isGlued,
                isControl: name.isControlFile,
                remote: remote
            )
        }
        guard let name = InboundFileName(parsing: remote.path.name) else { return nil }
        let group = Group(
            key: .inbound(dataSource: name.dataSource, timestamp: name.timestamp, kind: name.kind),
            folder: folder,
            alias: name.traitDataSource.map(String.init) ?? "",
            ending: "\(name.compression)"
        )
        return Named(group: group, part: name.part ?? 0, isGlued: false, isControl: false, remote: remote)
    }

    /// Gives a control file to the set that it describes.
    ///
    /// One that finds no set of its own root belongs to the set of the same destination and moment: the vendor's
    /// own example pairs an `iter` data file with a `full` control file. Without any set it waits for the data.
    private static func give(
        _ control: ImportSet.File,
        of group: Group,
        _ account: String,
        to sets: inout [Group: ImportSet]
    ) {
        guard case .outbound(let name) = group.key else { return }
        let free = sets.filter { $0.value.control == nil && $0.key.folder == group.folder }.keys
        let own = free.filter { $0.key == group.key && $0.alias == group.alias }
        let related = free.filter { other in
            guard case .outbound(let candidate) = other.key else { return false }
            return candidate.destination == name.destination && candidate.timestamp == name.timestamp
        }
        let owner = (own.isEmpty ? related : own).min { $0.ending < $1.ending }
        sets[owner ?? group, default: ImportSet(key: group.key, account: account)].control = control
    }

    private static func refusal(_ name: String) -> String? {
        if let inbound = InboundFileName(parsing: name) {
            if inbound.compression == .pgp { return "OpenPGP files are not read; send the file as gzip." }
            if inbound.isPartnerVariant { return "The partner variant ftp_dpm_odc_ is not read." }
            return nil
        }
        if IDSyncFileName(parsing: name) != nil {
            return "An ID-sync file; a Campaign import does not read it."
        }
        return OutboundFileName(parsing: name) == nil
            ? "The name is none of an audience file (docs/formats.md)." : nil
    }
}

/// A file in an account that no run will read, and why.
struct IgnoredFile: Encodable, Sendable {
    let file: String
    let reason: String
}

/// An audience file that can't be read, and the way out.
struct UnreadableFile: Encodable, Sendable {
    let file: String
    let account: String
    let summary: String
    let advice: String

    init(_ remote: RemoteFile, _ obstacle: TransferError, account: String) {
        file = remote.path.spelling
        self.account = account
        summary = obstacle.cause
        if case .denied = obstacle {
            advice =
                "Give the user that runs Tallystick the right to read the file (chmod, chgrp), and have the partner's program write files with that right."
        } else {
            advice = obstacle.fix
        }
    }
}
