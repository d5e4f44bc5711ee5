// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Campaign

/// Gives a start and then the same bytes over and over without holding them, and notes how much is asked for at once.
private final class GeneratedFile {
    private let pattern: [UInt8]
    private let period: Int
    private var head: ArraySlice<UInt8>
    private var position = 0
    private let count: Int
    private(set) var largestRead = 0

    init(head: String, body: String, count: Int) {
        self.head = Array(head.utf8)[...]
        period = body.utf8.count
        pattern = (0..<4096).flatMap { _ in Array(body.utf8) }
        self.count = count
    }

    func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        largestRead = max(largestRead, buffer.count)
        if !head.isEmpty {
            let piece = head.prefix(buffer.count)
            buffer.copyBytes(from: piece)
            head = head.dropFirst(piece.count)
            return piece.count
        }
        let start = position % period
        let size = min(pattern.count - start, buffer.count, count - position)
        buffer.copyBytes(from: pattern[start..<start + size])
        position += size
        return size
    }
}

@Suite struct CSVLimitTests {
    @Test func `two hundred megabytes after a quote that is never closed cost one row and little memory`()
        throws
    {
        let body = "abc," + String(repeating: "d", count: 1019) + "\n"
        let file = GeneratedFile(head: "a,b\n1,\"2\n", body: body, count: 200 << 20)
        let reader = try CSVBlockReader { file.read($0) }
        let records = CSVRecords(columnCount: 2)
        var faults: [CSVFault] = []
        var intact = 0
        var largestBlock = 0
        while let block = try reader.next() {
            largestBlock = max(largestBlock, block.bytes.count)
            records.read(block)
            records.forEach { record in
                if let fault = record.fault { faults.append(fault) } else { intact += 1 }
            }
        }
        #expect(faults == [CSVFault(.unclosedQuote, line: 2, column: 2)])
        #expect(intact == (200 << 20) / 1024)
        #expect(max(largestBlock, file.largestRead) <= 16 << 20)
    }

    @Test func `a line of two hundred megabytes is one rejected row and is not held`() throws {
        let file = GeneratedFile(head: "a,b\n1,2\n", body: "0123456789abcdef", count: 200 << 20)
        let reader = try CSVBlockReader { file.read($0) }
        let rows = try CSVSamples.rows(of: reader)
        #expect(rows.map(\.fault) == [nil, CSVFault(.tooLong(limit: 4 << 20), line: 3, column: 1)])
        #expect(file.largestRead <= 16 << 20)
        #expect(reader.bytesRead > 199 << 20)
    }

    @Test func `the row after a line that is too long is read`() throws {
        let long = String(repeating: "x", count: 100)
        for limit in [10, 99, 100] {
            for blockByteCount in [1, 5, 64, 101, 1000] {
                let rows = try CSVSamples.rows(
                    Array("a,b\n1,\(long)\n3,4\n".utf8),
                    chunk: 9,
                    blockByteCount: blockByteCount,
                    recordByteLimit: limit
                )
                #expect(
                    rows == [
                        CSVRow(
                            number: 1,
                            line: 2,
                            fields: [],
                            fault: CSVFault(.tooLong(limit: limit), line: 2, column: 1)
                        ),
                        CSVRow(number: 2, line: 3, fields: ["3", "4"]),
                    ]
                )
            }
        }
    }

    @Test func `of a line that is too long the first bytes are kept`() throws {
        let bytes = Array(("a\n" + String(repeating: "y", count: 5_000)).utf8)
        let reader = try CSVSamples.reader(bytes, recordByteLimit: 2_000)
        let block = try #require(try reader.next())
        let records = CSVRecords(columnCount: 1)
        records.read(block)
        #expect(records[0].bytes.count == 1024)
    }

    @Test func `a quoted field may be as long as the limit`() throws {
        let text = "a\n\"" + String(repeating: "n\n", count: 50) + "\"\nb\n"
        #expect(try CSVSamples.rows(Array(text.utf8), recordByteLimit: 102).count == 2)
        #expect(try CSVSamples.rows(Array(text.utf8), recordByteLimit: 101).count == 52)
    }

    @Test func `megabytes of blank lines before the header are skipped`() throws {
        let file = GeneratedFile(head: "\n", body: "\r\n\r\n\r\n\r\n", count: 20 << 20)
        #expect(throws: CSVError.noHeader) { try CSVBlockReader { file.read($0) } }
        #expect(file.largestRead <= 2 << 20)
    }

    @Test func `a header that never ends is refused`() throws {
        let file = GeneratedFile(head: "a,", body: "bcdefghi", count: 50 << 20)
        #expect(throws: CSVError.headerTooLong(limit: 4 << 20)) { try CSVBlockReader { file.read($0) } }
    }
}
