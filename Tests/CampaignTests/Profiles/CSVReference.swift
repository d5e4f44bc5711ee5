// SPDX-License-Identifier: Apache-2.0

@testable import Campaign

/// Reads CSV byte by byte from one array, to compare with.
enum CSVReference {
    private struct Attempt {
        var fields: [[UInt8]] = []
        var fault: (kind: CSVFault.Kind, column: Int)?
        /// The position of the line ending.
        var end = 0
    }

    static func rows(_ bytes: [UInt8], columnCount: Int, recordByteLimit: Int) -> [CSVRow] {
        var rows: [CSVRow] = []
        var line = 1
        var position = 0
        var isHeader = true
        while position < bytes.count {
            let newline = bytes[position...].firstIndex(of: 10) ?? bytes.count
            var attempt = split(bytes, from: position, isFirstLine: false)
            if attempt.fault != nil || attempt.end - position > recordByteLimit {
                attempt = split(Array(bytes[..<newline]), from: position, isFirstLine: true)
                if newline - position > recordByteLimit {
                    attempt.fault = (.tooLong(limit: recordByteLimit), 1)
                }
                attempt.end = newline
            }
            let end = attempt.end
            let isBlank = bytes[position..<end].isEmpty || Array(bytes[position..<end]) == [13]
            if attempt.fault == nil, attempt.fields.count != columnCount {
                let actual = attempt.fields.count
                attempt.fault = (
                    .wrongColumnCount(expected: columnCount, actual: actual),
                    actual > columnCount ? columnCount + 1 : actual
                )
            }
            if !isBlank, !isHeader {
                rows.append(
                    CSVRow(
                        number: rows.count + 1,
                        line: line,
                        fields: attempt.fault == nil
                            ? attempt.fields.map { String(decoding: $0, as: UTF8.self) } : [],
                        fault: attempt.fault.map { CSVFault($0.kind, line: line, column: $0.column) }
                    )
                )
            }
            if !isBlank { isHeader = false }
            line += 1 + bytes[position..<end].count { $0 == 10 }
            position = end + 1
        }
        return rows
    }

    private static func split(_ bytes: [UInt8], from start: Int, isFirstLine: Bool) -> Attempt {
        var attempt = Attempt()
        var position = start
        /// The length of the line ending at the position, nil when the record goes on.
        func lineEnd(_ position: Int) -> Int? {
            if position >= bytes.count || bytes[position] == 10 { return 0 }
            guard bytes[position] == 13 else { return nil }
            return position + 1 >= bytes.count || bytes[position + 1] == 10 ? 1 : nil
        }
        while true {
            var field: [UInt8] = []
            if position < bytes.count, bytes[position] == 34 {
                position += 1
                while true {
                    guard position < bytes.count else {
                        attempt.fault = (.unclosedQuote, attempt.fields.count + 1)
                        return attempt
                    }
                    if bytes[position] == 34 {
                        guard position + 1 < bytes.count, bytes[position + 1] == 34 else { break }
                        position += 1
                    }
                    field.append(bytes[position])
                    position += 1
                }
                position += 1
                guard lineEnd(position) != nil || bytes[position] == 44 else {
                    attempt.fault = (.textAfterQuote, attempt.fields.count + 1)
                    return attempt
                }
            } else {
                while lineEnd(position) == nil, bytes[position] != 44 {
                    guard bytes[position] != 34 else {
                        attempt.fault = (.quoteInsideField, attempt.fields.count + 1)
                        return attempt
                    }
                    field.append(bytes[position])
                    position += 1
                }
            }
            attempt.fields.append(field)
            if let length = lineEnd(position) {
                attempt.end = min(position + length, bytes.count)
                return attempt
            }
            position += 1
        }
    }
}
