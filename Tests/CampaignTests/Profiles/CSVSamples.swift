// SPDX-License-Identifier: Apache-2.0

@testable import Campaign

/// A record as the tests compare it.
struct CSVRow: Equatable {
    var number: Int
    var line: Int
    var fields: [String]
    var fault: CSVFault?
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct CSVRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
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
