// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Surroundings
import Testing

@Suite struct TemplateErrorTests {
    @Test(arguments: [
        ("<DP_UUID> <DP_UID>", 11, TemplateProblem.unknownMacro("DP_UID")),
        ("<dp_uuid>", 1, .unknownMacro("dp_uuid")),
        ("\u{E9}<admin>", 3, .unknownMacro("admin")),
        ("<SPLITNUM>", 1, .misplacedMacro("SPLITNUM")),
        ("<NEW_LINE>", 1, .misplacedMacro("NEW_LINE")),
        ("<SEGMENT_LIST; seperator=\",\">", 15, .unknownOption("seperator")),
        ("<SEGMENT_LIST; separator=\",\"; separator=\",\">", 30, .repeated("separator")),
        ("<SEGMENT_LIST; separator=PIPE>", 25, .invalidOption("separator")),
        ("<SEGMENT_LIST; separator=NEW_LINE>", 25, .invalidOption("separator")),
        ("<SEGMENT_LIST; separator=>", 25, .unexpectedCharacter),
        ("<SEGMENT_LIST; separator \",\">", 25, .unexpectedCharacter),
        ("<SEGMENT_LIST; separator=\",>", 25, .unclosedQuotation),
        ("<SEGMENT_LIST; separator=\"\n\">", 26, .lineBreak),
        ("<SEGMENT_LIST; separator=\"\\q\">", 27, .unexpectedCharacter),
        ("<SEGMENT_LIST:{seg|<seg.name>}>", 24, .unknownAttribute("name")),
        ("<SEGMENT_LIST:{seg|<seg.traitId>}>", 24, .unknownAttribute("traitId")),
        ("<SEGMENT_LIST:{seg|<sag.sid>}>", 20, .unknownMacro("sag")),
        ("<SEGMENT_LIST:{seg|<DP_UUID>}>", 20, .misplacedMacro("DP_UUID")),
        ("<SEGMENT_LIST:{seg|<NEW_LINE>}>", 20, .misplacedMacro("NEW_LINE")),
        ("<SEGMENT_LIST:{seg|<seg.sid>", 14, .unclosedForm),
        ("<SEGMENT_LIST:{seg <seg.sid>}>", 19, .unexpectedCharacter),
        ("<SEGMENT_LIST:seg>", 14, .unexpectedCharacter),
        ("<SEGMENT_LIST:{seg|<seg.sid", 19, .unclosedMacro),
        ("<SEGMENT_LIST:{seg|\n}>", 19, .lineBreak),
        ("<TRAIT_LIST:{t|<t.lastUpdateTime>}>", 18, .unknownAttribute("lastUpdateTime")),
        ("<DPUUIDS>", 8, .missingOption("format")),
        ("<DPUUIDS; format=\"maxMappings=1\">", 17, .invalidOption("format")),
        ("<DPUUIDS; format=\"dpids=1,x\">", 17, .invalidOption("format")),
        ("<DPUUIDS; format=\"dpids=\">", 17, .invalidOption("format")),
        ("<DPUUIDS; format=\"dpids=1|format=xml\">", 17, .invalidOption("format")),
        ("<DPUUIDS; format=\"dpids=1|maxMappings=-1\">", 17, .invalidOption("format")),
        ("<DPUUIDS; format=\"dpids=1|dpids=2\">", 17, .invalidOption("format")),
        ("<TIMESTAMP; format=\"YYYY-ww\">", 19, .invalidOption("format")),
        ("<TIMESTAMP; format=\"\">", 19, .invalidOption("format")),
        ("<if(TRAIT_LIST)>x<endif>", 4, .unknownCondition("TRAIT_LIST")),
        ("<if(SEGMENT_LIST || REMOVED_SEGMENT_LIST)>x<endif>", 17, .unexpectedCharacter),
        ("<if SEGMENT_LIST>x<endif>", 4, .unexpectedCharacter),
        ("a<if(SEGMENT_LIST)>x", 1, .unclosedCondition),
        ("<if(SEGMENT_LIST)><if(SEGMENT_LIST)><endif>", 18, .nestedCondition),
        ("x<endif>", 1, .endWithoutCondition),
        ("<else>", 1, .unknownMacro("else")),
        ("a <", 3, .unclosedMacro),
        ("a < b", 4, .unknownMacro("b")),
        ("<>", 1, .unexpectedCharacter),
        ("<TAB", 0, .unclosedMacro),
        ("<TAB x>", 5, .unexpectedCharacter),
        ("<TAB; separator=\",\">", 4, .unexpectedCharacter),
        ("a\\", 2, .unexpectedCharacter),
        ("a\\n", 2, .unexpectedCharacter),
        ("a\nb", 1, .lineBreak),
        ("a\0b", 1, .unexpectedCharacter),
        ("a\r", 1, .unexpectedCharacter),
    ])
    func `a mistake in the content is reported with its place`(
        text: String,
        byte: Int,
        problem: TemplateProblem
    ) {
        #expect(throws: TemplateError(part: .content, byte: byte, problem: problem)) {
            try OutboundTemplate(fileName: "x", content: text)
        }
    }

    @Test(arguments: [
        ("a<TAB>", 2, TemplateProblem.misplacedMacro("TAB")),
        ("<ASCII_SOH>", 1, .misplacedMacro("ASCII_SOH")),
        ("<SEGMENT_LIST>", 1, .misplacedMacro("SEGMENT_LIST")), ("<DP_UUID>", 1, .misplacedMacro("DP_UUID")),
        ("<if(SEGMENT_LIST)>", 1, .misplacedMacro("if")), ("SPLITNUM<SPLITNUM>", 9, .repeated("SPLITNUM")),
        ("SPLITNUM_SPLITNUM", 9, .repeated("SPLITNUM")), ("a\tb", 1, .unexpectedCharacter),
    ])
    func `a mistake in the file name is reported with its place`(
        text: String,
        byte: Int,
        problem: TemplateProblem
    ) {
        #expect(throws: TemplateError(part: .fileName, byte: byte, problem: problem)) {
            try OutboundTemplate(fileName: text, content: "<DP_UUID>")
        }
    }

    @Test func `a mistake in the header is reported with its place`() {
        #expect(throws: TemplateError(part: .header, byte: 2, problem: .misplacedMacro("UUID"))) {
            try OutboundTemplate(fileName: "x", header: "a<UUID>", content: "<DP_UUID>")
        }
    }

    @Test func `no text of any kind makes the parser fall over`() {
        var numbers = SeededNumbers(seed: 23)
        let words = [
            "<", ">", "SEGMENT_LIST", "REMOVED_SEGMENT_LIST", ":{s|", "<s.sid>", "}", "; separator=", "\",\"",
            "\\", "TAB",
            "<if(", ")>", "<endif>", "<DP_UUID>", " ", "&&", "DPUUIDS", "; format=\"dpids=1\"", "\"",
            "\u{E9}", "SPLITNUM",
        ]
        for _ in 0..<30_000 {
            let text = (0..<Int(numbers.next() % 12)).map { _ in words[Int(numbers.next() % 22)] }.joined()
            for part in 0..<3 {
                _ = try? OutboundTemplate(
                    fileName: part == 0 ? text : "x",
                    header: part == 1 ? text : nil,
                    content: part == 2 ? text : "<DP_UUID>"
                )
            }
        }
    }
}
