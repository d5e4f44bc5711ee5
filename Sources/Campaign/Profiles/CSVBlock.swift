// SPDX-License-Identifier: Apache-2.0

/// A run of whole records of a CSV file, with the bytes they stand in.
///
/// Blocks can be parsed in parallel, each with a ``CSVRecords`` of its own.
// Sendable although it holds a pointer: nothing writes to the memory after the block was made.
package final class CSVBlock: @unchecked Sendable {
    /// The line number of the first line, 1-based; the header usually is line 1.
    package let firstLine: Int

    /// The number of the first record, 1-based; the header and blank lines don't count.
    package let firstRecord: Int

    /// The byte between two fields.
    package let separator: CSVDialect.Separator

    /// Where the records stand in the bytes.
    let spans: ContiguousArray<CSVRecordSpan>

    /// The greatest length of a record, in bytes.
    let recordByteLimit: Int

    private let memory: UnsafeMutableRawBufferPointer
    private let byteCount: Int

    /// Takes over memory that was filled by the reader.
    ///
    /// - Parameters:
    ///   - memory: The memory, which ends with the block; at least ``padding`` bytes of it are not used.
    ///   - byteCount: How many bytes at its start belong to the records.
    ///   - spans: Where the records stand.
    ///   - firstLine: The number of the first line.
    ///   - firstRecord: The number of the first record.
    ///   - separator: The byte between two fields.
    ///   - recordByteLimit: The greatest length of a record.
    init(
        memory: UnsafeMutableRawBufferPointer,
        byteCount: Int,
        spans: ContiguousArray<CSVRecordSpan>,
        firstLine: Int,
        firstRecord: Int,
        separator: CSVDialect.Separator,
        recordByteLimit: Int
    ) {
        precondition(byteCount + Self.padding <= memory.count, "a block needs padding after its bytes")
        self.memory = memory
        self.byteCount = byteCount
        self.spans = spans
        self.firstLine = firstLine
        self.firstRecord = firstRecord
        self.separator = separator
        self.recordByteLimit = recordByteLimit
    }

    deinit { memory.deallocate() }

    /// How many bytes after the last one may be read, though not used.
    static let padding = 16

    /// The number of records, malformed ones included.
    package var count: Int { spans.count }

    /// The bytes of all records with their line endings, valid as long as the block lives.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<byteCount]) }
}
