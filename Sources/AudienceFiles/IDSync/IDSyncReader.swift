// SPDX-License-Identifier: Apache-2.0

/// An ID-sync file read block by block: tab-separated IDs, as many as the name has data sources.
///
/// A row that ends in a tab or a blank, an empty row, one with an empty ID, with NUL, not in UTF-8 or too long is
/// ignored, and told with its line and ``IDSyncRowProblem``. A row with another number of columns refuses the whole file
/// (Audience Manager, "name and content of ID synchronization files"), so nothing may be kept of a file before its end
/// was met. One owner at a time.
package final class IDSyncReader {
    /// What comes next in a file.
    package enum Piece {
        /// The block that the rows lie in.
        case rows(LineBlock)

        /// A fragment of one row that is too long and fits no block; the last one may end with the newline, or be empty.
        case overlong(LineBlock, line: Int, isFirst: Bool, isLast: Bool)
    }

    private let reader: LineBlockReader
    private var lineCount = 0
    private var isInsideOverlongRow = false

    /// The number of rows ignored so far.
    package private(set) var ignoredRowCount = 0

    /// The number of rows read so far.
    package private(set) var rowCount = 0

    /// A reader of the rows in these lines.
    package init(_ reader: LineBlockReader) {
        self.reader = reader
    }

    /// The size and checksums of the raw file, known at its end.
    package var digest: FileDigest.Value? { reader.digest }

    /// Reads the rows of the next block.
    ///
    /// - Parameter rows: receives the rows; what it held before is forgotten.
    /// - Returns: what was read, whose block is to be recycled, or nil at the end of the file.
    /// - Throws: ``AudienceFileError/columnCount(line:expected:actual:)`` or what reading lines throws.
    package func next(into rows: inout IDSyncRows) throws(AudienceFileError) -> Piece? {
        rows.removeAll(firstLine: lineCount + 1)
        switch try reader.next() {
        case .lines(let block):
            try parse(block.bytes, into: &rows)
            lineCount += rows.lineCount
            rowCount += rows.count
            ignoredRowCount += rows.ignored.count
            return .rows(block)
        case .overlong(let block, let isLast):
            let isFirst = !isInsideOverlongRow
            isInsideOverlongRow = !isLast
            if isFirst {
                lineCount += 1
                ignoredRowCount += 1
            }
            return .overlong(block, line: lineCount, isFirst: isFirst, isLast: isLast)
        case nil:
            return nil
        }
    }

    /// Takes back a block that is no longer read, from any thread.
    package func recycle(_ block: LineBlock) {
        reader.recycle(block)
    }

    private func parse(_ bytes: UnsafeRawBufferPointer, into rows: inout IDSyncRows) throws(AudienceFileError)
    {
        var failure: AudienceFileError?
        LineScanner.scan(bytes) { shape in
            guard failure == nil else { return }
            failure = add(shape, of: bytes, to: &rows)
        }
        if let failure { throw failure }
    }

    private func add(
        _ shape: LineShape,
        of bytes: UnsafeRawBufferPointer,
        to rows: inout IDSyncRows
    ) -> AudienceFileError? {
        if let problem = problem(of: shape, in: bytes) {
            rows.ignore(shape.span, problem)
            return nil
        }
        guard shape.tabCount == rows.columnCount - 1 else {
            return .columnCount(
                line: rows.nextLine,
                expected: rows.columnCount,
                actual: shape.tabCount + 1
            )
        }
        var start = shape.start
        var hasEmptyID = false
        for position in shape.start...shape.end where position == shape.end || bytes[position] == 0x09 {
            hasEmptyID = hasEmptyID || position == start
            rows.append(ByteSpan(start, position))
            start = position + 1
        }
        if hasEmptyID { rows.ignore(shape.span, .emptyID) } else { rows.endRow() }
        return nil
    }

    /// What is wrong with a row whatever its columns.
    private func problem(of shape: LineShape, in bytes: UnsafeRawBufferPointer) -> IDSyncRowProblem? {
        if shape.problem == .emptyLine { return .empty }
        if shape.problem == .tooLong { return .tooLong }
        let last = bytes[shape.end - 1]
        if last == 0x09 || last == 0x20 { return .trailingSeparator }
        if shape.problem == .nulByte { return .nulByte }
        return shape.hasHighBytes && !UTF8Text.isValid(shape.span.bytes(in: bytes)) ? .invalidUTF8 : nil
    }
}
