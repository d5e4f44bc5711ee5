// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

@Suite struct InboundLineParserTests {
    private func parse(_ line: String, hasIDTypeColumn: Bool = false) -> [String] {
        var parsed = ParsedLines()
        return Array(line.utf8).withUnsafeBytes { bytes in
            InboundLineParser.parse(bytes, hasIDTypeColumn: hasIDTypeColumn, into: &parsed)
            return parsed.lines.flatMap { line in
                if line.problem != .none { return ["\(line.problem)"] }
                return [line.id, line.added].map { String(decoding: $0.bytes(in: bytes), as: UTF8.self) }
            }
        }
    }

    @Test func `the documented lines are read`() {
        #expect(
            parse(
                """
                59767559181262060060278870901087098252\td_sid=24,d_sid=26,d_unsid=28
                CRM-000123\t"gender"="m","plan"="gold"
                6D92078A-8246-4BA4-AE5B-76104861E7DC\td_sid=24

                """
            ) == [
                "59767559181262060060278870901087098252", "d_sid=24,d_sid=26,d_unsid=28",
                "CRM-000123", #""gender"="m","plan"="gold""#,
                "6D92078A-8246-4BA4-AE5B-76104861E7DC", "d_sid=24",
            ]
        )
    }

    @Test func `blanks belong to the ID and to the signals`() {
        #expect(parse("a b\tproduct = tablet \r\n") == ["a b", "product = tablet "])
    }

    @Test func `the partner variant has a column for the type of the ID first`() {
        #expect(parse("1\tid\td_sid=24\n", hasIDTypeColumn: true) == ["id", "d_sid=24"])
        #expect(parse("\tid\td_sid=24\n", hasIDTypeColumn: true) == ["id", "d_sid=24"])
        #expect(parse("id\td_sid=24\n", hasIDTypeColumn: true) == ["noSegments"])
        #expect(parse("1\t\td_sid=24\n", hasIDTypeColumn: true) == ["emptyID"])
        #expect(parse("1\tid\td_sid=24\tx\n", hasIDTypeColumn: true) == ["tooManyFields"])
    }

    @Test(arguments: [
        ("\n", LineProblem.emptyLine), ("id", .noSegments), ("id\t", .noSegments),
        ("id d_sid=24", .noSegments),
        ("\td_sid=24", .emptyID), ("id\td_sid=24\td_sid=25", .tooManyFields), ("id\td_sid=\u{0}24", .nulByte),
        ("i:d\td_sid=24", .forbiddenCharacter), ("i%3Ad\td_sid=24", .forbiddenCharacter),
        ("i%3ad\td_sid=24", .forbiddenCharacter), ("%3A\td_sid=24", .forbiddenCharacter),
    ])
    func `a line that breaks the form is named`(line: String, problem: LineProblem) {
        #expect(parse(line) == ["\(problem)"])
    }

    @Test func `a percent sign and a colon in the signals are no offence`() {
        #expect(parse("100%\t24:0") == ["100%", "24:0"])
        #expect(parse("a%3") == ["noSegments"])
        #expect(parse("a%3\t24") == ["a%3", "24"])
    }

    @Test func `an ID that is not UTF-8 is named`() {
        var parsed = ParsedLines()
        ([0x69, 0xFF] + Array("\td_sid=24\n".utf8)).withUnsafeBytes {
            InboundLineParser.parse($0, into: &parsed)
        }
        #expect(parsed[0].problem == .invalidUTF8)
    }

    @Test func `a line of 102,401 bytes is left out`() {
        var parsed = ParsedLines()
        let line = Array("id\t".utf8) + Array(repeating: UInt8(ascii: "1"), count: 102_397)
        line.withUnsafeBytes { InboundLineParser.parse($0, into: &parsed) }
        #expect(parsed[0].problem == .none)
        (line + [UInt8(ascii: "1")]).withUnsafeBytes { InboundLineParser.parse($0, into: &parsed) }
        #expect(parsed[0].problem == .tooLong)
    }
}
