// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Logging
import Matching
import Problems
import Storage
import Transfer

/// The last steps of an export: its files appear in the account, then what was shared is noted in one transaction.
///
/// Every step can be run twice with the same effect.
struct SharePublication {
    private let campaign: Campaign
    private let plan: SharePlan
    private let turns: ChangeTurns

    /// Prepares to publish.
    ///
    /// - Parameters:
    ///   - campaign: The installation.
    ///   - plan: What was made durable.
    ///   - turns: Publishing goes beside other work; noting it takes its turn.
    init(_ campaign: Campaign, _ plan: SharePlan, _ turns: ChangeTurns) {
        self.campaign = campaign
        self.plan = plan
        self.turns = turns
    }

    /// Publishes the files and completes the receipt.
    ///
    /// - Parameters:
    ///   - receipt: The receipt as far as it is known.
    ///   - account: The external account.
    ///   - isResumed: Whether an interrupted run may have published files already.
    /// - Returns: The receipt, completed or failed. A failed one is kept as running, with its plan, where files may
    ///   stand in the account already: the next run publishes the same files again.
    /// - Throws: `CancellationError`, or what the database answers; the plan stays then.
    func run(_ receipt: Receipt, to account: ExternalAccount, isResumed: Bool) async throws -> Receipt {
        let clock = ContinuousClock()
        let start = clock.now
        var receipt = receipt
        var attempts = Attempts()
        do {
            try account.requireWriting()
            try await publish(try campaign.transport(to: account), isResumed: isResumed, &attempts)
            receipt.attempts = attempts.count
        } catch let error as Failure {
            if error.cause == .cancelled { throw CancellationError() }
            receipt.attempts = attempts.count
            let (failed, problem) = (receipt, error.cause.problem(of: account.id))
            return try await turns.take { try fail(failed, problem, mayStand: error.mayStand) }
        } catch let problem as Problem {
            let failed = receipt
            return try await turns.take { try fail(failed, problem, mayStand: isResumed) }
        }
        let seconds = (clock.now - start) / .seconds(1)
        receipt.stages.append(Receipt.Stage(stage: "publishing", seconds: seconds))
        receipt.seconds += seconds
        let published = receipt
        return try await turns.take { try complete(published, account) }
    }

    /// A publication that failed, and whether files of it may stand in the account.
    private struct Failure: Error {
        let cause: TransferError
        let mayStand: Bool
    }

    private func publish(
        _ transport: any Transport,
        isResumed: Bool,
        _ attempts: inout Attempts
    ) async throws {
        var written: [RemotePath] = []
        var isUnknown = false
        do throws(TransferError) {
            for file in plan.files {
                let path = try RemotePath(file.name)
                let sha256 = TextEncoding.decode(file.sha256, expectedByteCount: 32)
                guard let sha256 else { throw TransferError.checksumDiffers(path) }
                try await transport.confirmRoom(for: file.byteCount)
                let publication = try await attempts.run(over: transport) {
                    (transport) throws(TransferError) in
                    do throws(TransferError) {
                        return try await transport.publish(
                            .file("\(campaign.directory.spool)/\(file.spoolFile)"),
                            as: path,
                            expecting: Fingerprint(byteCount: file.byteCount, sha256: sha256)
                        )
                    } catch {
                        isUnknown = isUnknown || error.leavesOutcomeUnknown
                        throw error
                    }
                }
                if publication == .published { written.append(path) }
                isUnknown = false
            }
        } catch {
            let isHopeless =
                switch error {
                case .exists, .localFile, .sizeDiffers, .checksumDiffers, .unusablePath: true
                default: false
                }
            let isWithdrawn = await withdraw(written, from: transport)
            throw Failure(
                cause: error,
                mayStand: !isWithdrawn || ((isResumed || isUnknown) && !isHopeless)
            )
        }
    }

    /// Takes back the first files of a set that could not be published whole.
    private func withdraw(_ paths: [RemotePath], from transport: any Transport) async -> Bool {
        var isWithdrawn = true
        for path in paths {
            do {
                try await transport.delete(path)
            } catch {
                isWithdrawn = false
            }
        }
        return isWithdrawn
    }

    private func complete(_ receipt: Receipt, _ account: ExternalAccount) throws -> Receipt {
        var receipt = receipt
        receipt.state = receipt.counts.rejects > 0 ? .completedWithRejects : .completed
        let older = try campaign.write { database in
            let store = ShareStore()
            let older = try store.list(plan.segment, receipt.dataSource, in: database)
            try store.save(
                plan.list,
                plan.segment,
                receipt.dataSource,
                at: campaign.world.milliseconds,
                in: database
            )
            try store.note(plan.share, version: plan.version, change: plan.change, in: database)
            try ReceiptStore().finish(receipt, in: database)
            try SharePlanStore().delete(plan.receipt, in: database)
            for file in plan.files {
                try PublishedFiles(campaign).note(file.name, in: account.id, database)
            }
            return older
        }
        if let older, older.file != plan.list.file { unlink("\(campaign.directory.lists)/\(older.file)") }
        removeSpool()
        campaign.logger.notice("audience shared", metadata: ["receipt": "\(receipt.id)"])
        return receipt
    }

    private func fail(_ receipt: Receipt, _ problem: Problem, mayStand: Bool) throws -> Receipt {
        var receipt = receipt
        receipt.state = .failed
        receipt.failure = Receipt.Failure(problem)
        guard !mayStand else { return receipt }
        receipt.files = []
        receipt.change = nil
        receipt.segments = receipt.segments.map { segment in
            Receipt.Segment(
                segment: segment.segment,
                audience: segment.audience,
                before: segment.before,
                after: segment.before
            )
        }
        try campaign.write { database in
            try ReceiptStore().finish(receipt, in: database)
            try SharePlanStore().delete(plan.receipt, in: database)
        }
        unlink("\(campaign.directory.lists)/\(plan.list.file)")
        removeSpool()
        return receipt
    }

    private func removeSpool() {
        try? FileManager.default.removeItem(atPath: ShareSpool(campaign, plan.receipt).path)
    }
}

extension TransferError {
    /// Whether the storage may have done what was asked for without our hearing of it, or keeps half of it for the next
    /// attempt.
    fileprivate var leavesOutcomeUnknown: Bool {
        if case .unreachable = self { return false }
        return isTransient
    }
}

/// The folder in the spool that holds the files of one export.
struct ShareSpool {
    /// What the names of these folders begin with.
    static let prefix = "export-"

    /// The folder's name in the spool.
    let name: String

    /// The folder's path.
    let path: String

    init(_ campaign: Campaign, _ receipt: Receipt.ID) {
        name = Self.prefix + receipt.rawValue
        path = "\(campaign.directory.spool)/\(name)"
    }
}
