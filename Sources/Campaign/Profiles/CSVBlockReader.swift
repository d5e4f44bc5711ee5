// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads a CSV file (RFC 4180) as blocks of whole records, in bounded memory.
///
/// The first stage of reading: it only finds the ends of records, so that the second stage, ``CSVRecords``, can
/// work on several blocks at once. UTF-8 with or without byte order mark, LF or CRLF, quoted fields with doubled
/// quotes and newlines; blank lines are skipped. At most twice the limit of a record is held besides the blocks
/// that were handed out.
package final class CSVBlockReader {
    /// How the file is written, recognised from its header.
    package private(set) var dialect = CSVDialect()

    /// The names of the columns, without spaces around them.
    package private(set) var header: [String] = []

    /// How many bytes were read from the file.
    package private(set) var bytesRead = 0

    private let blockByteCount: Int
    private let recordByteLimit: Int
    private let source: (UnsafeMutableRawBufferPointer) throws(CSVError) -> Int

    private var memory: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var isAtEnd = false
    private var isSkippingLine = false
    private var line = 1
    private var record = 1

    /// Opens a reader on a file and reads its header.
    ///
    /// - Parameters:
    ///   - fileDescriptor: The file, pipe or terminal, from its start; the caller closes it after the last block.
    ///   - blockByteCount: About how many bytes a block has.
    ///   - recordByteLimit: The greatest length of a record, in bytes.
    /// - Throws: ``CSVError`` when the file has no usable header or reading fails.
    package convenience init(
        fileDescriptor: Int32,
        blockByteCount: Int = 1 << 20,
        recordByteLimit: Int = 4 << 20
    ) throws(CSVError) {
        try self.init(blockByteCount: blockByteCount, recordByteLimit: recordByteLimit) {
            (buffer) throws(CSVError) -> Int in
            while true {
                let count = read(fileDescriptor, buffer.baseAddress, buffer.count)
                if count >= 0 { return count }
                let number = errno
                guard number == EINTR else { throw CSVError.readFailed(errno: number) }
            }
        }
    }

    /// Opens a reader on anything that gives bytes and reads the header.
    ///
    /// - Parameters:
    ///   - blockByteCount: About how many bytes a block has.
    ///   - recordByteLimit: The greatest length of a record, in bytes, below 1 GiB.
    ///   - source: Fills at least the first byte of a buffer and returns how many it filled, 0 at the end.
    /// - Throws: ``CSVError`` when there is no usable header or reading fails.
    package init(
        blockByteCount: Int = 1 << 20,
        recordByteLimit: Int = 4 << 20,
        source: @escaping (UnsafeMutableRawBufferPointer) throws(CSVError) -> Int
    ) throws(CSVError) {
        precondition(blockByteCount > 0 && (1..<1 << 30).contains(recordByteLimit), "sizes are in range")
        self.blockByteCount = blockByteCount
        self.recordByteLimit = recordByteLimit
        self.source = source
        memory = Self.allocate(max(blockByteCount, 64))
        try readHeader()
    }

    deinit { memory.deallocate() }

    /// Reads the next block.
    ///
    /// - Returns: A block with at least one record, or nil after the last one.
    /// - Throws: ``CSVError/readFailed(errno:)``; the reader must not be used after that.
    package func next() throws(CSVError) -> CSVBlock? {
        while true {
            try fill()
            guard filled > 0 else { return nil }
            var finder = CSVRecordFinder(
                separator: dialect.separator.rawValue,
                recordByteLimit: recordByteLimit
            )
            finder.spans.reserveCapacity(filled / 64)
            let outcome = finder.find(in: pending, isAtEnd: isAtEnd)
            guard outcome.consumed > 0 else {
                grow()
                continue
            }
            isSkippingLine = outcome.isCutOff
            let firstLine = line
            line += finder.lineCount
            guard !finder.spans.isEmpty else {
                drop(outcome.consumed)
                continue
            }
            let firstRecord = record
            record += finder.spans.count
            return CSVBlock(
                memory: handOver(outcome.consumed),
                byteCount: outcome.consumed,
                spans: finder.spans,
                firstLine: firstLine,
                firstRecord: firstRecord,
                separator: dialect.separator,
                recordByteLimit: recordByteLimit
            )
        }
    }
}

extension CSVBlockReader {
    private var pending: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<filled]) }

    private static func allocate(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: byteCount + CSVBlock.padding,
            alignment: 64
        )
        memory[byteCount...].initializeMemory(as: UInt8.self, repeating: 0)
        return memory
    }

    /// Reads until the memory is full or the file ends.
    private func fill() throws(CSVError) {
        while !isAtEnd, filled + CSVBlock.padding < memory.count {
            let free = UnsafeMutableRawBufferPointer(
                rebasing: memory[filled..<memory.count - CSVBlock.padding]
            )
            let count = try source(free)
            isAtEnd = count == 0
            bytesRead += count
            filled += count
            guard isSkippingLine else { continue }
            let newline = CSVBytes.find(CSVBytes.newline, in: pending, from: 0, to: filled)
            isSkippingLine = newline == filled
            drop(min(newline + 1, filled))
        }
    }

    /// Makes room for a record that is longer than the memory.
    private func grow() {
        let larger = Self.allocate(memory.count * 2)
        larger.copyMemory(from: pending)
        memory.deallocate()
        memory = larger
    }

    /// Forgets bytes at the start.
    private func drop(_ count: Int) {
        guard count > 0 else { return }
        UnsafeMutableRawBufferPointer(rebasing: memory[..<(filled - count)])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[count..<filled]))
        filled -= count
    }

    /// Gives the memory away and keeps the bytes after the first ones in new memory.
    private func handOver(_ count: Int) -> UnsafeMutableRawBufferPointer {
        let full = memory
        memory = Self.allocate(max(blockByteCount, 2 * (filled - count)))
        memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: full[count..<filled]))
        filled -= count
        return full
    }

    private func readHeader() throws(CSVError) {
        try fill()
        let hasBOM = try CSVDialect.sniff(pending).hasBOM
        drop(hasBOM ? 3 : 0)
        while true {
            try fill()
            guard filled > 0 else { throw .noHeader }
            dialect = try CSVDialect.sniff(pending)
            dialect.hasBOM = hasBOM
            var finder = CSVRecordFinder(
                separator: dialect.separator.rawValue,
                recordByteLimit: recordByteLimit
            )
            let outcome = finder.find(in: pending, isAtEnd: isAtEnd, maximum: 1)
            line += finder.lineCount
            guard let span = finder.spans.first else {
                if outcome.consumed == 0 { grow() }
                drop(outcome.consumed)
                continue
            }
            guard !span.isTooLong else { throw .headerTooLong(limit: recordByteLimit) }
            let block = CSVBlock(
                memory: copy(of: pending, count: outcome.consumed),
                byteCount: outcome.consumed,
                spans: finder.spans,
                firstLine: line - finder.lineCount,
                firstRecord: 0,
                separator: dialect.separator,
                recordByteLimit: recordByteLimit
            )
            header = try Self.names(in: block)
            drop(outcome.consumed)
            return
        }
    }

    private func copy(of bytes: UnsafeRawBufferPointer, count: Int) -> UnsafeMutableRawBufferPointer {
        let memory = Self.allocate(count)
        memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        return memory
    }

    private static func names(in block: CSVBlock) throws(CSVError) -> [String] {
        let records = CSVRecords(columnCount: nil)
        records.read(block)
        let record = records[0]
        if let fault = record.fault {
            throw fault.kind == .invalidUTF8 ? .unsupportedEncoding(.notUTF8) : .headerFault(fault)
        }
        var names: [String] = []
        var columns: [String: Int] = [:]
        for column in 0..<record.count {
            let name = trimmed(String(decoding: record[column], as: UTF8.self))
            names.append(name)
            guard !name.isEmpty else { continue }
            if let earlier = columns.updateValue(column + 1, forKey: name) {
                throw .duplicateColumn(column: column + 1, earlier: earlier)
            }
        }
        guard !columns.isEmpty else { throw .noHeader }
        return names
    }

    private static func trimmed(_ name: String) -> String {
        var name = name[...]
        while name.first?.isWhitespace == true { name.removeFirst() }
        while name.last?.isWhitespace == true { name.removeLast() }
        return String(name)
    }
}
