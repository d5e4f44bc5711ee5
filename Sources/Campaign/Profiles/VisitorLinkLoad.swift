// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Problems
import Storage
import Terminal

/// Links visitor IDs with profiles from a CSV file, whole or not at all.
///
/// The link is many-to-many: a person uses several browsers, and a browser may be used by several people. The
/// most recent profile of a visitor ID comes first.
package struct VisitorLinkLoad {
    private static let largePortion = 20

    private let campaign: Campaign
    private let key: String
    private let mapping: [String: String]

    /// Prepares a load.
    ///
    /// - Parameters:
    ///   - campaign: The installation.
    ///   - key: The field by which profiles are recognised.
    ///   - mapping: Column names of the file and what they fill: `visitorId`, `linked` or the key field.
    package init(_ campaign: Campaign, key: String, mapping: [String: String] = [:]) {
        self.campaign = campaign
        self.key = key
        self.mapping = mapping
    }

    /// Loads a file.
    ///
    /// - Parameter path: A CSV file in UTF-8 with a header row.
    /// - Returns: What became of the rows.
    /// - Throws: ``Problem`` when the file can't be read or its columns don't fit.
    package func run(_ path: String) throws -> VisitorLinkReport {
        let clock = ContinuousClock()
        let start = clock.now
        let lock = try campaign.lockForChange()
        defer { withExtendedLifetime(lock) {} }
        let file = try LoadFile(path)
        let reader = try file.reader()
        let columns = try VisitorLinkColumns(reader.header, key: key, mapping: mapping)
        let (visitors, keys) = try openIndexes(expectedRows: file.expectedRows)
        let rejected = RejectedRows(campaign, named: "visitors")
        do {
            let counts = try load(reader, file, columns, visitors, keys, rejected)
            try rejected.keep()
            try visitors.finish(campaign)
            return VisitorLinkReport(
                read: counts.linked + counts.rejected,
                linked: counts.linked,
                rejected: counts.rejected,
                seconds: (clock.now - start).seconds,
                format: reader.dialect.description,
                reasons: rejected.reasons,
                rejectedFile: rejected.path,
                rejectedSample: rejected.samples
            )
        } catch {
            visitors.undo()
            rejected.discard()
            throw file.problem(error)
        }
    }

    private func openIndexes(expectedRows: Int?) throws -> (visitors: IndexSession, keys: IDIndex) {
        let indexes = ProfileIndexes(campaign)
        let (records, existing) = try campaign.write { database in
            let field = try ProfileFieldStore.field(named: key, in: database)
            guard field.typeName == "string" || field.kind == .integer else {
                throw Problem(
                    .keyUnsuitable,
                    "The field \(key) is \(field.typeNameWithArticle) and can't be a key.",
                    field: "key"
                )
            }
            try indexes.register(.visitors, in: database)
            return (try indexes.records(in: database), try Counter.profiles.value(in: database))
        }
        guard let record = records.first(where: { $0.definition == .visitors }) else {
            throw Problem(.databaseDamaged, "The index of visitor IDs is not known.")
        }
        let expected = expectedRows ?? 0
        let visitors = try IndexSession(
            record,
            campaign,
            expecting: expected,
            isLarge: expectedRows == nil || expected * Self.largePortion >= existing
        )
        return (visitors, try indexes.open(.exact(key)))
    }

    private func load(
        _ reader: CSVBlockReader,
        _ file: borrowing LoadFile,
        _ columns: VisitorLinkColumns,
        _ visitors: IndexSession,
        _ keys: IDIndex,
        _ rejected: RejectedRows
    ) throws -> (linked: Int, rejected: Int) {
        let secret = try campaign.keySecret()
        let byteCount = file.byteCount
        let progress = Progress("linking visitor IDs")
        defer { progress.finish() }
        return try campaign.write { database in
            let writer = try VisitorLinkWriter(
                visitors,
                keys,
                columns: columns,
                at: campaign.world.milliseconds,
                in: database,
                reject: { try rejected.append($0, $1) }
            )
            try OrderedBatches.run(
                width: Processors.count,
                produce: { () throws -> CSVBlock? in try reader.next() },
                makeWorkspace: {},
                work: { _, block in try VisitorLinkBatch(block, columns, secret: secret) },
                finish: { batch in
                    try writer.write(batch)
                    progress.show(reader.bytesRead / 1_000_000, of: byteCount.map { $0 / 1_000_000 }, "MB")
                }
            )
            try visitors.store(in: database)
            if writer.linked > 0 { try Counter.change.next(in: database) }
            return (writer.linked, writer.rejected)
        }
    }
}
