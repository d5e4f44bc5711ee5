// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Surroundings
import Testing

@Suite struct OutboundLineParserTests {
    /// The fields of each line as text.
    private func parse(_ text: String) -> [[String]] {
        var parsed = ParsedLines()
        return Array(text.utf8).withUnsafeBytes { bytes in
            OutboundLineParser.parse(bytes, into: &parsed)
            return parsed.lines.map { line in
                if line.problem != .none { return ["\(line.problem)"] }
                return [line.id, line.added, line.removed].map {
                    String(decoding: $0.bytes(in: bytes), as: UTF8.self)
                }
            }
        }
    }

    private func problems(_ bytes: [UInt8]) -> [LineProblem] {
        var parsed = ParsedLines()
        bytes.withUnsafeBytes { OutboundLineParser.parse($0, into: &parsed) }
        return parsed.lines.map(\.problem)
    }

    @Test(arguments: [
        (
            "59767559181262060060278870901087098252 24,26,27 25,28",
            ["59767559181262060060278870901087098252", "24,26,27", "25,28"]
        ),
        ("id 24", ["id", "24", ""]),
        ("id 24 ", ["id", "24", ""]),
        ("id  25", ["id", "", "25"]),
        ("id\t24,26\t25", ["id", "24,26", "25"]),
        ("id\t24\t", ["id", "24", ""]),
        ("id\t\t25", ["id", "", "25"]),
        ("an id\t24, 26\t25", ["an id", "24, 26", "25"]),
        ("id 24\r", ["id", "24", ""]),
        ("\u{E9}l\u{E8}ve an_alias", ["\u{E9}l\u{E8}ve", "an_alias", ""]),
        ("i 2", ["i", "2", ""]),
    ])
    func `a documented form is read`(line: String, fields: [String]) {
        #expect(parse(line) == [fields])
        #expect(parse(line + "\n") == [fields])
        #expect(parse("\n" + line + "\n" + line) == [["emptyLine"], fields, fields])
    }

    @Test(arguments: [
        ("", LineProblem.emptyLine), ("\r", .emptyLine),
        ("id", .noSegments), ("id ", .noSegments), ("id  ", .noSegments), ("id\t", .noSegments),
        ("id\t\t", .noSegments),
        (" 24", .emptyID), ("\t24", .emptyID), (" ", .emptyID), ("  24 25", .emptyID),
        ("id 24 25 26", .tooManyFields), ("id\t24\t25\t26", .tooManyFields), ("id   25", .tooManyFields),
        ("i\0d 24", .nulByte), ("id 24\0", .nulByte),
    ])
    func `a line that breaks the form is named`(line: String, problem: LineProblem) {
        #expect(problems(Array((line + "\n").utf8)) == [problem])
        #expect(problems(Array(("ab 1\n" + line + "\nid 24\n").utf8)) == [.none, problem, .none])
    }

    @Test func `blanks separate nothing in a line with a tab, wherever it stands`() {
        #expect(parse("a b c d\t24") == [["a b c d", "24", ""]])
    }

    @Test func `a line may be as long as the limit, without its end`() {
        let head = Array("id ".utf8)
        for (count, problem) in [(102_400, LineProblem.none), (102_401, .tooLong)] {
            let line = head + Array(repeating: UInt8(ascii: "7"), count: count - head.count)
            #expect(problems(line) == [problem])
            #expect(problems(line + [0x0A]) == [problem])
            #expect(problems(line + [0x0D, 0x0A]) == [problem])
        }
    }

    @Test(
        arguments: [
            [0xFF], [0x80], [0xC0, 0xAF], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xF0, 0x80, 0x80, 0x80], [0xC3, 0x28],
        ] as [[UInt8]]
    )
    func `an ID that is not UTF-8 is named`(bytes: [UInt8]) {
        #expect(problems(Array("id-".utf8) + bytes + Array(" 24\n".utf8)) == [.invalidUTF8])
        // What stands in a list is the business of whoever reads the list.
        #expect(problems(Array("id 24".utf8) + bytes + Array("\n".utf8)) == [.none])
    }

    @Test(arguments: [
        "\u{E9}", "\u{20AC}", "\u{10FFFF}", "\u{D7FF}", "\u{E000}", "\u{10000}", "\u{7FF}", "\u{800}",
    ])
    func `an ID in UTF-8 is taken`(id: String) {
        #expect(parse(id + " 24\n") == [[id, "24", ""]])
    }

    @Test func `separators are found at every position of a word of eight bytes`() {
        for idByteCount in 1...20 {
            for listByteCount in 1...20 {
                let id = String(repeating: "a", count: idByteCount)
                let list = String(repeating: "7", count: listByteCount)
                let lines = parse("x 1\n\(id) \(list) \(list)\r\n\(id) \(list)")
                #expect(lines == [["x", "1", ""], [id, list, list], [id, list, ""]])
            }
        }
    }

    @Test func `what was parsed before is forgotten`() {
        var parsed = ParsedLines(minimumCapacity: 8)
        Array("a\nb 1\n".utf8).withUnsafeBytes { OutboundLineParser.parse($0, into: &parsed) }
        #expect(parsed.count == 2)
        #expect(parsed.problemCount == 1)
        #expect(parsed[1].problem == .none)
        [].withUnsafeBytes { OutboundLineParser.parse($0, into: &parsed) }
        #expect(parsed.count == 0)
        #expect(parsed.problemCount == 0)
    }

    @Test func `random lines agree with a plain reading of the grammar`() {
        var numbers = SeededNumbers(seed: 11)
        let letters = Array("ab1,, \t\r".utf8)
        for _ in 0..<20_000 {
            let line = (0..<Int(numbers.next() % 14)).map { _ in letters[Int(numbers.next() % 8)] }
            let text = String(decoding: line, as: UTF8.self)
            #expect(parse(text + "\n") == [plainReading(line)])
        }
    }

    private func plainReading(_ line: [UInt8]) -> [String] {
        let line = line.last == 0x0D ? line.dropLast() : line[...]
        if line.isEmpty { return ["emptyLine"] }
        let separator: UInt8 = line.contains(0x09) ? 0x09 : 0x20
        var fields = line.split(separator: separator, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        if fields.count == 1 { return ["noSegments"] }
        if fields[0].isEmpty { return ["emptyID"] }
        if fields.count > 3 { return ["tooManyFields"] }
        if fields.count == 2 { fields.append("") }
        return fields[1].isEmpty && fields[2].isEmpty ? ["noSegments"] : fields
    }
}
