// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

@Suite struct LineRendererTests {
    private let segments = [
        OutboundSegment(alias: "24", number: 24, lastUpdateTime: 1_344_114_661_000),
        OutboundSegment(alias: "VIP", number: 10_603_117, lastUpdateTime: 1_343_250_661_000),
        OutboundSegment(alias: "a-very-long-alias-of-a-segment", number: 26, lastUpdateTime: 0),
    ]

    private func renderer(
        _ content: String,
        mode: SyncMode = .iter,
        key: OutboundValues.Key = .declaredID
    ) throws -> LineRenderer {
        let template = try OutboundTemplate(fileName: "x.sync", content: content)
        return try LineRenderer(template, values: .sample(mode: mode, key: key), segments: segments)
    }

    private func text(
        _ content: String,
        id: String = "id-1",
        added: [UInt32] = [],
        removed: [UInt32] = [],
        times: [Int64] = [],
        mode: SyncMode = .iter,
        key: OutboundValues.Key = .declaredID
    ) throws -> String {
        let lines = RenderedLines()
        let problem = try renderer(content, mode: mode, key: key)
            .append(id: id, added: added, removed: removed, times: times, details: SamplePeople(), to: lines)
        return problem == .none ? String(decoding: lines.bytes, as: UTF8.self) : "\(problem)"
    }

    @Test func `the standard form has the ID, the segments and those removed`() throws {
        let content = OutboundTemplate.standard(key: .declaredID, hasAlias: false).content
        #expect(
            try text(content, added: [0, 1], removed: [2]) == "id-1 24,VIP a-very-long-alias-of-a-segment\n"
        )
        #expect(try text(content, added: [1]) == "id-1 VIP\n")
        #expect(try text(content, removed: [1, 0]) == "id-1  VIP,24\n")
        #expect(try text(content) == "noSegments")
    }

    @Test func `in a full file nobody is removed`() throws {
        let content = OutboundTemplate.standard(key: .visitorID, hasAlias: false).content
        #expect(try text(content, added: [0], removed: [1], mode: .full, key: .visitorID) == "id-1 24\n")
        #expect(try text(content, removed: [1], mode: .full, key: .visitorID) == "noSegments")
        #expect(try renderer(content, mode: .full).needs == [.added, .visitorID])
        #expect(try renderer(content, mode: .iter, key: .visitorID).needs == [.added, .removed])
    }

    @Test func `the vendor's example of a condition comes out as documented`() throws {
        let content =
            #"{"AdvertiserId":"<PIDALIAS>", "DataCenterId": 2,"TDID":"<DP_UUID>","#
            + #""Data":[<SEGMENT_LIST:{seg|<OPEN_CURLY_BRACKET>"Name":"<seg.alias>"<CLOSE_CURLY_BRACKET>}; "#
            + #"separator=","><if(SEGMENT_LIST && REMOVED_SEGMENT_LIST)><COMMA><endif>"#
            + #"<REMOVED_SEGMENT_LIST:{seg|<OPEN_CURLY_BRACKET>"Name":"<seg.alias>","TtlInMinutes":0"#
            + #"<CLOSE_CURLY_BRACKET>}; separator=",">]}"#
        let front = #"{"AdvertiserId":"Customer", "DataCenterId": 2,"TDID":"id-1","Data":["#
        #expect(try text(content, added: [0]) == front + #"{"Name":"24"}]}"# + "\n")
        #expect(
            try text(content, added: [0], removed: [1, 0]) == front
                + #"{"Name":"24"},{"Name":"VIP","TtlInMinutes":0},{"Name":"24","TtlInMinutes":0}]}"# + "\n"
        )
        #expect(try text(content, removed: [0]) == front + #"{"Name":"24","TtlInMinutes":0}]}"# + "\n")
    }

    @Test func `attributes of segments are written, and times where the line gives them`() throws {
        let content =
            "<PID><TAB><UUID><TAB><DP_UUID><TAB><SET_ATTRIBUTES><TAB><OPT_OUT><TAB>"
            + "<SEGMENT_LIST:{seg|<seg.type>,<seg.sid>,<OUTPUT_ATTRIBUTE_VALUE>,<seg.lastUpdateTime>}; separator=\"&\">"
        #expect(
            try text(content, added: [0, 1])
                == "1159\tvisitor-7\tid-1\t1\t0\t5,24,1,1344114661000&5,10603117,1,1343250661000\n"
        )
        let timed = "<DP_UUID> <SEGMENT_LIST:{s|<s.alias>@<s.lastRealizationTime>}; separator=\",\">"
        #expect(try renderer(timed).needs == [.added, .realizationTimes])
        #expect(
            try text(timed, added: [0, 2], times: [7, -12])
                == "id-1 24@7,a-very-long-alias-of-a-segment@-12\n"
        )
        #expect(try text(timed, added: [1]) == "id-1 VIP@1343250661000\n")
        let last = "<DP_UUID> <SEGMENT_LIST:{s|<s.lastRealizationTime>}>"
        #expect(try text(last, added: [0], times: [.max]) == "id-1 9223372036854775807\n")
        #expect(try text(last, added: [0], times: [.min]) == "id-1 -9223372036854775808\n")
        #expect(try text(last, added: [0], times: [0]) == "id-1 0\n")
    }

    @Test(arguments: [
        ("<SEGMENT_LIST; separator=\" \">", "24 VIP"), ("<SEGMENT_LIST>", "24,VIP"),
        ("<SEGMENT_LIST;separator=TAB>", "24\tVIP"), ("<SEGMENT_LIST; separator=\"\\t\">", "24\tVIP"),
        ("<SEGMENT_LIST:{seg|<seg.type>,<seg.sid>}; separator=\",\">", "5,24,5,10603117"),
        ("<SEGMENT_LIST : { seg |<seg.csegid>;} >", "24;10603117;"),
        ("<SEGMENT_LIST:{s|\\{<ORDER_ID>\\}}>", "{1234}{1234}"),
    ])
    func `a list is written as its form and separator say`(list: String, expected: String) throws {
        #expect(try text("<DP_UUID>|" + list, added: [0, 1]) == "id-1|\(expected)\n")
    }

    @Test func `constants and values of the export are written`() throws {
        #expect(
            try text(
                "<ASCII_SOH><DPID>:<MASTER_DPID>:<ORDER_ID>:<PID>:<PID_ALIAS>:<SYNC_MODE>:<SYNC_TYPE>\\<a\\>\\\\"
            )
                == "\u{1}888:20914:1234:1159:Customer:iter:s3<a>\\\n"
        )
        #expect(
            try text("<TIMESTAMP>,<TIMESTAMP; format=\"YYYYMMDDhhmmss\">") == "1486140844000,20170203165404\n"
        )
        #expect(try text("<OUTPUT_ATTRIBUTE_TYPE><COMMA><SET_ATTRIBUTES>SPLITNUM") == "5,1SPLITNUM\n")
    }

    @Test func `other IDs are asked for and limited, the latest first`() throws {
        #expect(
            try text("<DPUUIDS; format=\"dpids=1111,2222|maxMappings=1|format=json\">")
                == #"[["1111","B\"B"],["2222","CCCC"]]"# + "\n"
        )
        #expect(
            try text("<DPUUIDS; format=\"dpids= 1111 , 3333\">") == #"[["1111","B\"B"],["1111","AAAA"]]"#
                + "\n"
        )
        #expect(try text("<DPUUIDS; format=\"maxMappings=0|format=json|dpids=3333\">") == "[]\n")
        #expect(try text("<UUID><TAB><DP_UUID_LIST;separator=TAB>") == "visitor-7\tD1\tD2\n")
        #expect(try text("<TRAIT_LIST;separator=\"|\">") == "123|456\n")
        #expect(
            try text("<TRAIT_LIST:{trait|<trait.type>,<trait.Id>,<trait.lastRealized>};separator=\";\">")
                == "10,123,5;3,456,6\n"
        )
        #expect(try renderer("<DPUUIDS;format=\"dpids=1\"><TRAIT_LIST><MCID>").needs == .details)
    }

    @Test func `the visitor ID is the line's own where the destination is keyed by it`() throws {
        #expect(try text("<MCID>,<UUID>,<DP_UUID>", key: .visitorID) == "id-1,id-1,id-1\n")
        #expect(try text("<MCID>,<UUID>,<DP_UUID>", key: .declaredID) == "visitor-7,visitor-7,id-1\n")
    }

    @Test(arguments: [
        ("", LineProblem.emptyID), ("a b", .forbiddenCharacter), ("a\tb", .forbiddenCharacter),
        ("a\nb", .forbiddenCharacter), ("ab\0", .forbiddenCharacter), ("a\u{7F}", .forbiddenCharacter),
        ("a\rb", .forbiddenCharacter), ("a,b", .none), ("\u{E9}t\u{E9}", .none),
        (String(repeating: "i", count: 38), .none),
        (String(repeating: "i", count: 102_397), .none), (String(repeating: "i", count: 102_398), .tooLong),
    ])
    func `an ID that could not be read back is refused and nothing is written`(
        id: String,
        problem: LineProblem
    ) throws {
        let lines = RenderedLines(byteCount: 1)
        let renderer = try renderer("<DP_UUID> <SEGMENT_LIST>")
        #expect(renderer.append(id: "first", added: [0], to: lines) == .none)
        #expect(renderer.append(id: id, added: [0], to: lines) == problem)
        #expect(renderer.append(id: "last", added: [0], to: lines) == .none)
        let written = problem == .none ? "\(id) 24\n" : ""
        #expect(String(decoding: lines.bytes, as: UTF8.self) == "first 24\n\(written)last 24\n")
        #expect(lines.count == (problem == .none ? 3 : 2))
    }

    @Test func `an ID that is not UTF-8 is refused, and blanks are only where they separate`() throws {
        let lines = RenderedLines()
        let bytes: [UInt8] = [0x61, 0xFF]
        let renderer = try renderer("<DP_UUID><TAB><SEGMENT_LIST>")
        #expect(renderer.append(id: bytes, added: [0], to: lines) == .invalidUTF8)
        #expect(renderer.append(id: "an id", added: [0], to: lines) == .none)
        #expect(
            try text("<MCID><if(SEGMENT_LIST)>;<SEGMENT_LIST><endif>", id: "a;b", added: [0], key: .visitorID)
                == "forbiddenCharacter"
        )
    }

    @Test func `what separates an ID in any line is in none, also not in a full file`() throws {
        let content =
            "<DP_UUID><if(SEGMENT_LIST)> <SEGMENT_LIST><endif>"
            + "<if(REMOVED_SEGMENT_LIST)>;<REMOVED_SEGMENT_LIST><endif>"
        #expect(try text(content, id: "a,b", added: [0]) == "a,b 24\n")
        for mode in [SyncMode.full, .iter] {
            #expect(try text(content, id: "a b", added: [0], mode: mode) == "forbiddenCharacter")
            #expect(try text(content, id: "a;b", added: [0], mode: mode) == "forbiddenCharacter")
        }
        let form = "<DP_UUID><SEGMENT_LIST:{s|,<s.sid>}>"
        #expect(try text(form, id: "a b", added: [0]) == "a b,24\n")
        #expect(try text(form, id: "a,b", added: [0]) == "forbiddenCharacter")
    }

    @Test func `a content without lists says nobody's leaving, unless on a condition`() throws {
        #expect(try text("<DP_UUID>", added: [0]) == "id-1\n")
        #expect(try text("<DP_UUID>", removed: [0]) == "noSegments")
        #expect(try text("<DP_UUID>", added: [0], removed: [1]) == "id-1\n")
        let content = "<DP_UUID>,<if(SEGMENT_LIST)>1<endif>"
        #expect(try text(content, added: [0]) == "id-1,1\n")
        #expect(try text(content, removed: [0]) == "id-1,\n")
    }

    @Test func `an ID in quotation marks holds nothing that ends them`() throws {
        for id in ["a\"b", "a\\"] {
            #expect(try text(#"{"id":"<DP_UUID>"}"#, id: id) == "forbiddenCharacter")
        }
        #expect(try text(#"{"id":"<DP_UUID>"}"#, id: "a b,c") == #"{"id":"a b,c"}"# + "\n")
    }

    @Test func `a detail that breaks the line takes the line with it`() throws {
        #expect(try text("<DP_UUID> <DP_UUID_LIST>", id: "broken") == "forbiddenCharacter")
    }

    @Test func `an alias that a reader would take for something else is refused`() throws {
        let template = OutboundTemplate.standard(key: .declaredID, hasAlias: false)
        for alias in ["", "a b", "a,b", "a\tb", "a\n"] {
            #expect(throws: AudienceFileError.unwritableValue(line: 2, column: 1)) {
                try LineRenderer(
                    template,
                    values: .sample(),
                    segments: [segments[0], OutboundSegment(alias: alias, number: 1)]
                )
            }
        }
        var values = OutboundValues.sample()
        values.alias = "a\nb"
        #expect(throws: AudienceFileError.unwritableValue(line: 0, column: 1)) {
            try LineRenderer(template, values: values, segments: segments)
        }
    }
}
