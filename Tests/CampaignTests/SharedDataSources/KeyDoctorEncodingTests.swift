// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Terminal
import Testing

@testable import Campaign

@Suite struct KeyDoctorEncodingTests {
    typealias Samples = KeyDoctorSamples

    /// A value whose digest has + and / in base64.
    private static let value = "person19@example.com"
    private static var digest: [UInt8] { (try? Samples.hash(Array(value.utf8), .sha256)) ?? [] }
    private static var hex: String { HexText.string(digest) }
    private static var base64: String { Data(digest).base64EncodedString() }
    private static var base64URL: String {
        base64.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    @Test func `what imports read agrees, with a remark for exports`() throws {
        let doctor = KeyDoctor(rule: try Samples.rule(.sha256))
        let texts = [
            Self.hex.uppercased(): "upper-case hex", "0x" + Self.hex: "hex with 0x before it",
            "\\x" + Self.hex: "hex with \\x before it", Self.base64: "base64",
        ]
        for (sent, name) in texts {
            let diagnosis = try doctor.diagnose(plain: Self.value, sent: sent)
            #expect(diagnosis.verdict == .agrees)
            #expect(diagnosis.found?.encoding == name)
            #expect(diagnosis.advice.contains { $0.contains("exports write lower-case hex") })
        }
        #expect(try doctor.diagnose(plain: Self.value, sent: Self.base64URL).verdict == .agrees)
    }

    @Test func `what imports don't read is explained`() throws {
        let doctor = KeyDoctor(rule: try Samples.rule(.sha256))
        let pairs = stride(from: 0, to: 64, by: 2).map { Self.hex.dropFirst($0).prefix(2) }
        let escaped = try #require(Self.base64.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let texts = [
            " " + Self.hex: "white space", "\"" + Self.hex + "\"": "quotes", escaped: "URL-encoding",
            pairs.joined(separator: "-").uppercased(): "hyphens", pairs.joined(separator: ":"): "colons",
            Data(Self.hex.utf8).base64EncodedString(): "base64 of hex",
        ]
        for (sent, phrase) in texts {
            let diagnosis = try doctor.diagnose(plain: Self.value, sent: sent)
            #expect(diagnosis.verdict == .explained)
            #expect(diagnosis.found?.deviation.contains(phrase) == true)
        }
    }

    @Test func `a digest that lost its end is explained`() throws {
        for count in [63, 62, 32, 16] {
            let diagnosis = try KeyDoctor(rule: Samples.rule(.sha256)).diagnose(
                plain: Self.value,
                sent: String(Self.hex.prefix(count))
            )
            #expect(diagnosis.verdict == .explained)
            #expect(
                diagnosis.found?.deviation == "only the first \(count / 2) of 32 bytes of the digest arrived"
            )
        }
    }

    @Test func `a + that became a space is seen`() throws {
        let values = (0..<200).map { "person\($0)@example.com" }
        let value = try #require(
            values.first {
                Data((try? Samples.hash(Array($0.utf8), .sha256)) ?? []).base64EncodedString().contains("+")
            }
        )
        let sent = Data(try Samples.hash(Array(value.utf8), .sha256)).base64EncodedString()
            .replacingOccurrences(of: "+", with: " ")
        let diagnosis = try KeyDoctor(rule: Samples.rule(.sha256)).diagnose(plain: value, sent: sent)
        #expect(diagnosis.verdict == .explained)
        #expect(diagnosis.found?.deviation.contains("spaces instead of +") == true)
    }

    @Test func `nothing is printed of the sample or the keys`() throws {
        let plain = "SecretPerson@Example.com"
        for sent in [try Samples.hash(plain, .md5), plain, "deadbeefdeadbeef", "\"\(plain)\""] {
            let doctor = KeyDoctor(
                rule: try Samples.cipherRule(.aes128CBC, normalize: "lower"),
                givenKey: Samples.key256,
                givenIV: "my secret vector"
            )
            let diagnosis = try doctor.diagnose(plain: plain, sent: sent)
            let json = String(decoding: try JSONEncoder().encode(diagnosis), as: UTF8.self)
            for secret in [plain, sent, Samples.key128, Samples.key256, Samples.vector, "my secret vector"] {
                #expect(!diagnosis.text.lowercased().contains(secret.lowercased()))
                #expect(!json.lowercased().contains(secret.lowercased()))
            }
        }
    }

    @Test func `the JSON has the keys of the contract`() throws {
        let doctor = KeyDoctor(rule: try Samples.rule(.sha256, normalize: "trim,lower"))
        for sent in [Self.hex, "not a digest"] {
            let data = try JSONEncoder().encode(try doctor.diagnose(plain: Self.value, sent: sent))
            let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            #expect(Set(object.keys) == ["verdict", "found", "advice", "tried", "categories"])
            #expect((object["tried"] as? Int ?? 0) > 1000)
            let found = object["found"] as? [String: String]
            #expect((found == nil) == (sent != Self.hex))
            if let found {
                #expect(Set(found.keys) == ["normalization", "algorithm", "encoding", "deviation"])
            }
        }
    }

    @Test(arguments: [
        ("a@example.com\nabcd\n", "a@example.com", "abcd"), (" a \r\nabcd", " a ", "abcd"),
        ("\u{FEFF}a\nb\n\n", "a", "b"),
    ])
    func `a sample is two lines`(_ text: String, _ plain: String, _ sent: String) throws {
        let sample = try KeyDoctorSample.parse(Array(text.utf8))
        #expect(sample.plain == plain)
        #expect(sample.sent == sent)
    }

    @Test(arguments: ["", "one line\n", "1\n2\n3\n", "\nx\n", "x\n" + String(repeating: "a", count: 4_097)])
    func `a sample of other lines is refused`(_ text: String) {
        #expect { try KeyDoctorSample.parse(Array(text.utf8)) } throws: { "\($0)".contains("sample") }
    }
}
