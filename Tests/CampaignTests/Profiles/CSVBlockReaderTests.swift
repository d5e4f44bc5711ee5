// SPDX-License-Identifier: Apache-2.0

import Surroundings
import Testing

@testable import Campaign

@Suite struct CSVBlockReaderTests {
    @Test func `a plain file has a header and rows with their lines`() throws {
        let reader = try CSVSamples.reader(Array("email,city\na@b.fr,Lyon\n\nc@d.de,Köln\n".utf8))
        #expect(reader.header == ["email", "city"])
        #expect(reader.dialect == CSVDialect())
        #expect(
            try CSVSamples.rows(of: reader) == [
                CSVRow(number: 1, line: 2, fields: ["a@b.fr", "Lyon"]),
                CSVRow(number: 2, line: 4, fields: ["c@d.de", "Köln"]),
            ]
        )
        #expect(reader.bytesRead == 37)
    }

    @Test func `quoted fields keep separators, quotes and newlines`() throws {
        let rows = try CSVSamples.rows("a,b\n\"x,y\",\"say \"\"no\"\"\"\n\"one\ntwo\",\"\"\n3,4")
        #expect(
            rows == [
                CSVRow(number: 1, line: 2, fields: ["x,y", "say \"no\""]),
                CSVRow(number: 2, line: 3, fields: ["one\ntwo", ""]),
                CSVRow(number: 3, line: 5, fields: ["3", "4"]),
            ]
        )
    }

    @Test func `carriage returns belong to the line ending only`() throws {
        let rows = try CSVSamples.rows("a,b\r\n1,2\r\n\r\n\"3\",\"4\r\n5\"\r\n6,7\n")
        #expect(rows.map(\.fields) == [["1", "2"], ["3", "4\r\n5"], ["6", "7"]])
        #expect(rows.map(\.line) == [2, 4, 6])
    }

    @Test func `a byte order mark is not part of the first name`() throws {
        let reader = try CSVSamples.reader([0xEF, 0xBB, 0xBF] + Array("e;f\r\n1;2\r\n".utf8))
        #expect(reader.header == ["e", "f"])
        #expect(reader.dialect == CSVDialect(separator: .semicolon, hasBOM: true, lineEnding: .crlf))
        #expect(try CSVSamples.rows(of: reader).map(\.fields) == [["1", "2"]])
    }

    @Test func `names lose the spaces around them`() throws {
        let reader = try CSVSamples.reader(Array("\n\n email ,\"first name\"\n".utf8))
        #expect(reader.header == ["email", "first name"])
        #expect(try reader.next() == nil)
    }

    @Test(arguments: [
        ("", CSVError.emptyFile), ("\u{FEFF}", .emptyFile), ("\n\r\n\n", .noHeader),
        (",,\n1,2,3\n", .noHeader),
        ("a,b, a\n", .duplicateColumn(column: 3, earlier: 1)),
        ("a,\"b\n1,2\n", .headerFault(CSVFault(.unclosedQuote, line: 1, column: 2))),
        ("a,b\"c\"\n", .headerFault(CSVFault(.quoteInsideField, line: 1, column: 2))),
    ])
    func `a file without a usable header is refused`(text: String, error: CSVError) {
        #expect(throws: error) { try CSVSamples.reader(Array(text.utf8)) }
    }

    @Test(arguments: [
        ([0xFF, 0xFE, 0x61, 0x00, 0x2C, 0x00] as [UInt8], CSVError.Encoding.utf16),
        ([0xFE, 0xFF, 0x00, 0x61], .utf16), ([0x61, 0x00, 0x0A, 0x00], .utf16),
        ([0xFF, 0xFE, 0x00, 0x00, 0x61, 0x00, 0x00, 0x00], .utf32), ([0x00, 0x00, 0xFE, 0xFF], .utf32),
        ([0x70, 0x72, 0xE9, 0x6E, 0x6F, 0x6D, 0x0A], .notUTF8), ([0x1F, 0x8B, 0x08, 0x01, 0x02], .notUTF8),
    ])
    func `other encodings are refused`(bytes: [UInt8], encoding: CSVError.Encoding) {
        #expect(throws: CSVError.unsupportedEncoding(encoding)) { try CSVSamples.reader(bytes) }
    }

    @Test func `a failed read carries its number`() throws {
        #expect(throws: CSVError.readFailed(errno: 9)) { try CSVBlockReader(fileDescriptor: -1) }
    }

    @Test func `every block size and every size of a read gives the same rows`() throws {
        let text =
            "id,name,note\n1,Ann,\"a \"\"b\"\" c\"\r\n\n2,\"Bob\nLee\",x\n3,\"unclosed,y\n4,Zoë,\"\"\n"
            + "5,mid\"dle,z\n6,\"after\"x,z\n7,too,many,fields\n8\n\r\n\"9\",\"\",\"\"\"\"\"\"\n10,\"open\nend,\n"
        let bytes = Array(text.utf8)
        let expected = try CSVSamples.rows(bytes)
        #expect(expected.count == 11)
        #expect(expected.filter { $0.fault != nil }.count == 7)
        for blockByteCount in 1...bytes.count {
            #expect(try CSVSamples.rows(bytes, blockByteCount: blockByteCount) == expected)
            #expect(try CSVSamples.rows(bytes, chunk: 1, blockByteCount: blockByteCount) == expected)
        }
    }

    @Test func `a file cut at any byte gives the rows before the cut`() throws {
        let text = "id,name\n1,\"Ann \"\"A\"\"\nB\"\r\n2,Bob\n3,\"x,y\"\n"
        let bytes = Array(text.utf8)
        let whole = try CSVSamples.rows(bytes)
        for count in 8...bytes.count {
            let rows = try CSVSamples.rows(Array(bytes[..<count]))
            let intact = zip(rows, whole).prefix { $0 == $1 }.count
            let ends = [24, 30, 38]
            #expect(intact >= ends.filter { $0 <= count }.count, "cut at \(count)")
        }
    }

    @Test func `rows agree with a naive reader on seeded random text`() throws {
        var random = SeededNumbers(seed: 7)
        let alphabet = Array("a,\"\n\r\"b;,\"".utf8)
        for _ in 0..<4_000 {
            let length = Int.random(in: 0...60, using: &random)
            let body = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
            let bytes = Array("h,i\n".utf8) + body
            let size = Int.random(in: 1...70, using: &random)
            let limit = Int.random(in: 4...40, using: &random)
            #expect(
                try CSVSamples.rows(bytes, chunk: 7, blockByteCount: size, recordByteLimit: limit)
                    == CSVReference.rows(bytes, columnCount: 2, recordByteLimit: limit),
                "\(String(decoding: bytes, as: UTF8.self).debugDescription) limit \(limit)"
            )
        }
    }

    @Test func `random bytes are rejected rows at worst`() throws {
        var random = SeededNumbers(seed: 11)
        for round in 0..<300 {
            let body = (0..<2_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            let bytes = Array("h,i\n".utf8) + body
            let rows = try CSVSamples.rows(bytes, blockByteCount: 1 + round * 3)
            #expect(rows == (try CSVSamples.rows(bytes)))
            #expect(rows.map(\.number) == Array(1...rows.count))
        }
    }
}
