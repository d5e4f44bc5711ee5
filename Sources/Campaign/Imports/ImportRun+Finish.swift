// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Logging
import Problems
import Storage
import Transfer

extension ImportRun {
    /// Publishes what was read in one transaction, or refuses it.
    func publish(
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
        // The account's clock may be ahead of ours, or count whole seconds.
        let apart = Double(campaign.world.milliseconds) / 1e3 - Double(set.newest) / 1e9
        receipt.usableAfter = max(apart, stages.stages.reduce(0) { $0 + $1.seconds })
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
        receipt.failure = Receipt.Failure(problem)
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

    /// Ends the run with the reason; nothing of it is visible.
    func fail(_ receipt: inout Receipt, _ error: any Error, seconds: Double) throws -> Receipt {
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
        receipt.failure = Receipt.Failure(failure.problem)
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

    /// Moves all files of the set to a state of the ledger.
    func move(
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
}
