// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Terminal
import Testing

@testable import Campaign

@Suite struct KeyDoctorValueTests {
    typealias Samples = KeyDoctorSamples

    @Test func `the vendor's sample agrees with SHA-256 after trim and lower`() throws {
        let diagnosis = try KeyDoctor(rule: Samples.rule(.sha256, normalize: "trim,lower")).diagnose(
            plain: " ECID@Adobe.com ",
            sent: "a6ea4cde5da5ae7cc68baae894d1d6544fca26254433b0fff7c2cb4843b4a097"
        )
        #expect(diagnosis.verdict == .agrees)
        #expect(
            diagnosis.found
                == .init(normalization: "trim,lower", algorithm: "sha256", encoding: "hex", deviation: "")
        )
        #expect(diagnosis.advice.isEmpty)
        #expect(diagnosis.tried > 0)
    }

    @Test(arguments: [
        (DigestAlgorithm.sha256, "55e79200c1635b37ad31a378c39feb12f120f116625093a19bc32fff15041149"),
        (DigestAlgorithm.md5, "fd876f8cd6a58277fc664d47ea10ad19"),
    ])
    func `published digests agree`(_ algorithm: DigestAlgorithm, _ sent: String) throws {
        let diagnosis = try KeyDoctor(rule: Samples.rule(algorithm)).diagnose(
            plain: "johndoe@example.com",
            sent: sent
        )
        #expect(diagnosis.verdict == .agrees)
        #expect(diagnosis.found?.algorithm == algorithm.rawValue)
    }

    @Test func `the website hashes before lower-casing`() throws {
        let sent = try Samples.hash("JohnDoe@Example.com", .sha256)
        let diagnosis = try KeyDoctor(rule: Samples.rule(.sha256, normalize: "trim,lower")).diagnose(
            plain: " JohnDoe@Example.com",
            sent: sent
        )
        #expect(diagnosis.verdict == .explained)
        #expect(diagnosis.found?.normalization == "trim")
        #expect(diagnosis.found?.deviation == "the website hashes before lower-casing")
        #expect(
            diagnosis.advice == [
                "The website hashes before lower-casing: lower-case before hashing on the website, "
                    + "or define the data source without `lower`."
            ]
        )
    }

    @Test func `the website lower-cases and the data source does not`() throws {
        let sent = try Samples.hash("johndoe@example.com", .sha1)
        let diagnosis = try KeyDoctor(rule: Samples.rule(.sha1)).diagnose(
            plain: " JohnDoe@Example.com",
            sent: sent
        )
        #expect(diagnosis.verdict == .explained)
        #expect(diagnosis.found?.normalization == "trim,lower")
        #expect(
            diagnosis.advice.first?.contains("define the data source with `--normalize trim,lower`") == true
        )
    }

    @Test func `a sample that can't show a step says so`() throws {
        let sent = try Samples.hash("johndoe@example.com", .sha256)
        let diagnosis = try KeyDoctor(rule: Samples.rule(.sha256, normalize: "trim,lower")).diagnose(
            plain: "johndoe@example.com",
            sent: sent
        )
        #expect(diagnosis.verdict == .agrees)
        #expect(
            diagnosis.advice == [
                "This sample can't show whether the website trims: try a value with a space at either end.",
                "This sample can't show whether the website lower-cases: try a value with capital letters.",
            ]
        )
    }

    @Test(arguments: DigestAlgorithm.allCases, DigestAlgorithm.allCases)
    func `another digest is named`(_ ours: DigestAlgorithm, _ theirs: DigestAlgorithm) throws {
        let sent = try Samples.hash("johndoe@example.com", theirs)
        let diagnosis = try KeyDoctor(rule: Samples.rule(ours)).diagnose(
            plain: "johndoe@example.com",
            sent: sent
        )
        #expect(diagnosis.verdict == (ours == theirs ? .agrees : .explained))
        #expect(diagnosis.found?.algorithm == theirs.rawValue)
        if ours != theirs {
            #expect(diagnosis.advice.first?.contains("`--hash \(theirs.rawValue)`") == true)
        }
    }

    @Test(arguments: [
        ("JohnDoe@Example.com", "JOHNDOE@EXAMPLE.COM", "upper case"),
        ("john@example.com", "john@example.com\n", "newline"),
        ("john@example.com", "john@example.com\r", "carriage return"),
        ("john@example.com", "john@example.com\r\n", "carriage return and a newline"),
        ("john@example.com", "john@example.com ", "adds a space"),
        ("john@example.com", "john@example.com\0", "zero byte"),
        ("john@example.com", "\"john@example.com\"", "double quotes"),
        ("john@example.com", "'john@example.com'", "single quotes"),
        ("john@example.com", "mailto:john@example.com", "mailto:"),
        ("john.doe+news@example.com", "johndoe+news@example.com", "dots"),
        ("john.doe+news@example.com", "john.doe@example.com", "+tag"),
        ("john@example.com", "john%40example.com", "URL-encodes"),
        ("jos\u{E9}@example.com", "jose\u{301}@example.com", "NFD"),
        ("jose\u{301}@example.com", "jos\u{E9}@example.com", "NFC"),
        ("jos\u{E9}@example.com", "jos\u{C3}\u{A9}@example.com", "twice"),
        ("john@example.com", "\u{FEFF}john@example.com", "byte order mark"),
        ("AB 12 34", "AB1234", "spaces out"),
        ("+33612345678", "33612345678", "leaves the + of the number out"),
        ("+33612345678", "0033612345678", "00 instead of the +"),
        ("+33612345678", "0612345678", "national form"),
        ("+33612345678", "612345678", "without + and country code"),
        ("+33612345678", "tel:+33612345678", "tel:"),
    ])
    func `a mistake with the value is found`(_ plain: String, _ theirs: String, _ phrase: String) throws {
        for rule in [try Samples.rule(.sha256), try Samples.rule(.sha256, normalize: "e164")] {
            let diagnosis = try KeyDoctor(rule: rule).diagnose(
                plain: plain,
                sent: Samples.hash(theirs, .sha256)
            )
            #expect(diagnosis.verdict == .explained)
            #expect(diagnosis.found?.deviation.contains(phrase) == true)
        }
    }

    @Test func `other encodings of characters are found`() throws {
        let plain = "jos\u{E9}@example.com"
        let doctor = KeyDoctor(rule: try Samples.rule(.sha256))
        let writings: [(String.Encoding, String)] = [
            (.isoLatin1, "Latin-1"), (.utf16LittleEndian, "little-endian"), (.utf16BigEndian, "big-endian"),
        ]
        for (encoding, phrase) in writings {
            let bytes = [UInt8](try #require(plain.data(using: encoding)))
            let sent = HexText.string(try Samples.hash(bytes, .sha256))
            let diagnosis = try doctor.diagnose(plain: plain, sent: sent)
            #expect(diagnosis.verdict == .explained)
            #expect(diagnosis.found?.deviation.contains(phrase) == true)
        }
    }

    @Test func `two mistakes and a missing step are told apart`() throws {
        let sent = try Samples.hash("JohnDoe@Example.com\n", .sha256)
        let diagnosis = try KeyDoctor(rule: Samples.rule(.md5, normalize: "trim,lower")).diagnose(
            plain: "JohnDoe@Example.com",
            sent: sent
        )
        #expect(diagnosis.verdict == .explained)
        #expect(diagnosis.advice.contains { $0.contains("before lower-casing") })
        #expect(diagnosis.advice.contains { $0.contains("newline") })
        #expect(diagnosis.advice.contains { $0.contains("--hash sha256") })
    }

    @Test func `hashing twice is found in every writing`() throws {
        let inner = try Samples.hash(Array("johndoe@example.com".utf8), .md5)
        let hex = HexText.string(inner)
        let writings: [([UInt8], String)] = [
            (inner, "as bytes"), (Array(hex.utf8), "in hex"),
            (Array(hex.uppercased().utf8), "in upper-case hex"),
            (Array(Data(inner).base64EncodedString().utf8), "in base64"),
        ]
        for (text, phrase) in writings {
            let sent = HexText.string(try Samples.hash(text, .sha256))
            let diagnosis = try KeyDoctor(rule: Samples.rule(.sha256)).diagnose(
                plain: "johndoe@example.com",
                sent: sent
            )
            #expect(diagnosis.verdict == .explained)
            #expect(diagnosis.found?.algorithm == "sha256 of md5 (\(phrase))")
        }
    }

    @Test func `a value in the clear is explained where digests are expected`() throws {
        let diagnosis = try KeyDoctor(rule: Samples.rule(.sha256, normalize: "lower")).diagnose(
            plain: "johndoe@example.com",
            sent: "johndoe@example.com"
        )
        #expect(diagnosis.verdict == .explained)
        #expect(diagnosis.found?.algorithm == "plain")
        #expect(diagnosis.advice.first?.contains("in the clear") == true)
    }

    @Test func `plain IDs that only our side normalizes reconcile in imports alone`() throws {
        let rule = try Samples.rule(normalize: "trim,lower")
        #expect(try KeyDoctor(rule: rule).diagnose(plain: "AB-12", sent: "ab-12").verdict == .agrees)
        let diagnosis = try KeyDoctor(rule: rule).diagnose(plain: "AB-12", sent: "AB-12")
        #expect(diagnosis.verdict == .explained)
        #expect(diagnosis.advice.contains { $0.contains("Imports reconcile these IDs all the same") })
    }

    @Test func `a base64 value is no encryption`() throws {
        let sent = Data("johndoe@example.com".utf8).base64EncodedString()
        let diagnosis = try KeyDoctor(rule: Samples.rule(.sha256)).diagnose(
            plain: "johndoe@example.com",
            sent: sent
        )
        #expect(diagnosis.verdict == .explained)
        #expect(diagnosis.found?.algorithm == "plain")
        #expect(diagnosis.found?.encoding == "base64")
    }
}
