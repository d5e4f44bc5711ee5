// SPDX-License-Identifier: Apache-2.0

/// The rows of one block of an ID-sync file, in memory that is used again for the next block.
package struct IDSyncRows: Sendable {
    /// The number of columns of every row.
    package let columnCount: Int

    /// The positions of the IDs in the block, row by row.
    private var spans: ContiguousArray<ByteSpan> = []

    /// The number of rows that are left out, of the block.
    package internal(set) var ignoredRowCount = 0

    /// The number of lines in the block: rows and ignored ones.
    package internal(set) var lineCount = 0

    /// No rows of a file with so many columns.
    package init(columnCount: Int) {
        precondition(columnCount >= 2, "an ID-sync file links at least two data sources")
        self.columnCount = columnCount
    }

    /// The number of rows.
    package var count: Int { spans.count / columnCount }

    /// The ID in a row and a column, both from 0, of the block that the rows were read from.
    package func id(row: Int, column: Int, in block: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        spans[row * columnCount + column].bytes(in: block)
    }

    /// Forgets the rows and keeps the memory.
    package mutating func removeAll() {
        spans.removeAll(keepingCapacity: true)
        ignoredRowCount = 0
        lineCount = 0
    }

    mutating func append(_ id: ByteSpan) {
        spans.append(id)
    }

    mutating func removeIncompleteRow(spanCount: Int) {
        spans.removeLast(spanCount)
    }
}
