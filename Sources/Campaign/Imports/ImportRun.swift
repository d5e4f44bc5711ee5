// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import GRDB
import Logging
import Matching
import Problems
import Storage
import Terminal
import Transfer

/// One import: the files of a set are read, verified and reconciled in one pass, then published in one transaction.
///
/// Nothing is visible before the end; a run that is killed begins anew under the same receipt number.
struct ImportRun {
    private let campaign: Campaign
    private let source: SharedDataSource
    private let set: ImportSet
    private let files: ImportFiles
    private let targets: ImportTargets

    /// Prepares to import a set of files; the caller holds the lock for changes.
    ///
    /// - Parameters:
    ///   - set: The files, all parts present.
    ///   - files: The way to their bytes.
    ///   - source: The shared data source that their names give.
    ///   - audiences: The audiences that follow it.
    ///   - campaign: The installation.
    init(
        _ set: ImportSet,
        _ files: ImportFiles,
        _ source: SharedDataSource,
        _ audiences: [Audience],
        _ campaign: Campaign
    ) {
        self.set = set
        self.files = files
        self.source = source
        self.campaign = campaign
        targets = ImportTargets(audiences)
    }

    /// Imports the set.
    ///
    /// - Parameters:
    ///   - fetching: Why the files could not be brought near, if they could not.
    ///   - fetchingSeconds: How long that took.
    /// - Returns: The receipt, also of a run that failed.
    /// - Throws: What the database answers.
    func run(after fetching: TransferError? = nil, fetchingSeconds: Double? = nil) async throws -> Receipt {
        let clock = ContinuousClock()
        let start = clock.now
        var receipt = try begin()
        receipt.attempts = files.attempts
        if let fetchingSeconds {
            receipt.stages.append(Receipt.Stage(stage: "fetch", seconds: fetchingSeconds))
        }
        var stages = StageClock(receipt.stages)
        do {
            if let fetching { throw fetching }
            let control = try await controlFile()
            let index = try ProfileIndexes(campaign).open(source.index)
            stages.end("open the index")
            let rejected = try RejectedLines(
                of: receipt.id,
                files: set.ordered.map(\.remote.path.name),
                in: campaign.directory
            )
            let accountant = try accountant(index, rejected)
            let reconciler = try Reconciler.of(
                source,
                index: index,
                keepsAddresses: targets.hasAddresses,
                campaign
            )
            receipt.files = try await read(accountant, reconciler, control)
            stages.end("read and match")
            try await publish(&receipt, accountant, rejected, &stages, start: start)
            return receipt
        } catch {
            return try fail(&receipt, error, seconds: (clock.now - start).seconds)
        }
    }

    private func accountant(_ index: IDIndex, _ rejected: RejectedLines) throws -> LineAccountant {
        LineAccountant(
            targets: targets,
            index: index,
            optedOut: try OptOuts(campaign).ofSharing(),
            form: set.form,
            spool: campaign.directory.spool,
            rejected: rejected
        )
    }

    private func begin() throws -> Receipt {
        try campaign.write { database in
            let waiting = set.allFiles.compactMap(\.entry.receipt).first
            var receipt: Receipt
            if let waiting, let known = try? ReceiptStore().find(Receipt.ID(waiting), in: database),
                known.state == .waiting
            {
                receipt = known
                receipt.state = .running
                receipt.failure = nil
                try ReceiptStore().finish(receipt, in: database)
            } else {
                receipt = try ReceiptStore().begin(
                    .import,
                    source.id,
                    at: campaign.world.milliseconds,
                    in: database
                )
            }
            try move(to: .spooled, receipt: receipt.id, in: database)
            return receipt
        }
    }

    private func move(
        to state: Ledger.State,
        reason: String? = nil,
        receipt: Receipt.ID? = nil,
        in database: Database
    ) throws {
        let ledger = Ledger(at: campaign.world.milliseconds)
        for file in set.allFiles {
            try ledger.move(
                file.entry.id,
                to: state,
                reason: reason,
                receipt: receipt?.rawValue,
                in: database
            )
        }
    }

    // Reading

    private func controlFile() async throws -> ControlFile? {
        do {
            guard let control = try await files.controlFile() else { return nil }
            try control.verifyTotals()
            return control
        } catch let error as AudienceFileError {
            throw ImportFault(file: set.control?.remote.path.name ?? set.name, line: nil, error: error)
        }
    }

    private func read(
        _ accountant: LineAccountant,
        _ reconciler: Reconciler,
        _ control: ControlFile?
    ) async throws -> [Receipt.File] {
        var files: [Receipt.File] = []
        let total = set.files.reduce(0) { $0 + $1.remote.byteCount }
        let progress = Progress("importing \(set.name)")
        defer { progress.finish() }
        for file in set.ordered {
            let opened = try await self.files.open(file)
            accountant.beginFile()
            let digest: FileDigest.Value
            do {
                digest = try LinePipeline(
                    opened.source(),
                    form: set.form.lines,
                    targets: targets,
                    reconciler: reconciler,
                    wantsMD5: control != nil
                )
                .run(into: accountant) { progress.show($0 / 1_000_000, of: total / 1_000_000, "MB") }
            } catch {
                await opened.close()
                throw ImportFault(file: file.remote.path.name, line: accountant.linesOfFile, error: error)
            }
            try await opened.finish()
            try verify(digest, file, lines: accountant.linesOfFile, control)
            files.append(
                Receipt.File(
                    name: file.remote.path.spelling,
                    bytes: Int64(digest.byteCount),
                    sha256: digest.sha256
                )
            )
        }
        return files
    }

    private func verify(
        _ digest: FileDigest.Value,
        _ file: ImportSet.File,
        lines: Int,
        _ control: ControlFile?
    ) throws {
        guard let control else { return }
        let name = file.remote.path.name
        guard let stated = control.entries.first(where: { $0.name == name }) else {
            throw Problem(.controlFileDisagrees, "The control file of \(set.name) does not name \(name).")
        }
        guard stated.byteCount == digest.byteCount else {
            throw Problem(
                .controlFileDisagrees,
                "\(name) has \(digest.byteCount) bytes; the control file says \(stated.byteCount)."
            )
        }
        if let md5 = stated.md5, let actual = digest.md5, md5.lowercased() != actual {
            throw Problem(
                .controlFileDisagrees,
                "The MD5 of \(name) is not the one that the control file says."
            )
        }
        if let count = stated.lineCount, count != lines {
            throw Problem(
                .controlFileDisagrees,
                "\(name) has \(lines) lines; the control file says \(count)."
            )
        }
    }

    // Publishing

    private func publish(
        _ receipt: inout Receipt,
        _ accountant: LineAccountant,
        _ rejected: RejectedLines,
        _ stages: inout StageClock,
        start: ContinuousClock.Instant
    ) async throws {
        receipt.received = accountant.received
        (receipt.counts, receipt.reasons) = try accountant.finish()
        guard !isOfOtherSource(receipt, readableSample: accountant.readableSample) else {
            return try refuse(&receipt, rejected, seconds: (ContinuousClock().now - start).seconds)
        }
        let publication = AudiencePublication(campaign, targets, isFull: set.form.isFull)
        let prepared = try publication.prepare(accountant, receipt.id)
        receipt.rejectedFile = try rejected.finish()
        stages.end("build audiences")
        receipt.stages = stages.stages
        receipt.state = receipt.counts.rejects > 0 ? .completedWithRejects : .completed
        receipt.seconds = (ContinuousClock().now - start).seconds
        receipt.usableAfter = max(0, Double(campaign.world.milliseconds) / 1e3 - Double(set.newest) / 1e9)
        var finished = receipt
        do {
            try campaign.write { database in
                finished.segments = try publication.publish(prepared, in: database)
                finished.sameAs = try earlierReceipt(of: finished, in: database)
                try ReceiptStore().finish(finished, in: database)
                try noteLoaded(finished, in: database)
            }
        } catch {
            publication.discard(prepared)
            throw error
        }
        receipt = finished
        publication.removeReplaced(prepared)
    }

    /// Whether a file that replaces members has no line in the form of the data source's IDs: it belongs to another
    /// one, or the key is wrong, and would empty audiences that have members.
    ///
    /// Lines that ask for nothing are not looked up; some of them are looked at for this.
    private func isOfOtherSource(_ receipt: Receipt, readableSample: Int) -> Bool {
        let unread =
            receipt.counts[.malformed] + receipt.counts[.undecryptable] + receipt.counts[.notRequested]
        return set.form.isFull && unread == receipt.received && readableSample == 0
            && targets.all.contains { $0.audience.count > 0 }
    }

    /// Leaves the audiences as they are; the receipt accounts for the lines all the same.
    private func refuse(_ receipt: inout Receipt, _ rejected: RejectedLines, seconds: Double) throws {
        let problem = Problem(
            .fileOfOtherSource,
            "Not one of the \(receipt.received) lines of \(set.name) has an ID of the data source \(source.id)."
        )
        receipt.rejectedFile = try rejected.finish()
        receipt.state = .failed
        receipt.seconds = seconds
        receipt.failure = Receipt.Failure(
            code: problem.kind.code,
            summary: problem.summary,
            advice: problem.advice
        )
        receipt.segments = targets.all.map { target in
            Receipt.Segment(
                segment: target.segment,
                audience: target.audience.id.rawValue,
                before: target.audience.count,
                after: target.audience.count
            )
        }
        let refused = receipt
        try campaign.write { database in
            try ReceiptStore().finish(refused, in: database)
            let ledger = Ledger(at: campaign.world.milliseconds)
            for (file, digest) in zip(set.ordered, refused.files) {
                try ledger.move(
                    file.entry.id,
                    to: .rejected,
                    reason: problem.summary,
                    sha256: digest.sha256,
                    in: database
                )
            }
            if let control = set.control {
                try ledger.move(control.entry.id, to: .rejected, reason: problem.summary, in: database)
            }
        }
    }

    private func noteLoaded(_ receipt: Receipt, in database: Database) throws {
        let ledger = Ledger(at: campaign.world.milliseconds)
        for (file, digest) in zip(set.ordered, receipt.files) {
            try ledger.move(
                file.entry.id,
                to: .loaded,
                receipt: receipt.id.rawValue,
                sha256: digest.sha256,
                in: database
            )
        }
        if let control = set.control {
            try ledger.move(control.entry.id, to: .loaded, receipt: receipt.id.rawValue, in: database)
        }
        try SharedDataSourceStore(campaign).noteLastFile(
            set.ordered.last?.remote.path.name ?? set.name,
            of: source.id,
            full: set.form.isFull ? set.moment : nil,
            in: database
        )
    }

    /// The receipt of an earlier set with the same bytes under other names.
    private func earlierReceipt(of receipt: Receipt, in database: Database) throws -> Receipt.ID? {
        guard let first = receipt.files.first else { return nil }
        let known = try Ledger(at: campaign.world.milliseconds).loaded(byteCount: first.bytes, in: database)
        let same = known.first { $0.sha256 == first.sha256 && $0.receipt != receipt.id.rawValue }
        return same?.receipt.map { Receipt.ID($0) }
    }

    private func fail(_ receipt: inout Receipt, _ error: any Error, seconds: Double) throws -> Receipt {
        let failure = ImportFailure(error, account: set.account, campaign)
        if let kept = receipt.rejectedFile {
            unlink("\(campaign.directory.rejected)/\(kept)")
            receipt.rejectedFile = nil
        }
        receipt.state = .failed
        receipt.counts = LineCounts()
        receipt.received = 0
        receipt.reasons = []
        receipt.files = set.ordered.map {
            Receipt.File(name: $0.remote.path.spelling, bytes: Int64($0.remote.byteCount), sha256: nil)
        }
        receipt.seconds = seconds
        receipt.failure = Receipt.Failure(
            code: failure.problem.kind.code,
            summary: failure.problem.summary,
            advice: failure.problem.advice
        )
        let failed = receipt
        campaign.logger.notice(
            "import failed",
            metadata: ["receipt": "\(receipt.id)", "problem": "\(failure.problem.kind.code)"]
        )
        try campaign.write { database in
            try ReceiptStore().finish(failed, in: database)
            try move(
                to: failure.isFinal ? .rejected : .discovered,
                reason: failure.problem.summary,
                receipt: failed.id,
                in: database
            )
        }
        return receipt
    }
}
