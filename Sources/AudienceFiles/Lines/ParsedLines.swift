// SPDX-License-Identifier: Apache-2.0

/// The lines of one block in order, 36 bytes each, in memory that is used again for the next block.
package struct ParsedLines: Sendable {
    /// The lines in the order of the block.
    package private(set) var lines: ContiguousArray<ParsedLine> = []

    /// The number of lines that have a problem.
    package private(set) var problemCount = 0

    /// No lines, with room for so many.
    package init(minimumCapacity: Int = 0) {
        lines.reserveCapacity(minimumCapacity)
    }

    /// The number of lines.
    package var count: Int { lines.count }

    /// The line at a position, from 0.
    package subscript(position: Int) -> ParsedLine { lines[position] }

    /// Forgets the lines and keeps the memory.
    package mutating func removeAll() {
        lines.removeAll(keepingCapacity: true)
        problemCount = 0
    }

    @inline(__always)
    mutating func append(_ line: ParsedLine) {
        if line.problem != .none { problemCount &+= 1 }
        lines.append(line)
    }
}
