// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Logging
import Problems
import ServiceLifecycle
import Storage
import Transfer

/// What comes in from one account: its new complete files are fetched and imported.
///
/// Listing and fetching go beside the work on other accounts; importing takes its turn.
struct AccountImports {
    let campaign: Campaign
    let account: ExternalAccount
    let turns: ChangeTurns
    let hesitation: SyncHesitation

    /// Imports what is new.
    ///
    /// - Parameters:
    ///   - listing: What the account holds, if that is known already.
    ///   - isPatient: Whether to wait out the quiet period of sets that just arrived.
    /// - Returns: The receipts, and what waits or is none of ours; an account that can't be reached is in it, too.
    /// - Throws: `CancellationError`, or what the database answers.
    func run(listing: [RemoteFile]? = nil, isPatient: Bool) async throws -> SyncReport {
        var report = SyncReport()
        do {
            let discovery = ImportDiscovery(campaign)
            var findings = try await discovery.note(files(listing), of: account)
            report.add(findings.cancelled)
            if isPatient, let rest = SyncRun.quietTime(findings.sets, campaign) {
                try await Task.sleep(for: rest)
                findings = try await discovery.note(files(nil), of: account)
                report.add(findings.cancelled)
            }
            report.ignored = findings.ignored
            report.unreadable = findings.unreadable
            for set in findings.sets where !hesitation.holds(set) {
                try Task.checkCancellation()
                try await take(set, into: &report)
            }
            try await clearAway(findings, hasImported: !report.receipts.isEmpty)
        } catch let error as TransferError {
            if error == .cancelled { throw CancellationError() }
            report.merge(unreachable(error))
        } catch let problem as Problem where problem.kind == .secretUnreadable {
            report.unreachable.append(UnreachableAccount(account: account.id, problem: problem))
        }
        return report
    }

    /// Deletes or moves what was imported, by this pass or an earlier one, where the account's rules say so.
    ///
    /// After an import the account is listed again: a file that the partner has replaced meanwhile stays.
    private func clearAway(_ findings: ImportDiscovery.Findings, hasImported: Bool) async throws {
        guard account.rules.afterReading != .keep else { return }
        var loaded = findings.loaded
        if hasImported {
            let discovery = ImportDiscovery(campaign)
            loaded = try await discovery.note(files(nil), of: account).loaded
        }
        try await AccountCleaning(campaign, account).afterReading(loaded)
    }

    /// The report of an account that can't be used.
    func unreachable(_ error: TransferError) -> SyncReport {
        var report = SyncReport()
        report.unreachable.append(
            UnreachableAccount(account: account.id, problem: error.problem(of: account.id))
        )
        return report
    }

    private func files(_ listing: [RemoteFile]?) async throws -> [RemoteFile] {
        if let listing { return listing }
        var attempts = Attempts()
        let (transport, account) = (try campaign.transport(to: account), account)
        return try await attempts.run(over: transport) { (transport) throws(TransferError) in
            ImportDiscovery.unread(try await transport.listing(unlessChangedSince: nil), of: account)
        }
    }

    private func take(_ set: ImportSet, into report: inout SyncReport) async throws {
        let files = try ImportFiles(set, campaign)
        let start = ContinuousClock.now
        var failure: TransferError?
        var isFetched = false
        do {
            if case .run = try await decide(set, files) {
                isFetched = true
                try await files.fetch()
            }
        } catch let error as TransferError {
            if error == .cancelled { throw CancellationError() }
            failure = error
        }
        let seconds = isFetched && account.typeName != "folder" ? (ContinuousClock.now - start).seconds : nil
        let fault = failure
        report.merge(try await turns.take { try await act(set, files, fault, seconds) })
    }

    /// Does what is to be done with a set, in a turn; what there is to decide may have changed meanwhile.
    private func act(
        _ set: ImportSet,
        _ files: ImportFiles,
        _ failure: TransferError?,
        _ seconds: Double?
    ) async throws -> SyncReport {
        var report = SyncReport()
        switch try await decide(set, files) {
        case .nothing:
            break
        case .run(let source, let audiences):
            let run = ImportRun(set, files, source, audiences, campaign)
            let receipt = try await run.run(after: failure, fetchingSeconds: seconds)
            hesitation.note(set, hasFailed: receipt.state == .failed)
            if receipt.state != .failed { files.discard() }
            report.add([receipt])
        case .wait(let source, let reason):
            report.waiting.append(WaitingSet(file: set.name, reason: reason))
            try ImportOutcome(campaign).wait(set, source, reason)
        case .refuse(let source, let problem):
            report.add([try await ImportOutcome(campaign).refuse(set, files, source, problem)])
        case .recognise(let reason):
            files.discard()
            report.recognised.append(WaitingSet(file: set.name, reason: reason))
            try ImportOutcome(campaign).recognise(set, reason)
        }
        return report
    }

    private func decide(_ set: ImportSet, _ files: ImportFiles) async throws -> ImportDecision {
        try await ImportDecision(set, files, campaign, quiet: SyncRun.quiet(set, campaign))
    }
}
