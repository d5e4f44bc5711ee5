// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

@Suite struct ControlFileTests {
    private let md5 = "824e50237d6fa37f1e87f2e7c807bce1"

    private func parse(_ text: String) throws(AudienceFileError) -> ControlFile {
        try ControlFile(parsing: Array(text.utf8))
    }

    private var expected: ControlFile {
        ControlFile(
            entries: [
                .init(name: "a.sync.gz", byteCount: 157, lineCount: 4, sequenceNumber: 1, md5: md5),
                .init(name: "b.sync.gz", byteCount: 3, lineCount: 1, sequenceNumber: 2, md5: md5),
            ],
            totals: .init(name: "a.sync", byteCount: 160, fileCount: 2, lineCount: 5)
        )
    }

    @Test func `strict JSON is read`() throws {
        let file = try parse(
            """
            { "Files":[
              {"FileByteSize":157,"FileLineCount":4,"FileName":"a.sync.gz","FileSequenceNumber":1,"md5":"\(md5)"},
              {"FileByteSize":3,"FileLineCount":1,"FileName":"b.sync.gz","FileSequenceNumber":2,"md5":"\(md5)"}],
              "Totals":{"FileName":"a.sync","TotalByteSize":160,"TotalNumberFiles":2,"TotalNumberLines":5} }
            """
        )
        #expect(file == expected)
        try file.verifyTotals()
    }

    @Test func `keys without quotation marks, single ones, numbers in them and last commas are read`() throws
    {
        let file = try parse(
            """
            \u{FEFF}{ Files: [ { FileByteSize: "157", FileLineCount: 4, FileName: 'a.sync.gz', FileSequenceNumber: 1,
                md5: "\(md5.uppercased())", Comment: [1, {x: null}, 'y',], },
              {filebytesize:3,'FILELINECOUNT':"1",FileName:b.sync.gz,FileSequenceNumber:'2',md5:\(md5)}, ],
              Totals: { FileName: "a.sync", TotalByteSize: 160, TotalNumberFiles: 2, TotalNumberLines: 5, }, }\r\n
            """
        )
        #expect(file == expected)
    }

    @Test func `what is not needed may be missing`() throws {
        let file = try parse("{Files:[{FileName:a,FileByteSize:0}]}")
        #expect(file == ControlFile(entries: [.init(name: "a", byteCount: 0)], totals: .init()))
        try file.verifyTotals()
        #expect(try parse("{Files:[],Totals:{TotalNumberFiles:0}}").entries.isEmpty)
    }

    @Test func `escapes are read`() throws {
        let file = try parse(#"{Files:[{FileName:"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\'",FileByteSize:1}]}"#)
        #expect(file.entries[0].name == "\"\\/\u{8}\u{C}\n\r\t\u{E9}\u{1F600}'")
    }

    @Test(arguments: [
        ("{", 1, 2, ControlFileProblem.unexpectedEnd),
        ("{Files:[", 1, 9, .unexpectedEnd),
        ("{Files:[{FileName:'a", 1, 21, .unexpectedEnd),
        ("{\n  Files:[}", 2, 10, .unexpectedCharacter),
        ("{Files [", 1, 8, .unexpectedCharacter),
        ("{Files:[] Totals:{}}", 1, 11, .unexpectedCharacter),
        ("{Files:[,]}", 1, 9, .unexpectedCharacter),
        ("{Files:[]}\n}", 2, 1, .unexpectedCharacter),
        ("[]", 1, 1, .unexpectedCharacter),
        ("{Files:5}", 1, 8, .unexpectedCharacter),
        ("{Files:[5]}", 1, 9, .unexpectedCharacter),
        ("{Totals:{}}", 1, 11, .missingKey),
        ("{Files:[{FileName:a}]}", 1, 20, .missingKey),
        ("{Files:[{FileByteSize:1}]}", 1, 24, .missingKey),
        ("{Files:[],files:[]}", 1, 17, .repeatedKey),
        ("{Files:[{FileName:a,FileByteSize:-1}]}", 1, 34, .notANumber),
        ("{Files:[{FileName:a,FileByteSize:1.5}]}", 1, 34, .notANumber),
        ("{Files:[{FileName:a,FileByteSize:[]}]}", 1, 34, .notANumber),
        ("{Files:[{FileName:a,FileByteSize:99999999999999999999}]}", 1, 34, .notANumber),
        ("{Files:[{FileName:{},FileByteSize:1}]}", 1, 19, .notAText),
        ("{Files:[{FileName:a,FileByteSize:1,md5:12}]}", 1, 40, .invalidMD5),
        (#"{"\x":1}"#, 1, 3, .invalidText),
        (#"{"\u12":1}"#, 1, 3, .invalidText),
        (#"{"\ud800":1}"#, 1, 3, .invalidText),
        (#"{"\ud800\u0041":1}"#, 1, 3, .invalidText),
        ("{'a\nb':1}", 1, 4, .invalidText),
        ("{x:[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}", 1, 19, .tooDeep),
    ])
    func `a mistake is reported with its place`(
        text: String,
        line: Int,
        column: Int,
        problem: ControlFileProblem
    ) {
        #expect(throws: AudienceFileError.controlFile(line: line, column: column, problem: problem)) {
            try parse(text)
        }
    }

    @Test func `a text that is not UTF-8 is reported`() {
        #expect(throws: AudienceFileError.controlFile(line: 1, column: 2, problem: .invalidText)) {
            try ControlFile(parsing: Array("{'".utf8) + [0xFF] + Array("':1}".utf8))
        }
        #expect(throws: AudienceFileError.empty) { try ControlFile(parsing: []) }
    }

    @Test func `totals that disagree are reported with both numbers`() {
        var file = expected
        file.totals.lineCount = 6
        #expect(throws: AudienceFileError.controlFileTotals(.lines, stated: 6, counted: 5)) {
            try file.verifyTotals()
        }
        file.totals.byteCount = 1
        #expect(throws: AudienceFileError.controlFileTotals(.bytes, stated: 1, counted: 160)) {
            try file.verifyTotals()
        }
        file.totals.fileCount = 3
        #expect(throws: AudienceFileError.controlFileTotals(.files, stated: 3, counted: 2)) {
            try file.verifyTotals()
        }
        file.entries[0].lineCount = nil
        file.totals = .init(lineCount: 7)
        #expect(throws: Never.self) { try file.verifyTotals() }
        file.entries[0].byteCount = .max
        file.totals = .init(byteCount: 2)
        #expect(throws: AudienceFileError.controlFileTotals(.bytes, stated: 2, counted: .max)) {
            try file.verifyTotals()
        }
    }

    @Test func `the written form is strict, sorted and always the same`() throws {
        let file = ControlFile(describing: expected.entries.reversed(), name: "a.sync")
        let text =
            #"{"Files":[{"FileByteSize":157,"FileLineCount":4,"FileName":"a.sync.gz","FileSequenceNumber":1,"#
            + #""md5":"\#(md5)"},{"FileByteSize":3,"FileLineCount":1,"FileName":"b.sync.gz","FileSequenceNumber":2,"#
            + #""md5":"\#(md5)"}],"Totals":{"FileName":"a.sync","TotalByteSize":160,"TotalNumberFiles":2,"#
            + #""TotalNumberLines":5}}"# + "\n"
        #expect(String(decoding: file.encoded(), as: UTF8.self) == text)
        #expect(try ControlFile(parsing: file.encoded()) == expected)
    }

    @Test func `a name with marks and control characters survives`() throws {
        let file = ControlFile(
            entries: [.init(name: "\"\\\u{1}\u{1F}\u{E9}/", byteCount: 1)],
            totals: .init()
        )
        #expect(try ControlFile(parsing: file.encoded()) == file)
    }
}
