// SPDX-License-Identifier: Apache-2.0

import Surroundings
import Testing

@testable import Campaign

@Suite struct CSVWriterTests {
    @Test func `only fields that need them have quotes`() {
        var writer = CSVWriter()
        writer.append(record: ["plain", "with space", "a;b", "a,b", "say \"no\"", "two\nlines", "cr\r", ""])
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == "plain,with space,a;b,\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",\"cr\r\",\n"
        )
    }

    @Test func `the dialect decides separator, mark and line ending`() {
        var writer = CSVWriter(dialect: CSVDialect(separator: .semicolon, hasBOM: true, lineEnding: .crlf))
        writer.append(record: ["a,b", "c;d"])
        #expect(writer.bytes == [0xEF, 0xBB, 0xBF] + Array("a,b;\"c;d\"\r\n".utf8))
    }

    @Test func `a record of one empty field is not a blank line`() {
        var writer = CSVWriter()
        writer.append(record: ["a"])
        writer.removeAll()
        writer.append(record: [""])
        writer.append(record: ["", ""])
        #expect(writer.bytes == Array("\"\"\n,\n".utf8))
    }

    @Test func `what is written is read back whole`() throws {
        var random = SeededNumbers(seed: 5)
        let pieces = [
            "", "a", "Ann", ",", ";", "\t", "\"", "\n", "\r\n", "\r", "é", "😀", " ", "\"\"", "+33612345678",
        ]
        for _ in 0..<600 {
            let columnCount = Int.random(in: 1...5, using: &random)
            // A header of one column shows no separator, so that it reads as commas.
            let separators = columnCount == 1 ? [.comma] : CSVDialect.Separator.allCases
            let dialect = CSVDialect(
                separator: separators.randomElement(using: &random) ?? .comma,
                hasBOM: Bool.random(using: &random),
                lineEnding: Bool.random(using: &random) ? .lf : .crlf
            )
            let names = (1...columnCount).map { "column\($0)" }
            var expected: [[String]] = []
            var writer = CSVWriter(dialect: dialect)
            writer.append(record: names)
            for _ in 0..<Int.random(in: 0...30, using: &random) {
                let row = names.map { _ in
                    (0..<Int.random(in: 0...4, using: &random)).map { _ in
                        pieces.randomElement(using: &random) ?? ""
                    }.joined()
                }
                writer.append(record: row)
                expected.append(row)
            }
            let reader = try CSVSamples.reader(
                writer.bytes,
                blockByteCount: Int.random(in: 1...200, using: &random)
            )
            #expect(reader.header == names)
            #expect(reader.dialect == dialect)
            #expect(try CSVSamples.rows(of: reader).map(\.fields) == expected)
        }
    }
}
