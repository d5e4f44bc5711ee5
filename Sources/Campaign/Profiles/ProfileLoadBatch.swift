// SPDX-License-Identifier: Apache-2.0

import Matching

/// The rows of one block of a file, validated and hashed on any thread, to be written in order.
// Sendable although it refers to the block's memory: it is filled by one worker and then only read.
final class ProfileLoadBatch: @unchecked Sendable {
    /// A row that is refused, with its position in the file.
    struct Rejection {
        let row: Int
        let column: String
        let reason: String
    }

    /// The rows with their bytes.
    let records: CSVRecords

    /// How many rows there are.
    let rowCount: Int

    /// The values, row by row, as many in each row as the plan has columns.
    private(set) var values: [FieldValue] = []

    /// The keys, one array for each index of the plan, one key for each row; `nil` for an empty value.
    private(set) var keys: [[IDKey?]]

    /// The refused rows, in order.
    private(set) var rejections: [Rejection] = []

    /// Validates and hashes a block.
    ///
    /// - Parameters:
    ///   - block: The block.
    ///   - plan: What to do with its columns.
    ///   - parsers: A parser for each column of the plan.
    ///   - makers: A key maker for each index of the plan, used by this thread alone.
    init(
        _ block: CSVBlock, _ plan: ProfileLoadPlan, parsers: [FieldParser], makers: [IndexKeyMaker]
    ) throws {
        records = CSVRecords(columnCount: plan.columnCount)
        records.read(block)
        rowCount = records.count
        values.reserveCapacity(rowCount * plan.columns.count)
        keys = plan.indexes.map { _ in [] }
        for index in keys.indices { keys[index].reserveCapacity(rowCount) }
        for row in 0..<rowCount {
            append(row, plan, parsers)
            let start = row * plan.columns.count
            for (position, index) in plan.indexes.enumerated() {
                keys[position].append(try makers[position].key(of: values[start + index.column]))
            }
        }
    }

    private func append(_ row: Int, _ plan: ProfileLoadPlan, _ parsers: [FieldParser]) {
        let record = records[row]
        let start = values.count
        do throws(Fault) {
            if let fault = record.fault {
                throw Fault(fault, plan)
            }
            for (position, column) in plan.columns.enumerated() {
                do throws(FieldParser.Fault) {
                    values.append(try parsers[position].parse(record[column.position]))
                } catch {
                    throw Fault(column: column.title, reason: error.rawValue)
                }
            }
            if case .empty = values[start + plan.keyColumn].kind {
                throw Fault(column: plan.columns[plan.keyColumn].title, reason: "key-empty")
            }
        } catch {
            values.removeLast(values.count - start)
            values.append(contentsOf: repeatElement(.empty, count: plan.columns.count))
            rejections.append(Rejection(row: row, column: error.column, reason: error.reason))
        }
    }

    private struct Fault: Error {
        let column: String
        let reason: String

        init(column: String, reason: String) {
            self.column = column
            self.reason = reason
        }

        init(_ fault: CSVFault, _ plan: ProfileLoadPlan) {
            let title = plan.columns.first { $0.position == fault.column - 1 }?.title
            column = title ?? "column \(fault.column)"
            reason = ProfileLoadBatch.reason(of: fault)
        }
    }

    /// The code of a fault in the file's structure, as reports and rejected rows have it.
    static func reason(of fault: CSVFault) -> String {
        switch fault.kind {
        case .wrongColumnCount: "wrong-column-count"
        case .quoteInsideField: "quote-inside-field"
        case .textAfterQuote: "text-after-quote"
        case .unclosedQuote: "quote-unclosed"
        case .nulByte: "nul-byte"
        case .invalidUTF8: "invalid-utf8"
        case .tooLong: "row-too-long"
        }
    }
}
