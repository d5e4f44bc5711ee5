// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Terminal

/// Loads profiles from a CSV file: inserts or updates by a key, whole or not at all.
///
/// One transaction: a load that fails or is killed leaves nothing behind, and readers see the profiles before or
/// after it. Rows that can't be loaded never stop the file; each is kept with its line, column and reason.
package struct ProfileLoad {
    private static let largePortion = 20

    private let campaign: Campaign
    private let key: String
    private let mapping: [String: String]
    private let isDryRun: Bool

    /// Prepares a load.
    ///
    /// - Parameters:
    ///   - campaign: The installation.
    ///   - key: The field by which profiles are recognised.
    ///   - mapping: Column names of the file and the fields that they fill.
    ///   - isDryRun: Whether to find out what would happen and then change nothing.
    package init(_ campaign: Campaign, key: String, mapping: [String: String] = [:], isDryRun: Bool = false) {
        self.campaign = campaign
        self.key = key
        self.mapping = mapping
        self.isDryRun = isDryRun
    }

    /// Loads a file.
    ///
    /// - Parameter path: A CSV file in UTF-8 with a header row.
    /// - Returns: What became of the rows.
    /// - Throws: ``Problem`` when the file can't be read or its columns don't fit.
    package func run(_ path: String) throws -> ProfileLoadReport {
        let clock = ContinuousClock()
        let start = clock.now
        let lock = try campaign.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        let file = try LoadFile(path)
        let reader = try file.reader()
        let plan = try plan(reader.header)
        let rejected = RejectedRows(campaign, named: "profiles")
        let sessions = try openSessions(plan, expectedRows: file.expectedRows)
        do {
            let counts = try load(reader, file, plan, sessions, rejected)
            if isDryRun {
                sessions.forEach { $0.undo() }
                rejected.discard()
            } else {
                try rejected.keep()
                for session in sessions { try session.finish(campaign) }
                try campaign.write { try ProfileIndexes(campaign).pruneChanges(in: $0) }
            }
            return ProfileLoadReport(
                counts,
                plan,
                dialect: reader.dialect,
                isDryRun: isDryRun,
                rejected: rejected,
                seconds: (clock.now - start).seconds
            )
        } catch {
            sessions.forEach { $0.undo() }
            rejected.discard()
            throw file.problem(error)
        }
    }

    private struct DryRunEnds: Error {
        let counts: ProfileWriter.Counts
    }

    /// Checks key and columns, and registers the indexes that the load needs; a refused load leaves none behind.
    private func plan(_ header: [String]) throws -> ProfileLoadPlan {
        try campaign.write { database in
            let field = try ProfileFieldStore.field(named: key, in: database)
            guard field.typeName == "string" || field.kind == .integer else {
                throw Problem(
                    .keyUnsuitable,
                    "The field \(key) is \(field.typeNameWithArticle) and can't be a key.",
                    field: "key"
                )
            }
            let indexes = ProfileIndexes(campaign)
            let fields = try ProfileFieldStore.all(in: database)
            for unique in fields where unique.isUnique {
                try indexes.register(.exact(unique.name), in: database)
            }
            try indexes.register(.exact(key), in: database)
            return try ProfileLoadPlan(
                header: header,
                key: key,
                mapping: mapping,
                fields: fields,
                records: indexes.records(in: database)
            )
        }
    }

    private func openSessions(_ plan: ProfileLoadPlan, expectedRows: Int?) throws -> [IndexSession] {
        let existing = try campaign.read { try Counter.profiles.value(in: $0) }
        let expected = expectedRows ?? 0
        let isLarge = expectedRows == nil || expected * Self.largePortion >= existing
        var sessions: [IndexSession] = []
        do {
            for index in plan.indexes {
                sessions.append(
                    try IndexSession(index.record, campaign, expecting: expected, isLarge: isLarge)
                )
            }
        } catch {
            sessions.forEach { $0.undo() }
            throw error
        }
        return sessions
    }

    private func load(
        _ reader: CSVBlockReader,
        _ file: borrowing LoadFile,
        _ plan: ProfileLoadPlan,
        _ sessions: [IndexSession],
        _ rejected: RejectedRows
    ) throws -> ProfileWriter.Counts {
        let secret = try campaign.keySecret()
        let progress = Progress("loading profiles")
        defer { progress.finish() }
        let parsers = plan.columns.map { FieldParser($0.field) }
        let total = file.byteCount.map { $0 / 1_000_000 }
        do {
            return try campaign.write { database in
                let writer = try ProfileWriter(
                    plan,
                    sessions,
                    secret: secret,
                    at: campaign.world.milliseconds,
                    in: database,
                    reject: { try rejected.append($0, $1) }
                )
                let before = try Counter.profiles.value(in: database)
                try OrderedBatches.run(
                    width: Processors.count,
                    produce: { () throws -> CSVBlock? in try reader.next() },
                    makeWorkspace: {
                        try plan.indexes.map { try IndexKeyMaker($0.record.definition, secret: secret) }
                    },
                    work: { makers, block in
                        try ProfileLoadBatch(block, plan, parsers: parsers, makers: makers)
                    },
                    finish: { batch in
                        try writer.write(batch)
                        progress.show(reader.bytesRead / 1_000_000, of: total, "MB")
                    }
                )
                for session in sessions { try session.store(in: database) }
                let counts = writer.counts
                guard !isDryRun else { throw DryRunEnds(counts: counts) }
                try finish(counts, lastNumber: writer.lastNumber, before: before, in: database)
                return counts
            }
        } catch let end as DryRunEnds {
            return end.counts
        }
    }

    private func finish(
        _ counts: ProfileWriter.Counts,
        lastNumber: ProfileNumber,
        before: Int,
        in database: Database
    ) throws {
        guard counts.inserted + counts.updated > 0 else { return }
        try database.execute(
            sql: "UPDATE counters SET value = ? WHERE name = 'profile'",
            arguments: [Int64(lastNumber)]
        )
        try database.execute(
            sql: "UPDATE counters SET value = ? WHERE name = 'profiles'",
            arguments: [before + counts.inserted]
        )
        try Counter.change.next(in: database)
    }
}
