// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import GRDB
import Matching
import Problems
import Storage
import Terminal

/// One ID synchronization: the rows of a set link devices with declared IDs, in one transaction.
///
/// The first column is of devices; each device of a row is linked with all other IDs of the row. A row counts as a sign-in when it
/// is read, so that the last row decides who was there last: the time in a file's name only tells files apart.
package struct IDSyncRun {
    private let service: PeopleService
    private let directory: IDDirectory
    private let name: IDSyncFileName

    /// Prepares to synchronize; the caller holds the lock for changes.
    package init(_ name: IDSyncFileName, _ directory: IDDirectory, _ service: PeopleService) {
        self.name = name
        self.directory = directory
        self.service = service
    }

    /// Reads all files and keeps what they say.
    ///
    /// - Parameters: As those of ``OnboardingRun/run(_:_:confirm:note:)``.
    /// - Throws: ``Problem``, `AudienceFileError`, or what the database answers; nothing was kept then.
    package func run(
        _ sources: [OnboardingRun.Source],
        _ receipt: inout Receipt,
        confirm: () throws -> Void = {},
        note: (Receipt, Database) throws -> Void = { _, _ in }
    ) throws {
        let clock = ContinuousClock()
        let start = clock.now
        let columns = try service.read { database in
            try name.dataSources.map { number in
                let source = try DataSourceStore().find(number, in: database)
                return IDSyncRowTaker.Column(source: source, keys: try directory.keys(of: source.namespace))
            }
        }
        let master = columns[0].source
        if !master.idType.isOfDevices {
            guard !columns.contains(where: \.source.idType.isOfDevices) else {
                throw Problem(
                    .inboundFileRefused,
                    "The first data source in the name, \(master.number), is not one of devices.",
                    advice: "Put the data source of device IDs first; declared IDs follow."
                )
            }
            receipt.notes = (receipt.notes ?? []) + [Self.warning(master)]
        }
        let rejects = try RejectedLines(of: receipt.id, files: sources.map(\.name), in: service.directory)
        let found = try IDSyncRowTaker(
            columns,
            directory.index,
            time: service.world.milliseconds / 1_000,
            rejects: rejects,
            service
        )
        receipt.dataSource = name.master
        for file in sources {
            receipt.files.append(try read(file, into: found))
        }
        try confirm()
        receipt.stages.append(
            Receipt.Stage(stage: "read", seconds: (clock.now - start) / .seconds(1))
        )
        found.tally.newIDs = found.newIDs.count
        receipt.idSync = found.tally
        receipt.state = found.tally.counts.rejects > 0 ? .completedWithRejects : .completed
        receipt.rejectedFile = try rejects.finish()
        receipt.reasons = IDSyncReason.allCases.compactMap { reason in
            let lines = found.reasons[Int(reason.rawValue)]
            guard lines > 0 else { return nil }
            return Receipt.Reason(state: reason.state.rawValue, reason: reason.code, lines: lines)
        }
        var completed = receipt
        try service.write { database in
            try found.newIDs.store(in: database)
            try ActivityStore().note(
                found.signsOfLife,
                on: service.today,
                in: database
            )
            try keep(found, &completed, in: database)
            completed.ended = service.world.milliseconds
            completed.usableAfter = OnboardingRun.usableAfter(sources, completed.ended)
            completed.seconds += (clock.now - start) / .seconds(1)
            try ReceiptStore().save(completed, in: database)
            try note(completed, database)
        }
        receipt = completed
        try found.newIDs.add(to: directory)
    }

    /// What a receipt says of a file whose first column is of declared IDs, which its format forbids.
    private static func warning(_ master: DataSource) -> String {
        "the first data source in the name, \(master.number), is of declared IDs: rows count for the devices that were linked with these before"
    }

    private func read(_ file: OnboardingRun.Source, into found: IDSyncRowTaker) throws -> Receipt.File {
        let reader = IDSyncReader(LineBlockReader(source: file.bytes, isGzip: file.isNamedGzip))
        var rows = IDSyncRows(columnCount: name.dataSources.count)
        let progress = Progress("linking IDs of \(file.name)")
        defer { progress.finish() }
        found.beginFile()
        do {
            while let piece = try reader.next(into: &rows) {
                switch piece {
                case .rows(let block):
                    try found.take(rows, of: block.bytes)
                    reader.recycle(block)
                case .overlong(let block, let line, let isFirst, let isLast):
                    try found.take(overlong: block.bytes, line: line, isFirst: isFirst, isLast: isLast)
                    reader.recycle(block)
                }
                progress.show(reader.rowCount, "rows")
            }
        } catch let error as AudienceFileError {
            file.noteFault(error)
            throw InboundFault.problem(error, file.name, line: reader.rowCount + reader.ignoredRowCount)
        }
        return Receipt.File(
            name: file.name,
            bytes: reader.digest?.byteCount ?? 0,
            sha256: reader.digest?.sha256,
            lines: reader.rowCount + reader.ignoredRowCount
        )
    }

    private func keep(_ found: IDSyncRowTaker, _ receipt: inout Receipt, in database: Database) throws {
        let clock = ContinuousClock()
        let start = clock.now
        let links = try LinkStore().add(
            found.links,
            end: { try found.end(of: $0, in: database) },
            in: database
        )
        receipt.idSync?.evictedLinks = links.evicted
        try DestinationStore().tryAgain(links.touched, in: database)
        let linked = clock.now
        receipt.stages.append(Receipt.Stage(stage: "keep links", seconds: (linked - start) / .seconds(1)))
        receipt.segments = try SegmentEvaluation(in: database, at: service.world.milliseconds)
            .update(SegmentEvaluation.Scope(touched: links.touched, traits: nil))
        receipt.stages.append(
            Receipt.Stage(stage: "evaluate segments", seconds: (clock.now - linked) / .seconds(1))
        )
    }
}
