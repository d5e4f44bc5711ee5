// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import GRDB
import Matching
import Problems
import Storage
import Terminal

/// Imports the rejected lines of an earlier run again, and only them.
///
/// Lines add and remove as they say; those of a full file only add, since the others stayed members. The new
/// receipt accounts for these lines, and keeps those that are rejected again, so each line has one current place.
struct ImportRetry {
    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Lets the next sync read the files of a failed import again, after a fix on this side.
    ///
    /// - Parameter id: The receipt of a failed import.
    /// - Returns: How many files will be read again.
    /// - Throws: What the database answers.
    func reopen(_ id: Receipt.ID) throws -> Int {
        let lock = try campaign.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        return try campaign.write { database in
            try Ledger(at: campaign.world.milliseconds).reopen(receipt: id.rawValue, in: database)
        }
    }

    /// Retries a receipt.
    ///
    /// - Parameter id: The receipt of a completed import with rejects.
    /// - Returns: The new receipt.
    /// - Throws: ``Problem`` of kind `receipts.retry-refused` or `receipts.rejected-gone`.
    func run(_ id: Receipt.ID) async throws -> Receipt {
        let lock = try campaign.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        let clock = ContinuousClock()
        let start = clock.now
        let (source, audiences, original, root) = try campaign.read { database in
            let receipt = try ReceiptStore().find(id, in: database)
            let source = try SharedDataSourceStore(campaign).find(receipt.dataSource, in: database)
            let root = try origin(of: receipt, in: database)
            try check(receipt, root, source, in: database)
            return (source, try AudienceStore(campaign).following(source.id, in: database), receipt, root)
        }
        let path = "\(campaign.directory.rejected)/\(original.rejectedFile ?? "")"
        guard FileManager.default.fileExists(atPath: path) else {
            throw Problem(.rejectedGone, "The rejected lines of \(id) are no longer kept.")
        }
        var receipt = try campaign.write { database in
            try ReceiptStore().begin(
                .import,
                source.id,
                retryOf: id,
                at: campaign.world.milliseconds,
                in: database
            )
        }
        let targets = ImportTargets(audiences)
        let form = Self.form(of: root)
        do {
            let index = try ProfileIndexes(campaign).open(source.index)
            let rejected = try RejectedLines(
                of: receipt.id.rawValue,
                files: ["rejected lines of \(id)"],
                in: campaign.directory
            )
            let accountant = LineAccountant(
                targets: targets,
                index: index,
                optedOut: try OptOuts(campaign).ofSharing(),
                form: form,
                spool: campaign.directory.spool,
                rejected: rejected
            )
            let reconciler = try Reconciler.of(
                source,
                index: index,
                keepsAddresses: targets.hasAddresses,
                campaign
            )
            let digest = try read(path, form, targets, reconciler, accountant)
            receipt.files = [
                Receipt.File(
                    name: "rejected lines of \(id)",
                    bytes: Int64(digest.byteCount),
                    sha256: digest.sha256
                )
            ]
            try publish(&receipt, accountant, rejected, targets, seconds: (clock.now - start).seconds)
            unlink(path)
            return receipt
        } catch {
            try campaign.write { try ReceiptStore().forget(receipt.id, in: $0) }
            throw ImportFailure(error, account: source.importAccount, campaign).problem
        }
    }

    /// The receipt of the run that read the files, behind retries of retries.
    private func origin(of receipt: Receipt, in database: Database) throws -> Receipt {
        var root = receipt
        while let earlier = root.retryOf { root = try ReceiptStore().find(earlier, in: database) }
        return root
    }

    private func check(
        _ receipt: Receipt,
        _ root: Receipt,
        _ source: SharedDataSource,
        in database: Database
    ) throws {
        let isCompleted = receipt.state == .completed || receipt.state == .completedWithRejects
        guard receipt.direction == .import, isCompleted, receipt.rejectedFile != nil else {
            throw Problem(.retryRefused, "The receipt \(receipt.id) has no rejected lines to import again.")
        }
        if let newer = try ReceiptStore().retry(of: receipt.id, in: database) {
            throw Problem(
                .retryRefused,
                "The rejected lines of \(receipt.id) have moved on to receipt \(newer).",
                advice: "Retry \(newer) instead."
            )
        }
        guard let name = root.files.first.flatMap({ Self.outboundName($0.name) }), let last = source.lastFull
        else {
            return
        }
        guard name.timestamp >= last else {
            throw Problem(.retryRefused, "A newer full file has replaced the one of receipt \(receipt.id).")
        }
    }

    private func read(
        _ path: String,
        _ form: ImportForm,
        _ targets: ImportTargets,
        _ reconciler: Reconciler,
        _ accountant: LineAccountant
    ) throws -> FileDigest.Value {
        let spooled = "\(campaign.directory.spool)/retry.spooled"
        unlink(spooled)
        let isMade = FileManager.default.createFile(
            atPath: spooled,
            contents: nil,
            attributes: [.posixPermissions: 0o600]
        )
        defer { unlink(spooled) }
        guard isMade, let output = FileHandle(forWritingAtPath: spooled) else {
            throw Problem(.dataNotWritable, "The file \(spooled) can't be made.")
        }
        try RejectedLinesReader.write(path) { try output.write(contentsOf: $0) }
        try output.close()
        accountant.beginFile()
        return try LinePipeline(
            FileDescriptorSource(path: spooled),
            form: form.lines,
            targets: targets,
            reconciler: reconciler
        )
        .run(into: accountant) { _ in }
    }

    private func publish(
        _ receipt: inout Receipt,
        _ accountant: LineAccountant,
        _ rejected: RejectedLines,
        _ targets: ImportTargets,
        seconds: Double
    ) throws {
        receipt.received = accountant.received
        (receipt.counts, receipt.reasons) = try accountant.finish()
        let publication = AudiencePublication(campaign, targets, isFull: false)
        let prepared = try publication.prepare(accountant, receipt.id)
        receipt.rejectedFile = try rejected.finish()
        receipt.state = receipt.counts.rejects > 0 ? .completedWithRejects : .completed
        receipt.seconds = seconds
        var finished = receipt
        do {
            try campaign.write { database in
                finished.segments = try publication.publish(prepared, in: database)
                try ReceiptStore().finish(finished, in: database)
            }
        } catch {
            publication.discard(prepared)
            throw error
        }
        receipt = finished
        publication.removeReplaced(prepared)
    }

    /// The form of the files behind a receipt; a full file's rejected lines only add.
    private static func form(of receipt: Receipt) -> ImportForm {
        let name = receipt.files.first?.name ?? ""
        if let inbound = InboundFileName(parsing: (name as NSString).lastPathComponent) {
            return ImportForm(lines: .inbound, isFull: false, replacesListedUsers: inbound.kind == .overwrite)
        }
        let isFull = outboundName(name)?.mode == .full
        return ImportForm(lines: .outbound, isFull: isFull, replacesListedUsers: false)
    }

    private static func outboundName(_ path: String) -> OutboundFileName? {
        OutboundFileName(parsing: (path as NSString).lastPathComponent)
    }
}
