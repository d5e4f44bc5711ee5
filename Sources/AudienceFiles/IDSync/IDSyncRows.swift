// SPDX-License-Identifier: Apache-2.0

/// The rows of one block of an ID-sync file, in memory that is used again for the next block.
package struct IDSyncRows: Sendable {
    /// A row that is left out.
    package struct Ignored: Sendable {
        /// The number of the line in its file, from 1.
        package let line: Int
        /// Where the row lies in the block.
        package let span: ByteSpan
        /// Why it is left out.
        package let problem: IDSyncRowProblem
    }

    /// The number of columns of every row.
    package let columnCount: Int

    /// The positions of the IDs in the block, row by row.
    private var spans: ContiguousArray<ByteSpan> = []

    /// The place of each row among the lines of the block, from 0.
    private var places: ContiguousArray<UInt32> = []

    /// The rows that are left out, in order.
    package private(set) var ignored: ContiguousArray<Ignored> = []

    /// The number of lines in the block: rows and ignored ones.
    package private(set) var lineCount = 0

    /// The number of the block's first line in its file, from 1.
    private var firstLine = 1

    /// No rows of a file with so many columns.
    package init(columnCount: Int) {
        precondition(columnCount >= 2, "an ID-sync file links at least two data sources")
        self.columnCount = columnCount
    }

    /// The number of rows.
    package var count: Int { places.count }

    /// The ID in a row and a column, both from 0, of the block that the rows were read from.
    package func id(row: Int, column: Int, in block: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        spans[row * columnCount + column].bytes(in: block)
    }

    /// A whole row, from 0, without its line end.
    package func text(row: Int, in block: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let first = spans[row * columnCount].range.lowerBound
        return UnsafeRawBufferPointer(
            rebasing: block[first..<spans[(row + 1) * columnCount - 1].range.upperBound]
        )
    }

    /// The number of a row's line in its file, from 1.
    package func line(of row: Int) -> Int { firstLine + Int(places[row]) }

    /// Forgets the rows and keeps the memory.
    ///
    /// - Parameter firstLine: The number of the next block's first line.
    mutating func removeAll(firstLine: Int) {
        spans.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        ignored.removeAll(keepingCapacity: true)
        lineCount = 0
        self.firstLine = firstLine
    }

    /// The number of the line that comes next.
    var nextLine: Int { firstLine + lineCount }

    /// Adds an ID of the line that comes next.
    mutating func append(_ id: ByteSpan) {
        spans.append(id)
    }

    /// Ends a row whose IDs were added.
    mutating func endRow() {
        places.append(UInt32(lineCount))
        lineCount += 1
    }

    /// Leaves a line out, with the IDs that were added of it.
    mutating func ignore(_ span: ByteSpan, _ problem: IDSyncRowProblem) {
        spans.removeLast(spans.count - places.count * columnCount)
        ignored.append(Ignored(line: nextLine, span: span, problem: problem))
        lineCount += 1
    }
}
