// SPDX-License-Identifier: Apache-2.0

@testable import Campaign

/// A record as the tests compare it.
struct CSVRow: Equatable {
    var number: Int
    var line: Int
    var fields: [String]
    var fault: CSVFault?
}

/// Reads bytes in memory the way files are read.
enum CSVSamples {
    static func reader(
        _ bytes: [UInt8],
        chunk: Int = .max,
        blockByteCount: Int = 1 << 20,
        recordByteLimit: Int = 4 << 20
    ) throws(CSVError) -> CSVBlockReader {
        var position = 0
        return try CSVBlockReader(blockByteCount: blockByteCount, recordByteLimit: recordByteLimit) {
            buffer in
            let count = min(chunk, buffer.count, bytes.count - position)
            buffer.copyBytes(from: bytes[position..<position + count])
            position += count
            return count
        }
    }

    static func rows(
        _ bytes: [UInt8],
        chunk: Int = .max,
        blockByteCount: Int = 1 << 20,
        recordByteLimit: Int = 4 << 20
    ) throws(CSVError) -> [CSVRow] {
        let reader = try reader(
            bytes,
            chunk: chunk,
            blockByteCount: blockByteCount,
            recordByteLimit: recordByteLimit
        )
        return try rows(of: reader)
    }

    static func rows(of reader: CSVBlockReader) throws(CSVError) -> [CSVRow] {
        let records = CSVRecords(columnCount: reader.header.count)
        var rows: [CSVRow] = []
        while let block = try reader.next() {
            records.read(block)
            records.forEach { record in
                let fields = (0..<record.count).map { String(decoding: record[$0], as: UTF8.self) }
                rows.append(
                    CSVRow(number: record.number, line: record.line, fields: fields, fault: record.fault)
                )
            }
        }
        return rows
    }

    static func rows(_ text: String) throws(CSVError) -> [CSVRow] {
        try rows(Array(text.utf8))
    }

    static func faults(_ text: String) throws(CSVError) -> [CSVFault.Kind] {
        try rows(text).compactMap(\.fault?.kind)
    }
}
