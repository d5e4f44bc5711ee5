// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage

/// Records of rejected lines, prepared on any thread.
struct RejectedRecords {
    private(set) var bytes: [UInt8] = []

    /// Adds the record of a line.
    ///
    /// - Parameters:
    ///   - text: The line without its newline.
    ///   - file: The number of the file, from 1.
    ///   - line: The number of the line in the file, from 1.
    ///   - state: The state in which it ended.
    ///   - reason: Why.
    mutating func append(
        _ text: UnsafeRawBufferPointer,
        file: Int,
        line: Int,
        _ state: LineState,
        _ reason: LineReason
    ) {
        appendHead(file: file, line: line, state, reason)
        bytes.append(contentsOf: text)
        bytes.append(0x0A)
    }

    /// Adds what stands in front of a line's bytes.
    mutating func appendHead(file: Int, line: Int, _ state: LineState, _ reason: LineReason) {
        append(file)
        bytes.append(0x09)
        append(line)
        bytes.append(
            contentsOf: Self.endings[state.position * LineReason.allCases.count + Int(reason.rawValue)]
        )
    }

    /// State and reason with the tabs around them.
    private static let endings: [[UInt8]] = LineState.allCases.flatMap { state in
        LineReason.allCases.map { Array("\t\(state.rawValue)\t\($0.code)\t".utf8) }
    }

    private mutating func append(_ number: Int) {
        withUnsafeTemporaryAllocation(byteCount: 24, alignment: 8) { text in
            var position = 24
            var rest = number
            repeat {
                position -= 1
                text[position] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[position...]))
        }
    }
}
