// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Logging
import Problems
import Storage
import Transfer

/// The exchange: all new complete files come in, and what is due goes out.
///
/// Starts by finishing or undoing what an interrupted pass left, so killing it at any point loses nothing. Accounts
/// are worked on side by side: a stuck one never delays another.
package struct SyncRun: Sendable {
    /// How long a split set without a control file must have been quiet before it counts as complete.
    package static let quietPeriod = Duration.seconds(2)

    /// How long what goes out waits for what comes in from accounts that are slow.
    private static let exportPatience = Duration.seconds(10)

    private let campaign: Campaign
    private let lock: DirectoryLock
    private let turns: ChangeTurns
    private let hesitation = SyncHesitation()

    /// Begins to sync.
    ///
    /// - Parameter campaign: The installation.
    /// - Throws: ``Problem`` of kind `data.busy` when another sync is at work on the data directory.
    package init(_ campaign: Campaign) throws {
        self.campaign = campaign
        lock = try DirectoryLock(campaign.directory, .sync)
        turns = ChangeTurns(campaign.directory)
    }

    /// Does one pass over all accounts.
    ///
    /// What failed in an earlier pass of this run is left alone for a while, unless something about it has changed.
    ///
    /// - Parameter isPatient: Whether to wait out the quiet period of sets that just arrived.
    /// - Returns: The receipts of all runs, and what waits or is none of ours.
    /// - Throws: ``Problem`` of kind `data.busy` when another process changes the data directory, `CancellationError`,
    ///   or what the database answers; what goes wrong in one run is in its receipt instead.
    package func pass(isPatient: Bool = true) async throws -> SyncReport {
        try await prepare()
        let accounts = try ImportDiscovery(campaign).accounts()
        var report = try await withThrowingTaskGroup(of: SyncReport?.self) { tasks in
            for account in accounts {
                tasks.addTask { try await imports(from: account).run(isPatient: isPatient) }
            }
            tasks.addTask {
                try? await Task.sleep(for: Self.exportPatience)
                return nil
            }
            var report = SyncReport()
            var open = accounts.count
            while open > 0, let part = try await tasks.next() {
                if let part {
                    open -= 1
                    report.merge(part)
                } else {
                    report.merge(try await shareDue())
                }
            }
            tasks.cancelAll()
            return report
        }
        report.merge(try await shareDue())
        try await turns.take {
            try campaign.write { try ProfileIndexes(campaign).pruneChanges(in: $0) }
        }
        return report
    }

    /// Finishes or undoes what an interrupted pass left, and lets what has expired go.
    func prepare() async throws {
        try await turns.take { try prepareInTurn() }
    }

    /// What comes in from one account.
    func imports(from account: ExternalAccount) -> AccountImports {
        AccountImports(campaign: campaign, account: account, turns: turns, hesitation: hesitation)
    }

    /// Shares what is due, with all accounts side by side.
    func shareDue() async throws -> SyncReport {
        let accounts = try AccountExports.accounts(campaign)
        let report = try await withThrowingTaskGroup(of: SyncReport.self) { tasks in
            for account in accounts { tasks.addTask { try await shareDue(to: account) } }
            return try await tasks.reduce(into: SyncReport()) { $0.merge($1) }
        }
        try await turns.take { try ShareRecovery(campaign, turns).removeLeftovers() }
        return report
    }

    /// Shares what is due to one account.
    func shareDue(to account: ExternalAccount) async throws -> SyncReport {
        try await AccountExports(campaign: campaign, account: account, turns: turns, hesitation: hesitation)
            .run()
    }

    private func prepareInTurn() throws {
        let time = campaign.world.milliseconds
        let day = String(Moment.text(time).prefix(10))
        let expired = try campaign.write { database in
            try ReceiptStore().forgetInterrupted(in: database)
            try Ledger(at: time).resetInterrupted(in: database)
            return try AudienceStore().deleteExpired(today: day, in: database)
        }
        for audience in expired {
            campaign.logger.notice(
                "audience expired and was deleted",
                metadata: ["audience": "\(audience.id)"]
            )
        }
        try ProfileIndexes(campaign).removeLeftovers()
        try Leftovers(campaign).remove()
    }
}

extension SyncRun {
    /// Whether nothing of a set changed for the quiet period.
    static func quiet(_ set: ImportSet, _ campaign: Campaign) -> Bool {
        age(of: set, campaign) >= quietPeriod
    }

    /// How long to wait until split sets that just arrived have been quiet.
    static func quietTime(_ sets: [ImportSet], _ campaign: Campaign) -> Duration? {
        let recent = sets.filter { $0.needsQuiet && !quiet($0, campaign) }
        return recent.map { quietPeriod - age(of: $0, campaign) }.max().map { min($0, quietPeriod) }
    }

    private static func age(of set: ImportSet, _ campaign: Campaign) -> Duration {
        // A server's clock may be any time away from ours, so there it counts when we saw this version first.
        let latest =
            set.mayGrow ? set.allFiles.map(\.entry.discovered).max() ?? 0 : Int64(set.newest / 1_000_000)
        return .milliseconds(campaign.world.milliseconds - latest)
    }
}
