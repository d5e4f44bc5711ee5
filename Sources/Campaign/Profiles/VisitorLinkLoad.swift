// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
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
                    "The field \(key) is a \(field.typeName) and can't be a key.",
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

/// Which column of a file of visitor links holds what.
struct VisitorLinkColumns: Sendable {
    let visitor: Int
    let key: Int
    let linked: Int?
    let columnCount: Int
    let titles: [String]

    init(_ header: [String], key: String, mapping: [String: String]) throws {
        let names = header.map { mapping[$0] ?? $0 }
        for column in mapping.keys.sorted() where !header.contains(column) {
            throw Problem(.mappingRefused, "The file has no column \(column).", field: "map")
        }
        func position(_ name: String) -> Int? {
            names.firstIndex { $0 == name } ?? names.firstIndex { $0.lowercased() == name.lowercased() }
        }
        guard let visitor = position("visitorId"), let keyColumn = position(key) else {
            let missing = position("visitorId") == nil ? "visitorId" : key
            throw Problem(
                .mappingRefused,
                "No column of the file fills \(missing).",
                advice:
                    "The file has the columns \(header.joined(separator: ", ")). Name the right one with --map COLUMN=\(missing).",
                field: "map"
            )
        }
        self.visitor = visitor
        self.key = keyColumn
        linked = position("linked")
        columnCount = header.count
        titles = header
    }
}

/// What linking visitor IDs did.
package struct VisitorLinkReport: Report {
    package let read: Int
    package let linked: Int
    package let rejected: Int
    package let seconds: Double
    package let format: String
    package let reasons: [String: Int]
    package let rejectedFile: String?
    let rejectedSample: [RejectedRows.Sample]

    package var text: String {
        var lines = [
            "format    \(format)", "read      \(read.grouped) rows in \(seconds.secondsText)",
            "linked    \(linked.grouped)", "rejected  \(rejected.grouped)",
        ]
        for (reason, count) in reasons.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append("  \(count.grouped) \(reason): \(RowReason.hint(reason))")
        }
        for row in rejectedSample {
            lines.append("  line \(row.line), column \(row.column): \(row.reason)")
        }
        if let rejectedFile { lines.append("kept in   \(rejectedFile)") }
        return lines.joined(separator: "\n")
    }
}
