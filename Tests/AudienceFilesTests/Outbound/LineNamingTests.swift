// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

@Suite struct LineNamingTests {
    private func problem(
        _ content: String,
        _ key: OutboundValues.Key = .declaredID,
        aloneIn lists: Set<Int> = []
    ) throws -> TemplateProblem? {
        let template = try OutboundTemplate(fileName: "x", content: content)
        do {
            try template.confirmNamesIDs(of: key, aloneIn: lists)
            return nil
        } catch {
            #expect(error.part == .content)
            return error.problem
        }
    }

    @Test(arguments: OutboundValues.Key.allCases)
    func `the standard form names every line`(key: OutboundValues.Key) throws {
        #expect(try problem(OutboundTemplate.standard(key: key, hasAlias: false).content, key) == nil)
    }

    @Test(arguments: [
        "<DP_UUID>", "<DP_UUID><TAB><SEGMENT_LIST>", "<SEGMENT_LIST> <DP_UUID>",
        "<DP_UUID> <MCID> <SEGMENT_LIST>",
        "<UUID><TAB><DP_UUID><TAB><SEGMENT_LIST>", "<ORDER_ID><DP_UUID>",
        "<TIMESTAMP><DP_UUID> <SEGMENT_LIST>",
        "<DP_UUID><SEGMENT_LIST:{seg|,<seg.sid>}>", "<SEGMENT_LIST:{seg|<seg.sid>;}><DP_UUID>",
        #"<DP_UUID><DPUUIDS; format="dpids=1"> <SEGMENT_LIST>"#, #"<DPUUIDS; format="dpids=1"><DP_UUID>"#,
        "<DP_UUID><TRAIT_LIST:{t|+<t.traitId>}> <SEGMENT_LIST>", "<TRAIT_LIST:{t|<t.traitId>+}><DP_UUID>",
        "<if(SEGMENT_LIST)><DP_UUID> +<SEGMENT_LIST><endif>"
            + "<if(REMOVED_SEGMENT_LIST)> <DP_UUID>;<REMOVED_SEGMENT_LIST><endif>",
        #"{"AdvertiserId":"<PIDALIAS>","TDID":"<DP_UUID>","#
            + #""Data":[<SEGMENT_LIST:{seg|<seg.alias>}; separator=",">]}"#,
        "<SEGMENT_LIST><DP_UUID> <DP_UUID>", "<if(SEGMENT_LIST)><DP_UUID> <SEGMENT_LIST><endif>x<DP_UUID>",
    ])
    func `a content that names the key with something around it is taken`(content: String) throws {
        for key in OutboundValues.Key.allCases { #expect(try problem(content, key) == nil) }
    }

    @Test(arguments: [
        "", "x", "<TRAIT_LIST>", "<SEGMENT_LIST>", "<ORDER_ID> <SEGMENT_LIST>",
        #"<DPUUIDS; format="dpids=1"> <SEGMENT_LIST>"#, "<DP_UUID_LIST> <SEGMENT_LIST>",
        "<if(SEGMENT_LIST)><DP_UUID> <SEGMENT_LIST><endif> <REMOVED_SEGMENT_LIST>",
        "<if(SEGMENT_LIST && REMOVED_SEGMENT_LIST)><DP_UUID><endif> <SEGMENT_LIST> <REMOVED_SEGMENT_LIST>",
        "<if(REMOVED_SEGMENT_LIST)><DP_UUID> <REMOVED_SEGMENT_LIST><endif><SEGMENT_LIST>",
    ])
    func `a content with lines that name nobody is refused`(content: String) throws {
        for key in OutboundValues.Key.allCases { #expect(try problem(content, key) == .unnamedLine) }
    }

    @Test(arguments: [
        "<DP_UUID><SEGMENT_LIST>", "<SEGMENT_LIST><DP_UUID>", "<DP_UUID><ORDER_ID> <SEGMENT_LIST>",
        "<DP_UUID><DP_UUID_LIST> <SEGMENT_LIST>", "<DP_UUID><MCID> <SEGMENT_LIST>",
        "<MCID><DP_UUID> <SEGMENT_LIST>",
        "<DP_UUID><TRAIT_LIST> <SEGMENT_LIST>", "<TRAIT_LIST><DP_UUID> <SEGMENT_LIST>",
        "<DP_UUID><if(REMOVED_SEGMENT_LIST)> <REMOVED_SEGMENT_LIST> <endif><SEGMENT_LIST>",
        "<DP_UUID><SEGMENT_LIST:{s|<s.sid>;}>",
    ])
    func `an ID that nothing separates from its neighbour is refused`(content: String) throws {
        #expect(try problem(content) == .unseparatedID)
    }

    @Test(arguments: ["<MCID> <SEGMENT_LIST>", "<UUID><TAB><SEGMENT_LIST>"])
    func `a visitor ID names a line only where it is the key`(content: String) throws {
        #expect(try problem(content, .visitorID) == nil)
        #expect(try problem(content, .declaredID) == .unnamedLine)
    }

    @Test func `lists name a line where a person has one ID of the key`() throws {
        #expect(try problem("<DP_UUID_LIST> <SEGMENT_LIST>", aloneIn: [200]) == nil)
        #expect(try problem("<DP_UUID_LIST><SEGMENT_LIST>", aloneIn: [200]) == .unseparatedID)
        let pairs = #"<DPUUIDS; format="dpids=4,200"> <SEGMENT_LIST>"#
        #expect(try problem(pairs, aloneIn: [200]) == nil)
        #expect(try problem(pairs, aloneIn: [300]) == .unnamedLine)
    }
}
