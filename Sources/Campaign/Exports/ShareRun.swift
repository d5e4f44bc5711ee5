// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import GRDB
import Matching
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

    private static let fewIDs = 100

    private let campaign: Campaign
    private let share: Share
    private let options: ShareOptions
    private let audience: Audience
    private let source: SharedDataSource
    private let account: ExternalAccount
    private let turns: SyncTurns

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
        _ turns: SyncTurns? = nil
    ) throws {
        self.campaign = campaign
        self.turns = turns ?? SyncTurns(campaign)
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
                try ExportMoment.next(now: campaign.world.milliseconds / 1000, in: database)
            )
        }
    }

    private var isVisitor: Bool { source.keyField == nil }

    /// Makes files and list durable; nothing is visible yet.
    private func prepare(_ begun: Receipt, _ timestamp: Int64) throws -> (receipt: Receipt, plan: SharePlan) {
        let clock = ContinuousClock()
        let start = clock.now
        let spool = ShareSpool(campaign, begun.id)
        try makeFolder(spool.path)
        let listFile = "\(Self.listPrefix)\(share.segment)-\(source.id)-\(begun.id).list"
        let newer = try SortedListWriter(path: "\(campaign.directory.lists)/\(listFile)")
        let name = InboundFileName(
            dataSource: try SharedDataSourceStore.requireNumber(source),
            timestamp: timestamp,
            compression: options.isGzip ? .gzip : .none
        )
        let writer = InboundFileWriter(
            folder: spool.path,
            name: name,
            maximumPartByteCount: options.splitByteCount
        )
        var receipt = begun
        let (version, changes) = try campaign.read { database in
            let older = try olderList(in: database)
            let ids = try collect(in: database)
            let collected = clock.now
            receipt.stages.append(
                Receipt.Stage(stage: "collecting", seconds: (collected - start) / .seconds(1))
            )
            let files = ShareFiles(ids, older: older, share: share, into: newer)
            let change = try files.write(to: writer)
            try guardShrinking(before: older?.count ?? 0, change)
            try account(for: ids, change, before: older?.count ?? 0, in: &receipt)
            try keepUnmapped(ids, in: &receipt, database)
            return (
                Int64(try AudienceStore().find(share.audience.rawValue, in: database).version),
                Int64(try Counter.change.value(in: database))
            )
        }
        let hasChanged = (receipt.change?.added ?? 0) + (receipt.change?.removed ?? 0) > 0
        if hasChanged { try newer.finish() } else { newer.cancel() }
        let parts = try writer.finish()
        receipt.seconds = (clock.now - start) / .seconds(1)
        let collecting = receipt.stages.reduce(0) { $0 + $1.seconds }
        receipt.stages.append(Receipt.Stage(stage: "writing", seconds: receipt.seconds - collecting))
        receipt.files = parts.map { part in
            Receipt.File(
                name: dropFolder(timestamp) + part.name.description,
                bytes: Int64(part.digest.byteCount),
                sha256: part.digest.sha256
            )
        }
        let files = zip(receipt.files, parts).map { file, part in
            SharePlan.File(
                name: file.name,
                spoolFile: "\(spool.name)/\(part.name)",
                byteCount: Int(file.bytes),
                sha256: part.digest.sha256
            )
        }
        let plan = SharePlan(
            receipt: receipt.id,
            share: share.id,
            segment: share.segment,
            list: SharedList(file: listFile, count: newer.count),
            version: version,
            change: changes,
            files: files
        )
        return (receipt, plan)
    }

    /// The folder that inbound drops in S3 are in: `date=YYYY-MM-DD/`, the day of sending in UTC; none elsewhere.
    private func dropFolder(_ timestamp: Int64) -> String {
        guard case .s3 = account.settings else { return "" }
        return "date=\(Moment.text(timestamp * 1000).prefix(10))/"
    }

    private func makeFolder(_ path: String) throws {
        do {
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw Problem(.dataNotWritable, "The folder \(path) can't be made.")
        }
    }

    private func olderList(in database: Database) throws -> SortedListReader? {
        guard !options.isResending else { return nil }
        let list = try ShareStore().list(share.segment, share.dataSource, in: database)
        return try list.map { try SortedListReader(path: "\(campaign.directory.lists)/\($0.file)") }
    }

    private func collect(in database: Database) throws -> CollectedIDs {
        let audience = try AudienceStore().find(share.audience.rawValue, in: database)
        let members = try AudienceMembers().members(of: audience, in: database)
        let optedOut = try MemberSet(
            Int64.fetchAll(database, sql: "SELECT number FROM profiles WHERE ccpaOptOut = 1").map(
                ProfileNumber.init
            )
        )
        let suppressed = members.intersection(optedOut)
        guard case .declared(let key, let rule) = source.mode else {
            return try VisitorIDCollector(campaign: campaign).collect(
                members,
                suppressed: suppressed,
                in: database
            )
        }
        return try DeclaredIDCollector(campaign: campaign, key: key, rule: rule)
            .collect(members, suppressed: suppressed, in: database)
    }

    private func account(
        for ids: CollectedIDs,
        _ change: ShareChange,
        before: Int,
        in receipt: inout Receipt
    ) throws {
        receipt.received = ids.members
        receipt.counts = ids.counts
        receipt.reasons = ids.reasons(isVisitor: isVisitor)
        receipt.change = change
        receipt.segments = [
            Receipt.Segment(
                segment: String(share.segment),
                audience: share.audience.rawValue,
                before: before,
                after: change.added + change.kept
            )
        ]
    }

    private func keepUnmapped(_ ids: CollectedIDs, in receipt: inout Receipt, _ database: Database) throws {
        let list = UnmappedList(ids: ids, isVisitor: isVisitor)
        guard !list.isEmpty else { return }
        let file = "\(receipt.id)\(UnmappedList.ending)"
        try list.write("\(campaign.directory.rejected)/\(file)", in: database)
        receipt.rejectedFile = file
    }

    /// Refuses to empty a segment or to remove most of it, which usually means that the audience is wrong.
    private func guardShrinking(before: Int, _ change: ShareChange) throws {
        guard share.isReplacing, !options.allowsShrinking, before > 0 else { return }
        let after = change.added + change.kept
        let isMuch = after * 2 < before && before - after > Self.fewIDs
        guard after == 0 || isMuch else { return }
        throw Problem(
            .shrinkRefused,
            "The segment \(share.segment) would shrink from \(before) to \(after) IDs: +\(change.added) −\(change.removed)."
        )
    }

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
