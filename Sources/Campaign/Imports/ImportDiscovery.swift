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
        /// Accounts that could not be listed, with the problem.
        var failures: [(account: String, error: any Error)] = []
    }

    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// What the import accounts hold, without noting anything.
    func listing() async throws -> [(account: String, files: Result<[RemoteFile], any Error>)] {
        let accounts = try campaign.read { database in
            try String.fetchAll(
                database,
                sql: "SELECT DISTINCT import_account FROM shared_data_sources ORDER BY 1 LIMIT 1000"
            )
            .map { try ExternalAccountStore().find($0, in: database) }
        }
        var listing: [(account: String, files: Result<[RemoteFile], any Error>)] = []
        for account in accounts where account.settings != .unconfigured {
            do {
                listing.append((account.id, .success(try await account.transport(campaign.world).list())))
            } catch let error as TransferError {
                listing.append((account.id, .failure(error.problem(of: account.id))))
            } catch {
                listing.append((account.id, .failure(error)))
            }
        }
        return listing
    }

    /// Looks into all import accounts and notes what is there in the ledger.
    func find() async throws -> Findings {
        var findings = Findings()
        for (account, files) in try await listing() {
            switch files {
            case .success(let files): try group(files, of: account, into: &findings)
            case .failure(let error): findings.failures.append((account, error))
            }
        }
        findings.sets.sort { ($0.moment, $0.dataSource, $0.name) < ($1.moment, $1.dataSource, $1.name) }
        return findings
    }

    private func group(_ remotes: [RemoteFile], of account: String, into findings: inout Findings) throws {
        var named: [(ImportSet.Key, Int, isControl: Bool, RemoteFile)] = []
        for remote in remotes {
            if let obstacle = remote.obstacle {
                findings.ignored.append(IgnoredFile(file: remote.path.spelling, reason: obstacle.cause))
            } else if let name = OutboundFileName(parsing: remote.path.name) {
                named.append((.outbound(name.setKey), name.part, name.isControlFile, remote))
            } else if let name = InboundFileName(parsing: remote.path.name) {
                if let reason = Self.refusal(name) {
                    findings.ignored.append(IgnoredFile(file: remote.path.spelling, reason: reason))
                } else {
                    named.append(
                        (
                            .inbound(dataSource: name.dataSource, timestamp: name.timestamp, kind: name.kind),
                            name.part ?? 0, false, remote
                        )
                    )
                }
            } else {
                let reason = "The name is none of an audience file (docs/formats.md)."
                findings.ignored.append(IgnoredFile(file: remote.path.spelling, reason: reason))
            }
        }
        let entries = try campaign.write { database in
            let ledger = Ledger(at: campaign.world.milliseconds)
            return try named.map { _, _, _, remote in
                try ledger.discover(
                    account: account,
                    path: remote.path.spelling,
                    byteCount: Int64(remote.byteCount),
                    modified: Int64(remote.modifiedNanoseconds),
                    in: database
                )
            }
        }
        var sets: [ImportSet.Key: ImportSet] = [:]
        for ((key, part, isControl, remote), entry) in zip(named, entries) {
            let file = ImportSet.File(entry: entry, remote: remote, part: part)
            var set = sets[key] ?? ImportSet(key: key, account: account)
            if isControl { set.control = file } else { set.files.append(file) }
            sets[key] = set
        }
        findings.sets += Self.adopted(sets).filter(\.isOpen)
    }

    /// A control file that finds no set of its own belongs to the one set of the same destination and moment: the
    /// vendor's own example pairs an `iter` data file with a `full` control file.
    private static func adopted(_ sets: [ImportSet.Key: ImportSet]) -> [ImportSet] {
        var sets = sets
        for (key, orphan) in sets where orphan.files.isEmpty {
            guard case .outbound(let name) = key else { continue }
            let candidates = sets.keys.filter { other in
                guard case .outbound(let candidate) = other, other != key, let set = sets[other] else {
                    return false
                }
                return candidate.destination == name.destination && candidate.timestamp == name.timestamp
                    && !set.files.isEmpty && set.control == nil
            }
            guard candidates.count == 1, let owner = candidates.first else { continue }
            sets[owner]?.control = orphan.control
            sets[key] = nil
        }
        return Array(sets.values)
    }

    private static func refusal(_ name: InboundFileName) -> String? {
        if name.compression == .pgp { return "OpenPGP files are not read; send the file as gzip." }
        if name.isPartnerVariant { return "The partner variant ftp_dpm_odc_ is not read." }
        return nil
    }
}

/// A file in an account that no run will read, and why.
struct IgnoredFile: Encodable, Sendable {
    let file: String
    let reason: String
}
