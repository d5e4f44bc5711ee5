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

    /// The keys, row by row, as many in each row as the plan has indexes; `nil` for an empty value.
    private(set) var keys: [IDKey?] = []

    /// The refused rows, in order.
    private(set) var rejections: [Rejection] = []

    /// Validates and hashes a block.
    ///
    /// - Parameters:
    ///   - block: The block.
    ///   - plan: What to do with its columns.
    ///   - parsers: A parser for each column of the plan.
    ///   - makers: A key maker for each index of the plan, used by this thread alone.
    /// - Throws: `MatchingError` when libcrypto fails.
    init(
        _ block: CSVBlock,
        _ plan: ProfileLoadPlan,
        parsers: [FieldParser],
        makers: [IndexKeyMaker]
    ) throws {
        records = CSVRecords(columnCount: plan.columnCount)
        records.read(block)
        rowCount = records.count
        // Collected in variables of their own, so that no access to the object's is checked for each value.
        var values: [FieldValue] = []
        values.reserveCapacity(rowCount * plan.columns.count)
        var keys: [IDKey?] = []
        keys.reserveCapacity(rowCount * plan.indexes.count)
        let positions = plan.columns.map(\.position)
        let indexed = plan.indexes.map(\.column)
        for row in 0..<rowCount {
            let start = values.count
            append(row, plan, parsers, positions, to: &values)
            for index in indexed.indices {
                keys.append(try makers[index].key(of: values[start + indexed[index]]))
            }
        }
        self.values = values
        self.keys = keys
    }

    private func append(
        _ row: Int,
        _ plan: ProfileLoadPlan,
        _ parsers: [FieldParser],
        _ positions: [Int],
        to values: inout [FieldValue]
    ) {
        let record = records[row]
        let start = values.count
        do throws(Fault) {
            if let fault = record.fault {
                throw Fault(fault, plan)
            }
            for column in positions.indices {
                do throws(FieldParser.Fault) {
                    values.append(try parsers[column].parse(record[positions[column]]))
                } catch {
                    throw Fault(column: plan.columns[column].title, reason: error.rawValue)
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
