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
    private static let heldBack = "an earlier delivery may still be written"

    let service: PeopleService
    let account: ExternalAccount
    let turns: ChangeTurns
    let copies: InboundCopies
    /// When files count as complete.
    let settling: Settling
    /// How long to wait before work on the account is tried again for the first time.
    let pause: Duration

    /// Onboards what is new.
    ///
    /// - Parameters:
    ///   - listing: What the account holds, if that is known already.
    ///   - isPatient: Whether to wait until files that may still be written are quiet, for a while.
    /// - Returns: What was done; an account that can't be reached is in it, too.
    /// - Throws: `CancellationError`, or what the database answers.
    func run(listing: [RemoteFile]? = nil, isPatient: Bool) async throws -> PeopleSyncReport {
        var report = PeopleSyncReport()
        do {
            let discovery = InboundDiscovery(service)
            var findings = try discovery.note(await files(listing), of: account)
            var waited = Duration.zero
            while true {
                // Sets that just arrived are waited for together, so that they are read in their order.
                let arrived = findings.sets.compactMap { unquietTime(of: $0) }.max()
                if isPatient, let rest = arrived, waited + rest <= settling.longestWait {
                    waited += try await wait(rest)
                } else {
                    try await take(&findings, &report)
                    guard isPatient, let rest = report.lookAgainAfter, waited + rest <= settling.longestWait
                    else { break }
                    waited += try await wait(rest)
                }
                findings = try discovery.note(await files(nil), of: account)
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

    private func wait(_ rest: Duration) async throws -> Duration {
        let rest = max(rest, .milliseconds(10))
        try await Task.sleep(for: rest)
        return rest
    }

    /// Takes the sets that are complete, and tells of all others why they wait.
    private func take(
        _ findings: inout InboundDiscovery.Findings,
        _ report: inout PeopleSyncReport
    ) async throws {
        report.ignored = findings.ignored.map { PeopleSyncReport.Waiting(file: $0.file, reason: $0.reason) }
        report.waiting = []
        report.lookAgainAfter = nil
        func wait(_ set: InboundSet, _ reason: String, lookAgainAfter rest: Duration?) {
            report.waiting.append(PeopleSyncReport.Waiting(file: set.name, reason: reason))
            report.lookAgainAfter = [report.lookAgainAfter, rest].compactMap(\.self).min()
        }
        var isHeldBack = false
        for set in findings.sets {
            try Task.checkCancellation()
            if let standing = try await standing(of: set) {
                wait(set, standing.reason, lookAgainAfter: standing.lookAgainAfter)
                isHeldBack = isHeldBack || standing.holdsBack
                continue
            }
            guard !isHeldBack else {
                wait(set, Self.heldBack, lookAgainAfter: nil)
                continue
            }
            let result = try await take(set)
            report.recognised += result.recognised.map {
                PeopleSyncReport.Waiting(file: $0.file.remote.path.spelling, reason: $0.reason)
            }
            let known = Set(result.recognised.map(\.file.remote))
            findings.loaded += known
            switch result.outcome {
            case .receipt(let receipt):
                report.receipts.append(receipt)
                if receipt.state != .failed {
                    findings.loaded += set.files.map(\.remote).filter { !known.contains($0) }
                }
            case .growing(let reason):
                wait(set, reason, lookAgainAfter: max(settling.patience - age(of: set), settling.quietPeriod))
                isHeldBack = true
            case .none: continue
            }
        }
    }

    /// What the account holds that its rules let through.
    func files(_ listing: [RemoteFile]? = nil) async throws -> [RemoteFile] {
        if let listing { return listing }
        var attempts = Attempts(pause: pause)
        let transport = try service.transport(to: account)
        return unread(
            try await attempts.run(over: transport) { (transport) throws(TransferError) in
                try await transport.listing(unlessChangedSince: nil)
            }
        )
    }

    /// The same while watching: only what may have changed is listed.
    ///
    /// - Parameters:
    ///   - latest: What was listed before.
    ///   - isComplete: Whether to list all in any case, since files may be growing.
    /// - Returns: What the account holds that its rules let through.
    /// - Throws: `TransferError`, or ``Problem`` when its secrets can't be opened.
    func files(since latest: inout SettledListing, isComplete: Bool) async throws -> [RemoteFile] {
        unread(try await latest.listing(of: service.transport(to: account), isComplete: isComplete))
    }

    private func unread(_ listing: Listing) -> [RemoteFile] {
        AfterReading(account).unread(listing.entries(withFolders: InboundDiscovery.reads))
    }

    private func take(_ set: InboundSet) async throws -> InboundRun.Result {
        guard account.typeName != "folder", set.refusal == nil else {
            let mayBeCut = mayBeCut(set)
            return try await turns.take {
                try await InboundRun(set, account, service, copies, mayBeCut: mayBeCut).run()
            }
        }
        let files = set.filesToRead.map(\.remote)
        return try await copies.keeping(files, of: account.id) {
            let result = try await fetchAndTake(set, files)
            // What was refused is not read again; after another failure the next attempt goes on from here.
            if case .receipt(let receipt) = result.outcome, receipt.state == .failed,
                receipt.failure?.code != ProblemKind.inboundFileRefused.code
            {
                return result
            }
            copies.discard(files, of: account.id)
            return result
        }
    }

    private func fetchAndTake(_ set: InboundSet, _ files: [RemoteFile]) async throws -> InboundRun.Result {
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
        let mayBeCut = mayBeCut(set)
        return try await turns.take {
            try await InboundRun(set, account, service, copies, mayBeCut: mayBeCut)
                .run(after: fault, fetchingSeconds: seconds, attempts: count)
        }
    }

    /// Whether files of a set that look cut may still be written.
    private func mayBeCut(_ set: InboundSet) -> Bool { mayGrow && age(of: set) < settling.patience }

    /// Why a set is not read now.
    private struct Standing {
        let reason: String
        /// After what time it may be different; `nil` where only something new makes a difference.
        var lookAgainAfter: Duration?
        /// Whether later deliveries, which count after it, wait with it: where it is a matter of seconds.
        var holdsBack = false
    }

    private func standing(of set: InboundSet) async throws -> Standing? {
        guard set.refusal == nil else { return nil }
        if let missing = set.missingPart { return Standing(reason: missing.reason) }
        if let reason = set.refusedReason, try !service.read({ try knowsSources(of: set, in: $0) }) {
            return Standing(reason: reason)
        }
        if mayGrow, let file = try await openForWriting(set) {
            return Standing(reason: "\(file) is still being written", lookAgainAfter: settling.quietPeriod)
        }
        let patience = settling.patience - age(of: set)
        if let reason = set.cutReason, patience > .zero {
            return Standing(reason: reason, lookAgainAfter: patience, holdsBack: true)
        }
        guard let rest = unquietTime(of: set) else { return nil }
        let reason = set.isSplit ? "more parts may come" : "it arrived a moment ago and may still be written"
        return Standing(reason: reason, lookAgainAfter: rest, holdsBack: true)
    }

    private func knowsSources(of set: InboundSet, in database: Database) throws -> Bool {
        try set.dataSources.allSatisfy { number in
            let sql = "SELECT 1 FROM data_sources WHERE number = ?"
            return try Int.fetchOne(database, sql: sql, arguments: [number]) != nil
        }
    }

    /// After what time a set that just arrived will have been quiet; `nil` if it is, or can't be read then either.
    private func unquietTime(of set: InboundSet) -> Duration? {
        let rest = quietPeriod(of: set) - age(of: set)
        let mayBeRead = set.refusal == nil && set.missingPart == nil && set.cutReason == nil
        return mayBeRead && rest > .zero ? rest : nil
    }

    private func quietPeriod(of set: InboundSet) -> Duration {
        if set.isSplit { return settling.longQuietPeriod }
        switch account.settings {
        case .folder: return settling.quietPeriod
        case .sftp: return settling.longQuietPeriod
        case .s3, .unconfigured: return .zero
        }
    }

    /// Whether partners may write files under their final names, so that the beginning of one looks like a file.
    private var mayGrow: Bool { account.typeName != "s3" }

    /// The name of a file of a set that some process has open for writing, where that can be told.
    private func openForWriting(_ set: InboundSet) async throws -> String? {
        guard let folder = try service.transport(to: account) as? FolderTransport else { return nil }
        for file in set.filesToRead where try await folder.isOpenForWriting(file.remote.path) {
            return file.remote.path.spelling
        }
        return nil
    }

    /// How long ago the last file of a set changed.
    ///
    /// A server's clock may be any time away from ours, so there it is the time since the file was first seen like this.
    private func age(of set: InboundSet) -> Duration {
        let now = service.world.milliseconds
        let ages = set.files.map { file in
            let changed = Int64(file.remote.modifiedNanoseconds / 1_000_000)
            let isDated = account.typeName == "folder" && changed <= now
            return now - (isDated ? min(changed, file.entry.discovered) : file.entry.discovered)
        }
        return .milliseconds(ages.min() ?? 0)
    }
}
