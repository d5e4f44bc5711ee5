// SPDX-License-Identifier: Apache-2.0

import Surroundings
import Testing

@testable import Campaign

@Suite struct CSVRecordsTests {
    @Test func `each fault has its line and column`() throws {
        let rows = try CSVSamples.rows(
            "a,b,c\n1,2\n1,2,3,4\n1,x\"y\",3\n1,2,\"x\"y\n\n1,\"two\n1,2,3\n"
        )
        #expect(
            rows.map(\.fault) == [
                CSVFault(.wrongColumnCount(expected: 3, actual: 2), line: 2, column: 2),
                CSVFault(.wrongColumnCount(expected: 3, actual: 4), line: 3, column: 4),
                CSVFault(.quoteInsideField, line: 4, column: 2),
                CSVFault(.textAfterQuote, line: 5, column: 3),
                CSVFault(.unclosedQuote, line: 7, column: 2),
                nil,
            ]
        )
        #expect(rows.last?.fields == ["1", "2", "3"])
    }

    @Test func `zero bytes and wrong UTF-8 are faults of their field`() throws {
        let bytes: [UInt8] =
            Array("a,b\n\"1,1\",x".utf8) + [0] + Array("\n1,".utf8) + [0xC3] + Array("\né,é\n".utf8)
            + [0xED, 0xA0, 0x80] + Array(",2\n".utf8)
        #expect(
            try CSVSamples.rows(bytes).map(\.fault) == [
                CSVFault(.nulByte, line: 2, column: 2), CSVFault(.invalidUTF8, line: 3, column: 2), nil,
                CSVFault(.invalidUTF8, line: 5, column: 1),
            ]
        )
    }

    @Test func `UTF-8 is recognised as the standard library recognises it`() {
        var random = SeededNumbers(seed: 3)
        let parts: [[UInt8]] = [
            [0x41], Array("é€😀".utf8), [0xF4, 0x90, 0x80, 0x80], [0xE0, 0x80, 0x80], [0xC0, 0x80], [0x80],
            [0xED],
            [0xA0], Array("\u{D7FF}\u{E000}\u{10FFFF}".utf8), [0xF0], [0x90], Array("abcdefgh".utf8),
        ]
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...6, using: &random)
            let bytes = (0..<count).flatMap { _ in parts[Int.random(in: 0..<parts.count, using: &random)] }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            #expect(bytes.withUnsafeBytes { CSVBytes.invalidUTF8(in: $0) == nil } == expected)
            #expect(bytes.withUnsafeBytes { CSVBytes.isASCII($0) } == bytes.allSatisfy { $0 < 0x80 })
        }
    }

    @Test func `the bytes of a record are those of the file`() throws {
        let reader = try CSVSamples.reader(Array("a,b\r\n\"1\",\"x\"\"y\"\r\n2\r\n".utf8))
        let block = try #require(try reader.next())
        let records = CSVRecords(columnCount: 2)
        records.read(block)
        #expect(records.count == 2)
        #expect(records.faultCount == 1)
        #expect(records[0].bytes.elementsEqual("\"1\",\"x\"\"y\"".utf8))
        #expect(records[1].bytes.elementsEqual("2".utf8))
        #expect(records[1].count == 0)
    }

    @Test func `words of eight bytes with separators everywhere are split right`() throws {
        for count in 1...40 {
            for position in 0..<count {
                var line = [UInt8](repeating: 0x61, count: count)
                line[position] = 0x2C
                let rows = try CSVSamples.rows(Array("a,b\n".utf8) + line + [10] + line)
                let field = String(repeating: "a", count: position)
                let other = String(repeating: "a", count: count - position - 1)
                #expect(rows.map(\.fields) == [[field, other], [field, other]])
            }
        }
    }

    @Test func `descriptions of faults hold numbers only`() {
        #expect(
            CSVFault(.wrongColumnCount(expected: 3, actual: 1), line: 1, column: 1).description
                == "the row has 1 field instead of 3"
        )
        #expect(
            CSVFault(.tooLong(limit: 10), line: 1, column: 1).description == "the row is longer than 10 bytes"
        )
    }
}
