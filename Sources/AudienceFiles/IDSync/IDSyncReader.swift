// SPDX-License-Identifier: Apache-2.0

/// An ID-sync file read block by block: tab-separated IDs, as many as the name has data sources.
///
/// A row that ends in a tab or a blank, an empty row, one with an empty ID, with NUL or not in UTF-8 is ignored, and
/// told with its line and ``IDSyncRowProblem``. A row with another number of columns refuses the whole file (Audience Manager, "name and content of ID
/// synchronization files"), so nothing may be kept of a file before its end was met. One owner at a time.
package final class IDSyncReader {
    private let reader: LineBlockReader
    private var lineCount = 0

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
    /// - Returns: the block that the rows lie in, to be recycled, or nil at the end of the file.
    /// - Throws: ``AudienceFileError/columnCount(line:expected:actual:)``,
    ///   ``AudienceFileError/lineTooLong(line:limit:)`` or what reading lines throws.
    package func next(into rows: inout IDSyncRows) throws(AudienceFileError) -> LineBlock? {
        rows.removeAll(firstLine: lineCount + 1)
        guard let piece = try reader.next() else { return nil }
        guard case .lines(let block) = piece else {
            throw .lineTooLong(line: lineCount + 1, limit: LineLimits.lineByteCount)
        }
        try parse(block.bytes, into: &rows)
        lineCount += rows.lineCount
        rowCount += rows.count
        ignoredRowCount += rows.ignored.count
        return block
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
        if shape.problem == .tooLong {
            return .lineTooLong(line: rows.nextLine, limit: LineLimits.lineByteCount)
        }
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
        let last = bytes[shape.end - 1]
        if last == 0x09 || last == 0x20 { return .trailingSeparator }
        if shape.problem == .nulByte { return .nulByte }
        return shape.hasHighBytes && !UTF8Text.isValid(shape.span.bytes(in: bytes)) ? .invalidUTF8 : nil
    }
}
