// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import GRDB
import Matching
import Problems
import Storage
import Transfer

/// One import: the files of a set are read, verified and reconciled in one pass, then published in one transaction.
///
/// Nothing is visible before the end; a run that is killed begins anew under the same receipt number.
struct ImportRun {
    let campaign: Campaign
    let source: SharedDataSource
    let set: ImportSet
    let files: ImportFiles
    let targets: ImportTargets

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
                of: receipt.id.rawValue,
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
}
