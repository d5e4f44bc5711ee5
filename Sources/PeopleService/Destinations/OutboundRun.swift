// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Foundation
import GRDB
import Matching
import Problems
import Storage

/// One outbound run: what changed for a destination is written, published and noted.
///
/// Every step can be run twice with the same effect: files and their names are fixed before the first one leaves.
struct OutboundRun {
    private let service: PeopleService
    private let destination: Destination
    private let turns: ChangeTurns
    private let pause: Duration

    init(_ destination: Destination, _ service: PeopleService, _ turns: ChangeTurns, pause: Duration) {
        self.destination = destination
        self.service = service
        self.turns = turns
        self.pause = pause
    }

    /// Publishes what is open, and writes what is due.
    ///
    /// - Parameter occasion: Why it is told now.
    /// - Returns: The receipts, and what is held back; what goes wrong is in the destination's receipt.
    /// - Throws: `CancellationError`, or ``Problem`` of kind `data.busy`.
    func run(_ occasion: OutboundOccasion) async throws -> PeopleSyncReport {
        var report = PeopleSyncReport()
        do {
            try await run(occasion, &report)
        } catch {
            guard let problem = OutboundFault(service).problem(error, destination) else { throw error }
            report.receipts.append(try await fail(problem, error))
        }
        return report
    }

    private func run(_ occasion: OutboundOccasion, _ report: inout PeopleSyncReport) async throws {
        let publication = OutboundPublication(destination, service, turns, pause: pause)
        try await publication.removeWithdrawn()
        if let plan = try await openPlan() {
            let receipt = try await publication.publish(plan)
            report.receipts.append(receipt)
            guard !receipt.stands, occasion != .waiting else { return }
        }
        let (plan, obstacles) = try await turns.take { try prepare(occasion) }
        report.waiting += obstacles.map {
            PeopleSyncReport.Waiting(file: "destination \(destination.number)", reason: $0.summary)
        }
        if let plan { report.receipts.append(try await publication.publish(plan)) }
    }

    /// The files that wait to be published, unless they have to be taken back.
    private func openPlan() async throws -> OutboundPlan? {
        func read(_ database: Database) throws -> (plan: OutboundPlan, isGood: Bool)? {
            guard let plan = try OutboundPlanStore().plan(of: destination.number, in: database) else {
                return nil
            }
            let isStale =
                try OutboundWithdrawal(service).isStale(plan, in: database)
                || OutboundNaming.isTaken(plan, destination, in: database)
            return (plan, !isStale)
        }
        guard let open = try service.read(read) else { return nil }
        if open.isGood { return open.plan }
        try await turns.take { try OutboundWithdrawal(service).take(back: open.plan) }
        return nil
    }

    /// Keeps a run that could not be done; the next pass begins it anew under the same number.
    private func fail(_ problem: Problem, _ error: any Error) async throws -> Receipt {
        do {
            return try await turns.take {
                let receipt = try service.write { database in
                    var receipt = try ReceiptStore()
                        .begin(destination, at: service.world.milliseconds, in: database)
                    receipt.state = .failed
                    receipt.failure = Receipt.Failure(problem)
                    receipt.ended = service.world.milliseconds
                    try ReceiptStore().save(receipt, in: database)
                    return receipt
                }
                try? FileManager.default.removeItem(atPath: OutboundSpool(service, receipt.number).path)
                return receipt
            }
        } catch {
            // Where not even that can be kept, the first error says why.
            throw problem
        }
    }

    // Writing

    private func prepare(_ occasion: OutboundOccasion) throws -> (OutboundPlan?, [Problem]) {
        // It may have been changed or deleted while this run waited for its turn.
        guard try service.read({ try DestinationStore().isThere(destination, in: $0) }) else {
            return (nil, [])
        }
        let change = try service.read {
            try OutboundChange(destination, on: service.today, in: $0)
        }
        let mode = change.mode(of: destination, askedFor: occasion == .asked)
        // Days on which nothing changed are told, too, so that the receiver sees when one is missing.
        let isWanted = mode == .full && (occasion == .asked || occasion == .day)
        guard isWanted || !change.isEmpty else {
            if occasion == .asked {
                try service.write { try DestinationStore().endAsking(destination.number, in: $0) }
            }
            try settle()
            return (nil, change.obstacles)
        }
        let start = ContinuousClock.now
        let naming = OutboundNaming(destination, mode)
        let begin = try service.write { database -> (receipt: Receipt, timestamp: Int64)? in
            let next = try Counter.export.next(atLeast: service.world.milliseconds, in: database)
            guard let moment = try naming.freeMoment(from: next, in: database) else { return nil }
            let receipt = try ReceiptStore()
                .begin(destination, at: service.world.milliseconds, in: database)
            return (receipt, moment)
        }
        guard let (begun, timestamp) = begin else { return (nil, change.obstacles + [naming.obstacle]) }
        var receipt = begun
        let folder = OutboundSpool(service, receipt.number).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let (set, tally, rejects, saysRemovals) = try service.read { database in
            let form = try OutboundForm(destination, in: database)
            let values = form.values(mode, at: timestamp)
            let names = try form.template.fileNames(values, isGzip: destination.isGzip)
            let writer = OutboundFileWriter(
                folder: folder,
                names: names,
                header: form.template.headerLines(values),
                maximumPartByteCount: destination.partByteCount
            )
            let entries = change.entries(mode)
            let segments = entries.map { entry in
                OutboundSegment(
                    alias: entry.alias,
                    number: entry.item.mapping.segment,
                    lastUpdateTime: entry.item.changed ?? timestamp
                )
            }
            let renderer = try LineRenderer(form.template, values: values, segments: segments)
            let details = try OutboundDetails(
                of: entries,
                for: renderer,
                form.template,
                destination,
                on: service.today,
                in: database
            )
            let rejects = OutboundRejects(of: begun.id, names.part(0), in: service.directory)
            let tally = try OutboundLines(entries, renderer, details)
                .write(to: writer, rejects, in: database)
            return (try writer.finish(), tally, rejects, renderer.saysRemovals)
        }
        receipt.outbound = tally
        receipt.reasons = rejects.reasons
        receipt.rejectedFile = try rejects.finish()
        receipt.stages.append(
            Receipt.Stage(stage: "write", seconds: (ContinuousClock.now - start) / .seconds(1))
        )
        let outcome = OutboundOutcome(
            change: change,
            mode: mode,
            unwritten: rejects.unwritten.added,
            saysRemovals: saysRemovals
        )
        receipt.segments = outcome.segments
        guard tally.received > 0 else {
            try service.write { try ReceiptStore().forget(begun, in: $0) }
            try? FileManager.default.removeItem(atPath: folder)
            return (nil, change.obstacles)
        }
        let plan = try keep(set, outcome, receipt, occasion)
        return (plan, change.obstacles)
    }

    /// Forgets files that were taken back, where there is nothing to say instead.
    private func settle() throws {
        let isOpen = try service.read { database in
            let last = try ReceiptStore().latest(of: destination.number, in: database)
            return try last.map { try ReceiptStore().isUnfinished($0, destination, in: database) } ?? false
        }
        guard isOpen else { return }
        try service.write { database in
            try ReceiptStore().settle(destination, at: service.world.milliseconds, in: database)
        }
    }

    private func keep(
        _ set: OutboundFileSet?,
        _ outcome: OutboundOutcome,
        _ receipt: Receipt,
        _ occasion: OutboundOccasion
    ) throws -> OutboundPlan {
        var receipt = receipt
        let files = (set?.parts ?? []) + [set?.controlFile].compactMap { $0 }
        receipt.files = files.map { file in
            Receipt.File(
                name: file.name,
                bytes: file.digest.byteCount,
                sha256: file.digest.sha256,
                lines: file.lineCount
            )
        }
        let plan = OutboundPlan(
            receipt: receipt.number,
            destination: destination.number,
            files: files.map { file in
                OutboundPlan.File(
                    name: file.name,
                    spoolFile: (file.path as NSString).lastPathComponent,
                    byteCount: file.digest.byteCount,
                    sha256: file.digest.sha256
                )
            },
            mode: outcome.mode,
            made: service.world.milliseconds
        )
        let planned = receipt
        let time = service.world.milliseconds
        try service.write { database in
            try database.execute(
                sql: "UPDATE destinations SET written = ? WHERE number = ?",
                arguments: [time, destination.number]
            )
            try ReceiptStore().save(planned, in: database)
            if occasion == .asked { try DestinationStore().endAsking(destination.number, in: database) }
            try OutboundPlanStore().add(plan, changes: outcome.changes, in: database)
            try DestinationStore().setUnwritten(outcome.unwritten, of: destination.number, in: database)
            try OutboundPlanStore().setAliases(outcome.change.aliases, of: plan, in: database)
        }
        return plan
    }
}

/// The folder in the spool that holds the files of one outbound run.
struct OutboundSpool {
    /// What the names of these folders begin with.
    static let prefix = "outbound-P"

    /// The folder's path.
    let path: String

    init(_ service: PeopleService, _ receipt: Int) {
        path = "\(service.directory.spool)/\(Self.prefix)\(receipt)"
    }
}
