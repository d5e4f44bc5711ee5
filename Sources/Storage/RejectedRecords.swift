// SPDX-License-Identifier: Apache-2.0

/// Records of rejected lines, prepared on any thread.
package struct RejectedRecords {
    /// The state in which a line ended and the code of the reason, as a record writes them.
    package struct End: Sendable {
        fileprivate let bytes: [UInt8]

        package init(_ state: LineState, _ reason: String) {
            bytes = Array("\t\(state.rawValue)\t\(reason)\t".utf8)
        }
    }

    /// The records so far.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Adds the record of a line.
    ///
    /// - Parameters:
    ///   - text: The line without its newline.
    ///   - file: The number of the file, from 1.
    ///   - line: The number of the line in the file, from 1.
    ///   - end: The state in which it ended, and why.
    package mutating func append(_ text: UnsafeRawBufferPointer, file: Int, line: Int, _ end: End) {
        appendHead(file: file, line: line, end)
        bytes.append(contentsOf: text)
        bytes.append(0x0A)
    }

    /// Adds what stands in front of a line's bytes.
    package mutating func appendHead(file: Int, line: Int, _ end: End) {
        append(file)
        bytes.append(0x09)
        append(line)
        bytes.append(contentsOf: end.bytes)
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
