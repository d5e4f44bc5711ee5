// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

@Suite struct OutboundTemplateTests {
    private func names(
        _ fileName: String,
        isGzip: Bool = false,
        _ values: OutboundValues = .sample()
    ) throws -> OutboundFileNames {
        try OutboundTemplate(fileName: fileName, content: "<DP_UUID>").fileNames(values, isGzip: isGzip)
    }

    @Test func `the standard names are those of the vendor, and our reader's`() throws {
        for mode in SyncMode.allCases {
            for alias in [nil, "XYZCustomer", "an_alias_iter_with.words"] {
                for isGzip in [false, true] {
                    let template = OutboundTemplate.standard(key: .declaredID, hasAlias: alias != nil)
                    let names = try template.fileNames(.sample(mode: mode, alias: alias), isGzip: isGzip)
                    let middle = alias.map { "_\($0)" } ?? ""
                    let root = "s3_1234_20914\(middle)_\(mode.rawValue)_1486140844000"
                    let end = isGzip ? ".sync.gz" : ".sync"
                    #expect(
                        [0, 1, 12, 1000].map(names.part)
                            == ["", "001", "012", "1000"].map { root + $0 + end }
                    )
                    #expect(names.control == root + ".info")
                    #expect(names.set == root + ".sync")
                    for part in [0, 1, 12, 1000] {
                        let read = try #require(OutboundFileName(parsing: names.part(part)))
                        #expect(read.part == part)
                        #expect(read.alias == alias)
                        #expect(read.isGzip == isGzip)
                        let control = try #require(OutboundFileName(parsing: names.control))
                        #expect(control.isControlFile)
                        #expect(control.setKey == read.setKey)
                    }
                }
            }
        }
    }

    @Test(arguments: [
        (
            "<SYNC_TYPE>_<ORDER_ID>_<DPID>_<SYNC_MODE>_<TIMESTAMP>.sync", "s3_1234_888_iter_1486140844000",
            "002.sync"
        ),
        ("<ORDER_ID>_<MASTER_DPID>_<TIMESTAMP>SPLITNUM.csv", "1234_20914_1486140844000", "002.csv"),
        ("<ORDER_ID>-<SPLITNUM>-<TIMESTAMP>.csv", "1234-", "002-1486140844000.csv"),
        ("export.<PIDALIAS>.txt", "export.Customer", "002.txt"),
        ("export", "export", "002"),
        ("d<TIMESTAMP; format=\"yyyy-MM-dd HH.mm.ss SSS\">.sync.gz", "d2017-02-03 16.54.04 000", "002.sync"),
        ("<TIMESTAMP ; format = \"YYMDhms\">\\<\\>.sync", "172316544", "002<>.sync"),
    ])
    func `names are made of their macros, and the part's number has its place`(
        fileName: String,
        front: String,
        back: String
    ) throws {
        #expect(try names(fileName).part(2) == front + back)
        #expect(try names(fileName).part(0) == front + back.dropFirst(3))
        #expect(try names(fileName, isGzip: true).part(2) == front + back + ".gz")
    }

    @Test func `a moment of seconds has ten digits`() throws {
        var values = OutboundValues.sample()
        values.timestampPrecision = .seconds
        let name = try names("s3_1_2_full_<TIMESTAMP>.sync", values).part(1)
        #expect(name == "s3_1_2_full_1486140844001.sync")
        let read = try #require(OutboundFileName(parsing: name, timestampPrecision: .seconds))
        #expect(read.timestamp == values.timestamp)
        #expect(read.part == 1)
    }

    @Test(arguments: [
        (0, "1970-01-01 00:00:00.000"), (-1, "1969-12-31 23:59:59.999"),
        (951_782_400_000, "2000-02-29 00:00:00.000"),
        (951_868_800_000, "2000-03-01 00:00:00.000"), (4_107_542_399_999, "2100-02-28 23:59:59.999"),
        (4_107_542_400_000, "2100-03-01 00:00:00.000"), (1_709_164_800_123, "2024-02-29 00:00:00.123"),
        (1_735_689_599_000, "2024-12-31 23:59:59.000"),
    ])
    func `a moment is written in the Gregorian calendar`(timestamp: Int64, text: String) throws {
        var values = OutboundValues.sample()
        values.timestamp = timestamp
        #expect(try names("<TIMESTAMP; format=\"YYYY-MM-DD hh:mm:ss.SSS\">_", values).part(0) == text + "_")
    }

    @Test(arguments: ["", ".<ORDER_ID>", "a/b", "<PID_ALIAS>"])
    func `a name that no file can have is refused`(fileName: String) {
        var values = OutboundValues.sample()
        values.alias = "../x"
        #expect(throws: TemplateError(part: .fileName, byte: 0, problem: .unusableFileName)) {
            try names(fileName, values)
        }
        values.alias = String(repeating: "a", count: 300)
        #expect(throws: TemplateError(part: .fileName, byte: 0, problem: .unusableFileName)) {
            try names("<PID_ALIAS>", values)
        }
    }

    @Test func `a header has whole lines`() throws {
        func header(_ text: String?) throws -> String {
            let template = try OutboundTemplate(fileName: "x", header: text, content: "<DP_UUID>")
            return String(decoding: template.headerLines(.sample()), as: UTF8.self)
        }
        #expect(try header(nil) == "")
        #expect(try header("") == "")
        #expect(try header("<ORDER_ID> <TAB><SYNC_TYPE>") == "1234 \ts3\n")
        #expect(try header("a<NEW_LINE>{b}\n<ASCII_SOH><PID_ALIAS><NEW_LINE>") == "a\n{b}\n\u{1}Customer\n")
        #expect(try header("<TIMESTAMP>SPLITNUM") == "1486140844000SPLITNUM\n")
    }
}
