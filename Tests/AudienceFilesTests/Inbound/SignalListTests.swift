// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import Testing

@Suite struct SignalListTests {
    private func read(_ list: String) -> [String] {
        Array(list.utf8).withUnsafeBytes { bytes in
            SignalList(bytes).map { signal in
                switch signal {
                case .addTrait(let trait): "+\(trait)"
                case .removeTrait(let trait): "-\(trait)"
                case .integrationCode(let code): "ic \(String(decoding: code, as: UTF8.self))"
                case .keyValue(let key, let value):
                    "\(String(decoding: key, as: UTF8.self))|\(String(decoding: value, as: UTF8.self))"
                case .problem(let problem): "?\(problem)"
                }
            }
        }
    }

    @Test(arguments: [
        ("d_sid=24,d_sid=26,d_unsid=28", ["+24", "+26", "-28"]),
        ("24:0,25:-1", ["-24", "-25"]),
        ("30608,50354", ["ic 30608", "ic 50354"]),
        ("ic=52", ["ic 52"]), ("ic=gold_2", ["ic gold_2"]),
        (#""gender"="female","plan"="gold""#, ["gender|female", "plan|gold"]),
        ("product = tablet", ["product|tablet"]),
        ("  product  =  tablet of glass  ,  d_sid = 24  ", ["product|tablet of glass", "+24"]),
        (#""city" = "Paris, France" , zip=75001"#, ["city|Paris, France", "zip|75001"]),
        ("-key=1,--k=2", ["key|1", "k|2"]),
        ("-d_sid=24", ["+24"]),
        ("key=", ["key|"]), (#"key="""#, ["key|"]),
        ("formula=a=b", ["formula|a=b"]),
        (#""d_sid"="24""#, ["+24"]), ("D_SID=24,Ic=3", ["+24", "ic 3"]),
        (#""30608""#, ["ic 30608"]),
        ("k=24:0", ["k|24:0"]),
        ("", []),
    ])
    func `a documented form is read`(list: String, signals: [String]) {
        #expect(read(list) == signals)
    }

    @Test(arguments: [
        (",d_sid=24", ["?empty", "+24"]), ("d_sid=24,", ["+24", "?empty"]),
        ("a=1,,b=2", ["a|1", "?empty", "b|2"]),
        (" ", ["?empty"]), (",", ["?empty", "?empty"]),
        ("d_sid=x,d_sid=24", ["?traitNumber", "+24"]), ("d_sid=", ["?traitNumber"]),
        ("d_sid=99999999999999999999", ["?traitNumber"]), ("d_unsid=-1", ["?traitNumber"]),
        ("x:0", ["?traitNumber"]), (":0", ["?traitNumber"]),
        ("24:1", ["?form"]), ("24:", ["?form"]), ("word", ["?form"]), ("24:-1x", ["?form"]),
        ("=5", ["?key"]), ("-=5", ["?key"]), ("a.b=5", ["?key"]), ("two words=5", ["?key"]),
        (#""open=5,d_sid=24"#, ["?quotation"]), (#"a="open,d_sid=24"#, ["?quotation"]),
        (#"a"b=5,d_sid=24"#, ["?quotation", "+24"]), (#""a"b=5,d_sid=24"#, ["?quotation", "+24"]),
        (#"a="b"c,d_sid=24"#, ["?quotation", "+24"]), (#"a=b"c",d_sid=24"#, ["?quotation", "+24"]),
    ])
    func `a part that is no signal is named and the others are read`(list: String, signals: [String]) {
        #expect(read(list) == signals)
    }
}
