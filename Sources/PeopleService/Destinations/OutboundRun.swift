// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import GRDB
import Logging
import Matching
import Problems
import Storage
import Transfer

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
    /// - Parameter isAskedFor: Whether a full file is wanted even if nothing changed.
    /// - Returns: The receipts, and what is held back; what goes wrong is in the destination's receipt.
    /// - Throws: `CancellationError`, or ``Problem`` of kind `data.busy`.
    func run(askedFor isAskedFor: Bool = false) async throws -> PeopleSyncReport {
        var report = PeopleSyncReport()
        do {
            try await run(askedFor: isAskedFor, &report)
        } catch {
            guard let problem = OutboundFault(service).problem(error, destination) else { throw error }
            report.receipts.append(try await fail(problem, error))
        }
        return report
    }

    private func run(askedFor isAskedFor: Bool, _ report: inout PeopleSyncReport) async throws {
        if let plan = try service.read({ try OutboundPlanStore().plan(of: destination.number, in: $0) }) {
            let receipt = try await publish(plan)
            report.receipts.append(receipt)
            guard receipt.state == .completed else { return }
        }
        let (plan, obstacles) = try await turns.take { try prepare(askedFor: isAskedFor) }
        report.waiting += obstacles.map {
            PeopleSyncReport.Waiting(file: "destination \(destination.number)", reason: $0.summary)
        }
        if let plan { report.receipts.append(try await publish(plan)) }
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

    private func prepare(askedFor isAskedFor: Bool) throws -> (OutboundPlan?, [Problem]) {
        // It may have been changed or deleted while this run waited for its turn.
        guard try service.read({ try DestinationStore().isThere(destination, in: $0) }) else {
            return (nil, [])
        }
        let change = try service.read {
            try OutboundChange(destination, on: service.today, in: $0)
        }
        guard isAskedFor || !change.isEmpty else { return (nil, change.obstacles) }
        // A file without lines can't say that nobody is left: that takes one of removals.
        let mode = change.isFarewell ? .iter : isAskedFor ? .full : destination.mode
        let start = ContinuousClock.now
        let (begun, timestamp) = try service.write { database in
            (
                try ReceiptStore().begin(destination, at: service.world.milliseconds, in: database),
                try Counter.export.next(atLeast: service.world.milliseconds, in: database)
            )
        }
        var receipt = begun
        let folder = OutboundSpool(service, receipt.number).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let (set, tally) = try service.read { database in
            let form = try OutboundForm(destination, in: database)
            let values = form.values(mode, at: timestamp)
            let names = try form.template.fileNames(values, isGzip: destination.isGzip)
            let writer = OutboundFileWriter(
                folder: folder,
                names: names,
                header: form.template.headerLines(values),
                maximumPartByteCount: destination.partByteCount
            )
            let segments = change.items.map { item in
                OutboundSegment(
                    alias: item.mapping.alias,
                    number: item.mapping.segment,
                    lastUpdateTime: item.changed ?? timestamp
                )
            }
            let renderer = try LineRenderer(form.template, values: values, segments: segments)
            let details = try OutboundDetails(
                of: change,
                for: renderer,
                form.template,
                destination,
                on: service.today,
                in: database
            )
            let tally = try OutboundLines(change, mode, renderer, details).write(to: writer, in: database)
            return (try writer.finish(), tally)
        }
        receipt.outbound = tally
        receipt.stages.append(
            Receipt.Stage(stage: "write", seconds: (ContinuousClock.now - start) / .seconds(1))
        )
        receipt.segments = change.items.filter { $0.sent != $0.wanted }.map { item in
            let kept = item.wanted.intersectionCount(item.sent)
            return Receipt.Segment(
                segment: item.mapping.segment,
                before: item.sent.count,
                after: item.wanted.count,
                added: item.wanted.count - kept,
                removed: item.sent.count - kept
            )
        }
        guard let set else {
            try service.write { try ReceiptStore().forget(begun, in: $0) }
            try? FileManager.default.removeItem(atPath: folder)
            return (nil, change.obstacles)
        }
        return (try keep(set, change, receipt), change.obstacles)
    }

    private func keep(_ set: OutboundFileSet, _ change: OutboundChange, _ receipt: Receipt) throws
        -> OutboundPlan
    {
        var receipt = receipt
        let files = set.parts + [set.controlFile].compactMap { $0 }
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
            }
        )
        let planned = receipt
        try service.write { database in
            try ReceiptStore().save(planned, in: database)
            try OutboundPlanStore().add(plan, changes: change.changes, in: database)
        }
        return plan
    }

    // Publishing

    private func publish(_ plan: OutboundPlan) async throws -> Receipt {
        let start = ContinuousClock.now
        var receipt = try service.read { try ReceiptStore().find("P\(plan.receipt)", in: $0) }
        var attempts = Attempts(pause: pause)
        do {
            let account = try service.read {
                try ExternalAccountStore().find(destination.account, in: $0)
            }
            try await send(plan, by: try service.transport(to: account), &attempts)
        } catch let error as TransferError {
            if error == .cancelled { throw CancellationError() }
            return try await queue(receipt, error.problem(of: destination.account), attempts.count)
        } catch {
            guard let problem = OutboundFault(service).problem(error, destination) else { throw error }
            return try await queue(receipt, problem, attempts.count)
        }
        receipt.state = .completed
        receipt.failure = nil
        receipt.attempts = max(1, attempts.count)
        receipt.ended = service.world.milliseconds
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        receipt.stages.append(Receipt.Stage(stage: "publish", seconds: seconds))
        receipt.seconds = receipt.stages.reduce(0) { $0 + $1.seconds }
        let completed = receipt
        try await turns.take { try complete(plan, completed) }
        service.logger.notice("destination told", metadata: ["receipt": "\(receipt.id)"])
        return receipt
    }

    private func send(
        _ plan: OutboundPlan,
        by transport: any Transport,
        _ attempts: inout Attempts
    ) async throws(TransferError) {
        let folder = OutboundSpool(service, plan.receipt).path
        for file in plan.files {
            let path = try RemotePath(file.name)
            guard let sha256 = TextEncoding.decode(file.sha256, expectedByteCount: 32) else {
                throw TransferError.checksumDiffers(path)
            }
            try await transport.confirmRoom(for: file.byteCount)
            _ = try await attempts.run(over: transport) { (transport) throws(TransferError) in
                try await transport.publish(
                    .file("\(folder)/\(file.spoolFile)"),
                    as: path,
                    expecting: Fingerprint(byteCount: file.byteCount, sha256: sha256)
                )
            }
        }
    }

    /// Keeps a run whose account can't be used now: the next pass publishes the same files.
    private func queue(_ receipt: Receipt, _ problem: Problem, _ attempts: Int) async throws -> Receipt {
        var receipt = receipt
        receipt.state = .waiting
        receipt.failure = Receipt.Failure(problem)
        receipt.attempts = max(1, attempts)
        let queued = receipt
        return try await turns.take {
            try service.write { database in
                // A destination that was deleted meanwhile has taken its files with it.
                guard try OutboundPlanStore().plan(of: destination.number, in: database) != nil else {
                    return try ReceiptStore().find(queued.id, in: database)
                }
                try ReceiptStore().save(queued, in: database)
                return queued
            }
        }
    }

    private func complete(_ plan: OutboundPlan, _ receipt: Receipt) throws {
        try service.write { database in
            let time = service.world.milliseconds
            for (segment, change) in try OutboundPlanStore().changes(of: plan, in: database) {
                try DestinationStore()
                    .noteSent(change, segment, to: destination.number, at: time, in: database)
            }
            try ReceiptStore().save(receipt, in: database)
            try OutboundPlanStore().delete(plan, in: database)
            try database.execute(
                sql: "UPDATE destinations SET written = ? WHERE number = ?",
                arguments: [time, destination.number]
            )
            for file in plan.files {
                try PublishedFiles(service).note(file.name, in: destination.account, database)
            }
        }
        try? FileManager.default.removeItem(atPath: OutboundSpool(service, plan.receipt).path)
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
