// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import GRDB
import Logging
import Problems
import Storage
import Transfer

/// What comes in from one account: its complete sets are fetched, onboarded and noted as done.
///
/// Listing and fetching go beside the work on other accounts; onboarding takes its turn.
struct InboundSync {
    /// How long a split set must have been quiet before it counts as complete.
    static let quietPeriod = Duration.seconds(2)

    private static let heldBack = "an earlier delivery may still be written"

    let service: PeopleService
    let account: ExternalAccount
    let turns: ChangeTurns
    let copies: InboundCopies
    /// How long to wait before work on the account is tried again for the first time.
    let pause: Duration

    /// Onboards what is new.
    ///
    /// - Parameters:
    ///   - listing: What the account holds, if that is known already.
    ///   - isPatient: Whether to wait out the quiet period of split sets that just arrived.
    /// - Returns: What was done; an account that can't be reached is in it, too.
    /// - Throws: `CancellationError`, or what the database answers.
    func run(listing: [RemoteFile]? = nil, isPatient: Bool) async throws -> PeopleSyncReport {
        var report = PeopleSyncReport()
        do {
            let discovery = InboundDiscovery(service)
            var findings = try discovery.note(await files(listing), of: account)
            if isPatient, let rest = quietTime(findings.sets) {
                try await Task.sleep(for: rest)
                findings = try discovery.note(await files(nil), of: account)
            }
            report.ignored = findings.ignored.map {
                PeopleSyncReport.Waiting(file: $0.file, reason: $0.reason)
            }
            var isHeldBack = false
            for set in findings.sets {
                try Task.checkCancellation()
                if let reason = reasonToWait(set) ?? (isHeldBack ? Self.heldBack : nil) {
                    report.waiting.append(PeopleSyncReport.Waiting(file: set.name, reason: reason))
                    // Later deliveries count after this one; for a part that is missing nobody waits.
                    isHeldBack = isHeldBack || set.missingPart == nil
                } else if let receipt = try await take(set) {
                    report.receipts.append(receipt)
                    if receipt.state != .failed { findings.loaded += set.files.map(\.remote) }
                }
            }
            try await AfterReading(account).clear(findings.loaded, try service.transport(to: account))
        } catch let error as TransferError {
            if error == .cancelled { throw CancellationError() }
            report.unreachable.append(PeopleSyncReport.Unreachable(account.id, error.problem(of: account.id)))
        } catch let problem as Problem where problem.kind == .secretUnreadable {
            report.unreachable.append(PeopleSyncReport.Unreachable(account.id, problem))
        }
        return report
    }

    /// What the account holds that its rules let through.
    func files(_ listing: [RemoteFile]? = nil) async throws -> [RemoteFile] {
        if let listing { return listing }
        var attempts = Attempts(pause: pause)
        let transport = try service.transport(to: account)
        let all = try await attempts.run(over: transport) { (transport) throws(TransferError) in
            try await transport.list()
        }
        return AfterReading(account).unread(all)
    }

    /// The same while watching: only what may have changed is listed.
    ///
    /// - Parameters:
    ///   - latest: What was listed before.
    ///   - isComplete: Whether to list all in any case, since files may be growing.
    /// - Returns: What the account holds that its rules let through.
    /// - Throws: `TransferError`, or ``Problem`` when its secrets can't be opened.
    func files(since latest: inout SettledListing, isComplete: Bool) async throws -> [RemoteFile] {
        AfterReading(account)
            .unread(try await latest.files(of: service.transport(to: account), isComplete: isComplete))
    }

    private func take(_ set: InboundSet) async throws -> Receipt? {
        guard account.typeName != "folder", set.refusal == nil else {
            return try await turns.take { try await InboundRun(set, account, service, copies).run() }
        }
        let files = set.files.map(\.remote)
        return try await copies.keeping(files, of: account.id) {
            let receipt = try await fetchAndTake(set, files)
            // What was refused is not read again; after another failure the next attempt goes on from here.
            let isRefused = receipt?.failure?.code == ProblemKind.inboundFileRefused.code
            if receipt?.state != .failed || isRefused { copies.discard(files, of: account.id) }
            return receipt
        }
    }

    private func fetchAndTake(_ set: InboundSet, _ files: [RemoteFile]) async throws -> Receipt? {
        let start = ContinuousClock.now
        var attempts = Attempts(pause: pause)
        var failure: TransferError?
        do {
            try await copies.fetch(files, in: account.id, by: service.transport(to: account), &attempts)
        } catch let error as TransferError {
            if error == .cancelled { throw CancellationError() }
            failure = error
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let (count, fault) = (max(1, attempts.count), failure)
        return try await turns.take {
            try await InboundRun(set, account, service, copies)
                .run(after: fault, fetchingSeconds: seconds, attempts: count)
        }
    }

    private func reasonToWait(_ set: InboundSet) -> String? {
        guard set.refusal == nil else { return nil }
        if let missing = set.missingPart { return "part \(missing) is missing" }
        guard age(of: set) < Self.quietPeriod else { return nil }
        if set.isSplit { return "more parts may come" }
        if mayGrow { return "it may still be written" }
        return nil
    }

    private func quietTime(_ sets: [InboundSet]) -> Duration? {
        sets.filter {
            $0.refusal == nil && ($0.isSplit || mayGrow) && $0.missingPart == nil
                && age(of: $0) < Self.quietPeriod
        }
        .map { Self.quietPeriod - age(of: $0) }
        .max()
    }

    /// Whether partners may write files under their final names, so that the beginning of one looks like a file.
    private var mayGrow: Bool { account.typeName == "sftp" }

    /// How long ago the last file of a set was first seen here: a server's clock may be any time away from ours.
    private func age(of set: InboundSet) -> Duration {
        .milliseconds(service.world.milliseconds - (set.files.map(\.entry.discovered).max() ?? 0))
    }
}
