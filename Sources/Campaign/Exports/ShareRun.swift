// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Problems
import Storage

/// One export: an audience's IDs go to a segment, as far as they are not there yet.
///
/// Members are turned into sorted IDs, these are merged with what was shared before, and the difference is written
/// into files. Once files and list are durable, a plan is kept; from then on a crash changes nothing: the plan is
/// carried out by ``SharePublication`` or, after a crash, by ``ShareRecovery``.
package struct ShareRun {
    /// What the names of lists of shared IDs begin with.
    static let listPrefix = "share-"

    let campaign: Campaign
    let share: Share
    let options: ShareOptions
    private let audience: Audience
    let source: SharedDataSource
    let account: ExternalAccount
    private let turns: ChangeTurns

    /// Checks that the audience can be shared.
    ///
    /// - Parameters:
    ///   - campaign: The installation.
    ///   - share: What to share.
    ///   - options: How; as the share keeps it, unless told.
    ///   - turns: Publishing goes beside other work; the rest takes its turn.
    /// - Throws: ``Problem`` for a File audience, open terms, or an account without settings or only for imports.
    init(
        _ campaign: Campaign,
        _ share: Share,
        _ options: ShareOptions? = nil,
        _ turns: ChangeTurns? = nil
    ) throws {
        self.campaign = campaign
        self.turns = turns ?? ChangeTurns(campaign.directory)
        self.share = share
        self.options = options ?? ShareOptions(share)
        (audience, source, account) = try campaign.read { database in
            let source = try SharedDataSourceStore(campaign).find(share.dataSource, in: database)
            return (
                try AudienceStore().find(share.audience.rawValue, in: database), source,
                try ExternalAccountStore().find(source.exportAccount, in: database)
            )
        }
        try Self.check(audience, source)
        try account.requireWriting()
        _ = try campaign.transport(to: account)
    }

    /// Refuses what can't be shared.
    ///
    /// - Parameters:
    ///   - audience: The audience.
    ///   - source: The data source.
    /// - Throws: ``Problem`` of kind `audiences.of-addresses` or `data-sources.terms-open`.
    static func check(_ audience: Audience, _ source: SharedDataSource) throws {
        if case .file = audience.kind {
            throw Problem(
                .audienceOfAddresses,
                "The audience \(audience.id) is a File audience: it holds addresses, which have no ID to share.",
                field: "audience"
            )
        }
        try SharedDataSourceStore.requireTerms(source)
        _ = try SharedDataSourceStore.requireNumber(source)
    }

    /// Finds out what would change, and changes nothing.
    ///
    /// - Returns: How many IDs would be added, removed and kept, and the unmapped members by reason.
    package func preview() throws -> (change: ShareChange, unmapped: [Receipt.Reason]) {
        try explained {
            try campaign.read { database in
                let older = try olderList(in: database)
                let ids = try collect(in: database)
                let change = try ShareFiles(ids, older: older, share: share, into: nil).count()
                return (change, ids.reasons(isVisitor: isVisitor))
            }
        }
    }

    /// Shares what is due; the caller holds the account's lock for exports.
    ///
    /// - Returns: The receipt: completed, or failed with the reason.
    /// - Throws: `CancellationError`, after which the next run takes up the work, or what the database answers.
    package func run() async throws -> Receipt {
        let (receipt, plan) = try await turns.take { try planned() }
        guard let plan else { return receipt }
        return try await SharePublication(campaign, plan, turns).run(receipt, to: account, isResumed: false)
    }

    /// Makes files and list durable and keeps the plan; without one the export has ended already.
    private func planned() throws -> (Receipt, SharePlan?) {
        let (receipt, timestamp) = try begin()
        let prepared: (receipt: Receipt, plan: SharePlan)
        do {
            prepared = try explained { try prepare(receipt, timestamp) }
        } catch let problem as Problem {
            return (try fail(receipt, problem), nil)
        } catch {
            discard(receipt.id)
            throw error
        }
        guard !prepared.plan.files.isEmpty else {
            return (try completeUnchanged(prepared.receipt, prepared.plan), nil)
        }
        try campaign.write { database in
            try ReceiptStore().finish(prepared.receipt, in: database)
            try SharePlanStore().insert(prepared.plan, in: database)
        }
        return prepared
    }

    /// Begins an export and makes its files and its list durable; the plan is not kept yet.
    func prepared() throws -> (receipt: Receipt, plan: SharePlan) {
        let (receipt, timestamp) = try begin()
        return try prepare(receipt, timestamp)
    }

    private func begin() throws -> (Receipt, Int64) {
        try campaign.write { database in
            (
                try ReceiptStore().begin(.export, source.id, at: campaign.world.milliseconds, in: database),
                try Counter.export.next(atLeast: campaign.world.milliseconds / 1000, in: database)
            )
        }
    }

    var isVisitor: Bool { source.keyField == nil }

    /// Completes an export that has nothing to tell the other side.
    private func completeUnchanged(_ receipt: Receipt, _ plan: SharePlan) throws -> Receipt {
        var receipt = receipt
        receipt.state = receipt.counts.rejects > 0 ? .completedWithRejects : .completed
        try campaign.write { database in
            try ShareStore().note(share.id, version: plan.version, change: plan.change, in: database)
            try ReceiptStore().finish(receipt, in: database)
        }
        discard(receipt.id)
        return receipt
    }

    private func fail(_ receipt: Receipt, _ problem: Problem) throws -> Receipt {
        var receipt = receipt
        receipt.state = .failed
        receipt.failure = Receipt.Failure(problem)
        discard(receipt.id)
        try campaign.write { try ReceiptStore().finish(receipt, in: $0) }
        return receipt
    }

    private func discard(_ receipt: Receipt.ID) {
        try? FileManager.default.removeItem(atPath: ShareSpool(campaign, receipt).path)
    }

    private func explained<Value>(_ work: () throws -> Value) throws -> Value {
        do {
            return try work()
        } catch {
            throw Problem.ofExport(error, list: nil)
        }
    }
}
