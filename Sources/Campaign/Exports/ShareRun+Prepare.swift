// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import GRDB
import Matching
import Problems
import Storage

extension ShareRun {
    /// Makes files and list durable; nothing is visible yet.
    func prepare(_ begun: Receipt, _ timestamp: Int64) throws -> (receipt: Receipt, plan: SharePlan) {
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

    /// What was shared before; nothing where all is sent again.
    func olderList(in database: Database) throws -> SortedListReader? {
        guard !options.isResending else { return nil }
        let list = try ShareStore().list(share.segment, share.dataSource, in: database)
        return try list.map { try SortedListReader(path: "\(campaign.directory.lists)/\($0.file)") }
    }

    /// The sorted IDs of the members, and what became of those without.
    func collect(in database: Database) throws -> CollectedIDs {
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

    /// How many IDs may go without a question.
    private static let fewIDs = 100

    /// Refuses to empty a segment or to remove most of it, which usually means that the audience is wrong.
    private func guardShrinking(before: Int, _ change: ShareChange) throws {
        guard share.isReplacing, !options.allowsShrinking, before > 0 else { return }
        let after = change.added + change.kept
        let isMuch = after * 2 < before && before - after > ShareRun.fewIDs
        guard after == 0 || isMuch else { return }
        throw Problem(
            .shrinkRefused,
            "The segment \(share.segment) would shrink from \(before) to \(after) IDs: +\(change.added) −\(change.removed)."
        )
    }
}
