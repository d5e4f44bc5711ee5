// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Campaign

@Suite struct CSVDialectTests {
    @Test(arguments: [
        ("a,b,c\n", CSVDialect.Separator.comma), ("a;b;c,d\n", .semicolon), ("a\tb\n", .tab), ("a\n", .comma),
        ("\"a;b;c\",d\n1;2;3\n", .comma), ("a,b;c\n", .comma), ("\n\na;b\n", .semicolon),
    ])
    func `the separator is the most frequent one of the header outside quotes`(
        text: String,
        separator: CSVDialect.Separator
    ) throws {
        #expect(try Array(text.utf8).withUnsafeBytes(CSVDialect.sniff).separator == separator)
    }

    @Test func `the line ending is that of the header`() throws {
        #expect(try Array("a,\"b\n\"\r\n1,2\n".utf8).withUnsafeBytes(CSVDialect.sniff).lineEnding == .crlf)
        #expect(try Array("a,b\n1,2\r\n".utf8).withUnsafeBytes(CSVDialect.sniff).lineEnding == .lf)
    }

    @Test func `a dialect says what it is`() {
        #expect("\(CSVDialect())" == "separated by commas, UTF-8, LF line endings")
        #expect(
            "\(CSVDialect(separator: .semicolon, hasBOM: true, lineEnding: .crlf))"
                == "separated by semicolons, UTF-8 with BOM, CRLF line endings"
        )
        #expect("\(CSVDialect(separator: .tab))" == "separated by tabs, UTF-8, LF line endings")
    }
}
