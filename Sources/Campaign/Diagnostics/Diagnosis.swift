// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Matching
import Problems
import Storage
import Terminal

/// Looks for what keeps the exchange from working, and says how to put it right.
struct Diagnosis {
    private static let lowSpaceBytes = 1_000_000_000
    private static let staleHours = 24

    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Looks at everything.
    func run() async throws -> CheckReport {
        var findings = [try database(), space()]
        findings += try indexes()
        findings += try await accounts()
        findings += try dataSources()
        findings += try await HubFindings(campaign).list()
        findings += try files()
        return CheckReport(findings: findings)
    }

    private func database() throws -> Finding {
        let (answer, profiles) = try campaign.read { database in
            (
                try String.fetchOne(database, sql: "PRAGMA schema_version") ?? "",
                try Counter.profiles.value(in: database)
            )
        }
        return Finding(
            "database",
            answer.isEmpty ? .failed : .ok,
            "\(profiles.grouped) profiles in \(campaign.directory.path)"
        )
    }

    private func space() -> Finding {
        var information = statvfs()
        guard statvfs(campaign.directory.path, &information) == 0 else {
            return Finding("space", .warning, "the free space can't be measured")
        }
        let free = Int(information.f_bavail) * Int(information.f_frsize)
        let text = "\((free / 1_000_000).grouped) MB free"
        return free < Self.lowSpaceBytes
            ? Finding("space", .warning, text, fix: "Free some space on the disk of the data directory.")
            : Finding("space", .ok, text)
    }

    private func indexes() throws -> [Finding] {
        let lock = try campaign.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        let indexes = ProfileIndexes(campaign)
        return try campaign.read { try indexes.records(in: $0) }.map { record in
            do {
                let count = try indexes.open(record).count
                return Finding("index \(record.definition.text)", .ok, "\(count.grouped) IDs")
            } catch let problem as Problem {
                return Finding("index \(record.definition.text)", problem)
            }
        }
    }

    private func accounts() async throws -> [Finding] {
        var findings: [Finding] = []
        for account in try campaign.read({ try ExternalAccountStore().all(in: $0) }) {
            guard account.settings != .unconfigured else {
                findings.append(try unconfigured(account))
                continue
            }
            findings.append(try await Finding.of(account, campaign))
        }
        return findings
    }

    /// An account without settings: a failure where files were exchanged through it before.
    private func unconfigured(_ account: ExternalAccount) throws -> Finding {
        let use = try campaign.read { try AccountUse(of: account.id, campaign, in: $0) }
        return Finding(
            "account \(account.id)",
            use.hasExchanged ? .failed : .warning,
            "not configured" + (use.loss.map { ", so \($0)" } ?? ""),
            fix: "Run `tallystick accounts create folder|sftp|s3 --id \(account.id) …`."
        )
    }

    private func dataSources() throws -> [Finding] {
        let (sources, filled) = try campaign.read { database in
            let sources = try SharedDataSourceStore(campaign).all(in: database)
            return (sources, try Counter.profiles.value(in: database))
        }
        let indexes = ProfileIndexes(campaign)
        let lock = try campaign.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try sources.map { source in
            let name = "data source \(source.id)"
            guard source.termsAccepted != nil else {
                return Finding(
                    name,
                    .warning,
                    "its terms are not accepted, so no data flows",
                    fix: "Run `tallystick data-sources edit \(source.id) --accept-terms`."
                )
            }
            let keys = try indexes.open(source.index).count
            guard filled == 0 || keys > 0 else {
                return Finding(
                    name,
                    .warning,
                    "no profile has an ID of it",
                    fix: source.keyField.map { "Load profiles with the field \($0.name)." }
                        ?? "Link visitor IDs with `tallystick profiles link-visitors`."
                )
            }
            let text = "\(keys.grouped) IDs for \(filled.grouped) profiles"
            guard !source.sharesAddresses else {
                return Finding(
                    name,
                    .warning,
                    "\(text); the other side gets addresses in the clear",
                    fix:
                        "Share hashed IDs by a data source with --hash sha256, if the other side keeps those."
                )
            }
            return Finding(name, .ok, text)
        }
    }

    /// The files that wait and those that were refused, each in its newest version.
    private func files() throws -> [Finding] {
        let limit = campaign.world.milliseconds - Int64(Self.staleHours) * 3_600_000
        let newest = """
            FROM ledger_files AS file WHERE NOT EXISTS (SELECT 1 FROM ledger_files AS later
                WHERE later.account = file.account AND later.path = file.path AND later.id > file.id)
            """
        let failed = "AND state = 'rejected' AND receipt IN (SELECT id FROM receipts WHERE state = 'failed')"
        let (waiting, stale, refused, receipt) = try campaign.read { database in
            func count(_ condition: String, _ arguments: StatementArguments = []) throws -> Int {
                let sql = "SELECT count(*) \(newest) \(condition)"
                return try Int.fetchOne(database, sql: sql, arguments: arguments) ?? 0
            }
            return (
                try count("AND state = 'waiting'"),
                try count("AND state = 'waiting' AND discovered < ?", [limit]),
                try count(failed),
                try String.fetchOne(
                    database,
                    sql: "SELECT receipt \(newest) \(failed) ORDER BY changed DESC, id DESC LIMIT 1"
                )
            )
        }
        let text = "\(waiting.grouped) waiting, \(refused.grouped) refused"
        var findings: [Finding] = []
        if stale > 0 {
            findings.append(
                Finding(
                    "files",
                    .warning,
                    "\(text); \(stale.grouped) wait for more than \(Self.staleHours) hours",
                    fix: "Run `tallystick sync` to see what they wait for."
                )
            )
        }
        if let receipt {
            findings.append(
                Finding(
                    "files",
                    .warning,
                    "\(text); the last refusal is in receipt \(receipt)",
                    fix:
                        "Run `tallystick receipts show \(receipt)` to see why, and `tallystick receipts list` for the others."
                )
            )
        }
        return findings.isEmpty ? [Finding("files", .ok, text)] : findings
    }
}

extension Campaign: Diagnosed {
    package func diagnose() async throws -> CheckReport {
        try await Diagnosis(self).run()
    }
}
