// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching

/// The rows of one block of a file of visitor links, checked and hashed on any thread.
// Sendable although it refers to the block's memory: it is filled by one worker and then only read.
final class VisitorLinkBatch: @unchecked Sendable {
    /// One row: a link, or why it is none.
    struct Row {
        var visitor: VisitorID?
        var visitorKey: IDKey?
        var profileKey: IDKey?
        var linked: Int64?
        var rejection: ProfileLoadBatch.Rejection?
    }

    let records: CSVRecords
    private(set) var rows: [Row] = []

    init(_ block: CSVBlock, _ columns: VisitorLinkColumns, secret: IDKeySecret) throws {
        records = CSVRecords(columnCount: columns.columnCount)
        records.read(block)
        rows.reserveCapacity(records.count)
        for index in 0..<records.count {
            rows.append(Self.row(index, records[index], columns, secret))
        }
    }

    private static func row(
        _ index: Int,
        _ record: CSVRecord,
        _ columns: VisitorLinkColumns,
        _ secret: IDKeySecret
    ) -> Row {
        func refused(_ column: Int, _ reason: String) -> Row {
            let title =
                columns.titles.indices.contains(column) ? columns.titles[column] : "column \(column + 1)"
            return Row(rejection: ProfileLoadBatch.Rejection(row: index, column: title, reason: reason))
        }
        if let fault = record.fault {
            return refused(fault.column - 1, ProfileLoadBatch.reason(of: fault))
        }
        let digits = record[columns.visitor]
        guard let visitor = VisitorID(digits: digits) else {
            return refused(columns.visitor, "not-a-visitor-id")
        }
        let key = record[columns.key]
        guard !key.isEmpty else { return refused(columns.key, "key-empty") }
        var linked: Int64?
        if let column = columns.linked, !record[column].isEmpty {
            linked = Moment.milliseconds(String(decoding: record[column], as: UTF8.self))
            guard linked != nil else { return refused(column, "not-a-datetime") }
        }
        return Row(
            visitor: visitor,
            visitorKey: IDKey(canonical: digits, secret: secret),
            profileKey: IDKey(canonical: key, secret: secret),
            linked: linked
        )
    }
}
