// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Matching
import Problems
import Storage
import Terminal

/// Looks for what keeps the People service's exchange from working, and says how to put it right.
struct PeopleDiagnosis {
    private let service: PeopleService

    init(_ service: PeopleService) {
        self.service = service
    }

    /// Looks at everything.
    ///
    /// - Returns: What was found.
    /// - Throws: What the database answers.
    func run() async throws -> CheckReport {
        var findings = [try people(), try index()]
        let accounts = try service.read { try ExternalAccountStore().all(in: $0) }
        for account in accounts {
            findings.append(
                account.settings == .unconfigured
                    ? Finding(
                        "account \(account.id)",
                        .warning,
                        "not configured",
                        fix: "Run `tallystick accounts create folder|sftp|s3 --id \(account.id) …`."
                    )
                    : try await Finding.of(account, service)
            )
        }
        findings += sharedPlaces(accounts)
        findings += try segments()
        findings += try destinations()
        findings.append(try files())
        findings += try deletions()
        return CheckReport(findings: findings)
    }

    private func people() throws -> Finding {
        let (ids, segments) = try service.read { database in
            (
                try IDStore().count(in: database),
                try Int.fetchOne(database, sql: "SELECT count(*) FROM segments") ?? 0
            )
        }
        let text = "\(ids.grouped) IDs, \(segments.grouped) segments in \(service.directory.path)"
        return Finding("people", .ok, text)
    }

    private func index() throws -> Finding {
        let lock = try service.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return Finding("index of IDs", .ok, "\(try IDDirectory(service).index.count.grouped) IDs")
    }

    /// Accounts whose files others see, too; each pair is named once.
    private func sharedPlaces(_ accounts: [ExternalAccount]) -> [Finding] {
        accounts.enumerated().compactMap { place, account in
            let others = account.sharingPlace(among: Array(accounts[..<place]))
            return account.sharedPlaceWarning(others).map { warning in
                Finding(
                    "account \(account.id)",
                    .warning,
                    warning,
                    fix: """
                        Disable one of them (`tallystick accounts disable \(account.id)`), give it a folder of its own, \
                        or give each another --pattern.
                        """
                )
            }
        }
    }

    /// Segments whose rules name traits that were deleted.
    private func segments() throws -> [Finding] {
        try service.read { try SegmentStore().withMissingTraits(in: $0) }.map { sid, traits in
            let list = traits.map { "\($0)T" }.joined(separator: ", ")
            return Finding(
                "segment \(sid)",
                .warning,
                "its rule names \(list), which was deleted; nobody has it",
                fix: "Run `tallystick people segments edit \(sid) --rule …`, or delete the segment."
            )
        }
    }

    private func destinations() throws -> [Finding] {
        try service.read { database in
            try DestinationStore().list(limit: Destination.limit, in: database)
                .map { DestinationDiagnosis(service, $0).finding(in: database) }
        }
    }

    /// Deletions that have waited for too long, and why.
    private func deletions() throws -> [Finding] {
        let (overdue, waiting) = try service.read { database in
            (
                try OverdueDeletions(at: service.world.milliseconds, in: database).entries,
                try Int.fetchOne(
                    database,
                    sql: "SELECT count(*) FROM privacy_requests WHERE state = 'waiting'"
                ) ?? 0
            )
        }
        guard !overdue.isEmpty else {
            return [Finding("deletions", .ok, waiting == 0 ? "none waits" : "\(waiting.grouped) wait")]
        }
        return overdue.map { entry in
            Finding(
                "deletion \(entry.request.number)",
                .warning,
                "waits for \(entry.days) days: \(entry.reasons.joined(separator: "; "))",
                fix: "Have the destinations told, or delete them where nobody is there any more."
            )
        }
    }

    private func files() throws -> Finding {
        let receipt = try service.read { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT receipt FROM ledger_files WHERE state = 'rejected' AND receipt IS NOT NULL
                    ORDER BY changed DESC, id DESC LIMIT 1
                    """
            )
        }
        guard let receipt else { return Finding("files", .ok, "none was refused") }
        return Finding(
            "files",
            .warning,
            "the last refusal is in receipt \(receipt)",
            fix: "Run `tallystick people receipts show \(receipt)` to see why."
        )
    }
}

extension PeopleService: Diagnosed {
    package func diagnose() async throws -> CheckReport {
        try await PeopleDiagnosis(self).run()
    }
}
