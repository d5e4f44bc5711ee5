// SPDX-License-Identifier: Apache-2.0

import Logging
import Problems
import Storage

/// One pass of the exchange: all new complete files come in, and what is due goes out.
///
/// Starts by finishing or undoing what an interrupted pass left, so killing it at any point loses nothing.
package struct SyncRun {
    /// How long a split set without a control file must have been quiet before it counts as complete.
    package static let quietPeriod = Duration.seconds(2)

    private let campaign: Campaign
    private let lock: DirectoryLock

    /// Begins to sync.
    ///
    /// - Parameter campaign: The installation.
    /// - Throws: ``Problem`` of kind `data.busy` when another sync is at work on the data directory.
    package init(_ campaign: Campaign) throws {
        self.campaign = campaign
        lock = try DirectoryLock(campaign.directory, .sync)
    }

    /// Does one pass.
    ///
    /// - Parameters:
    ///   - isPatient: Whether to wait out the quiet period of sets that just arrived.
    ///   - hesitation: Sets that failed lately are left alone, since nothing about them has changed.
    /// - Returns: The receipts of all runs, and what waits or is none of ours.
    /// - Throws: ``Problem`` of kind `data.busy` when another process changes the data directory, `CancellationError`,
    ///   or what the database answers; what goes wrong in one run is in its receipt instead.
    package func pass(isPatient: Bool = true, hesitation: inout SyncHesitation) async throws -> SyncReport {
        let change = try campaign.lockForChange()
        defer { withExtendedLifetime(change) {} }
        try prepare()
        var report = SyncReport()
        report.add(try await ShareRecovery(campaign).finishInterrupted())
        try await importAll(into: &report, isPatient: isPatient, hesitation: &hesitation)
        let isExportHeld = hesitation.holdsExports(of: try campaign.read { try Counter.change.value(in: $0) })
        if !isExportHeld {
            let exported = try await Shares(campaign).shareDue()
            hesitation.note(exports: exported, change: try campaign.read { try Counter.change.value(in: $0) })
            report.add(exported)
        }
        try campaign.write { try ProfileIndexes(campaign).pruneChanges(in: $0) }
        return report
    }

    private func prepare() throws {
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

    private func importAll(
        into report: inout SyncReport,
        isPatient: Bool,
        hesitation: inout SyncHesitation
    ) async throws {
        var findings = try await ImportDiscovery(campaign).find()
        report.add(findings.cancelled)
        if isPatient, let rest = quietTime(findings.sets) {
            try await Task.sleep(for: rest)
            findings = try await ImportDiscovery(campaign).find()
            report.add(findings.cancelled)
        }
        report.ignored = findings.ignored
        report.unreadable = findings.unreadable
        for (account, error) in findings.failures {
            guard let problem = error as? Problem else { throw error }
            report.unreachable.append(UnreachableAccount(account: account, problem: problem))
        }
        for set in findings.sets {
            try Task.checkCancellation()
            guard !hesitation.holds(set) else { continue }
            try await take(set, into: &report, isPatient: isPatient, hesitation: &hesitation)
        }
    }

    private func take(
        _ set: ImportSet,
        into report: inout SyncReport,
        isPatient: Bool,
        hesitation: inout SyncHesitation
    ) async throws {
        let decision = try await ImportDecision(set, campaign, quiet: quiet(set))
        switch decision {
        case .nothing:
            return
        case .run(let source, let audiences):
            let receipt = try await ImportRun(set, source, audiences, campaign).run()
            if receipt.state == .failed { hesitation.note(set) }
            report.add([receipt])
        case .wait(let source, let reason):
            report.waiting.append(WaitingSet(file: set.name, reason: reason))
            try ImportOutcome(campaign).wait(set, source, reason)
        case .refuse(let source, let problem):
            report.add([try await ImportOutcome(campaign).refuse(set, source, problem)])
        case .recognise(let reason):
            report.recognised.append(WaitingSet(file: set.name, reason: reason))
            try ImportOutcome(campaign).recognise(set, reason)
        }
    }

    /// Whether nothing of a set changed for the quiet period.
    private func quiet(_ set: ImportSet) -> Bool {
        age(of: set) >= Self.quietPeriod
    }

    private func age(of set: ImportSet) -> Duration {
        let now = campaign.world.milliseconds
        return .milliseconds(now - Int64(set.newest / 1_000_000))
    }

    /// How long to wait until split sets that just arrived have been quiet.
    private func quietTime(_ sets: [ImportSet]) -> Duration? {
        let recent = sets.filter { $0.files.count > 1 && $0.control == nil && !quiet($0) }
        return recent.map { Self.quietPeriod - age(of: $0) }.max().map { min($0, Self.quietPeriod) }
    }
}
