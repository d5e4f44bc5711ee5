// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Terminal
import Testing

@testable import Campaign

@Suite struct KeyDoctorCipherTests {
    typealias Samples = KeyDoctorSamples

    private static let address = "johndoe@example.com"
    private static let key = Samples.bytes(Samples.key128)
    private static let vector = Samples.bytes(Samples.vector)

    private func diagnose(
        _ message: [UInt8],
        _ algorithm: CipherAlgorithm = .aes128CBC,
        plain: String = address,
        givenKey: String? = nil,
        givenIV: String? = nil
    ) throws -> KeyDiagnosis {
        try KeyDoctor(rule: Samples.cipherRule(algorithm), givenKey: givenKey, givenIV: givenIV)
            .diagnose(plain: plain, sent: HexText.string(message))
    }

    @Test(arguments: [
        (
            CipherAlgorithm.aes128CBC, "johndoe@example.com",
            "a4e70c52b4ca4a338d6d0ea25986355284f6ea47bb275506e61fa25b4ec4d365"
        ),
        (
            CipherAlgorithm.aes128CBC, "0123456789abcdef",
            "4be0abea5b81322da246420948251732a7ec68a3351dd49f15874a567ebbe1c8"
        ),
        (CipherAlgorithm.aes192CBC, "+33612345678", "28f8776502266efd880d5812e6950e5b"),
        (CipherAlgorithm.aes256CBC, "+33612345678", "b7fdd57b0601648f3bdd4f01fe3cc4dc"),
    ])
    func `published ciphertexts agree`(_ algorithm: CipherAlgorithm, _ plain: String, _ sent: String) throws {
        let diagnosis = try KeyDoctor(rule: Samples.cipherRule(algorithm)).diagnose(plain: plain, sent: sent)
        #expect(diagnosis.verdict == .agrees)
        #expect(diagnosis.found?.algorithm == algorithm.rawValue)
        #expect(diagnosis.found?.encoding == "hex")
    }

    @Test func `a key given to a data source of plain or hashed IDs is tried`() throws {
        let sent = "a4e70c52b4ca4a338d6d0ea25986355284f6ea47bb275506e61fa25b4ec4d365"
        let rule = try Samples.rule(.sha256)
        let without = try KeyDoctor(rule: rule).diagnose(plain: Self.address, sent: sent)
        #expect(without.verdict == .unexplained)
        #expect(without.advice.contains { $0.contains("--key-file") })
        let with = try KeyDoctor(rule: rule, givenKey: Samples.key128 + "\n", givenIV: "0x" + Samples.vector)
            .diagnose(plain: Self.address, sent: sent)
        #expect(with.verdict == .explained)
        #expect(with.found?.algorithm == "aes-128-cbc")
    }

    @Test func `a website that encrypts before lower-casing`() throws {
        let rule = try Samples.cipherRule(.aes128CBC, normalize: "lower", channel: .email)
        let message = try Samples.encrypt(
            Samples.pkcs7("JohnDoe@Example.com"),
            key: Self.key,
            vector: Self.vector
        )
        let diagnosis = try KeyDoctor(rule: rule).diagnose(
            plain: "JohnDoe@Example.com",
            sent: HexText.string(message)
        )
        #expect(diagnosis.verdict == .explained)
        #expect(diagnosis.found?.deviation == "the website encrypts before lower-casing")
        #expect(diagnosis.advice.contains { $0.contains("Imports reconcile these IDs all the same") })
    }

    @Test func `mistakes with key and IV are found`() throws {
        let zeros = [UInt8](repeating: 0, count: 16)
        let lower = Array(Samples.key128.lowercased().utf8)
        let upperIV = Array(Samples.vector.utf8.prefix(16))
        let padded = Samples.pkcs7(Self.address)
        let mistakes: [([UInt8], [UInt8], String)] = [
            (Self.key, zeros, "uses an IV of zeros"),
            (Self.vector, Self.key, "swaps the roles of key and IV"),
            (Self.key, Self.key, "uses the key's first 16 bytes as the IV"),
            (lower, Self.vector, "uses the key's hex digits as text"),
            (Array(Samples.key128.utf8), upperIV, "uses the IV's hex digits as text"),
            (try Samples.hash(Self.key, .sha256), Self.vector, "derives a key"),
            (Self.key + zeros, Self.vector, "fills the key up with zeros to 32 bytes"),
        ]
        for (key, vector, phrase) in mistakes {
            let diagnosis = try diagnose(Samples.encrypt(padded, key: key, vector: vector))
            #expect(diagnosis.verdict == .explained)
            #expect(diagnosis.found?.deviation.contains(phrase) == true)
            #expect(diagnosis.advice.contains { $0.contains(phrase) })
        }
        let long = Samples.bytes(Samples.key256)
        let cut = try Samples.encrypt(padded, key: Array(long.prefix(16)), vector: Self.vector)
        let diagnosis = try diagnose(cut, .aes256CBC)
        #expect(diagnosis.found?.deviation.contains("uses only the first 16 bytes of the key") == true)
        #expect(diagnosis.found?.algorithm == "aes-128-cbc")
    }

    @Test func `mistakes with padding and mode are found`() throws {
        let short = "john@example.com"
        let mistakes: [([UInt8], String, String)] = [
            (
                try Samples.encrypt(
                    Samples.filled(Self.address, with: 0),
                    key: Self.key,
                    vector: Self.vector
                ),
                Self.address, "zeros, or not at all"
            ),
            (
                try Samples.encrypt(
                    Samples.filled(Self.address, with: 0x20),
                    key: Self.key,
                    vector: Self.vector
                ),
                Self.address, "with spaces"
            ),
            (
                try Samples.encrypt(Array(short.utf8), key: Self.key, vector: Self.vector), short,
                "zeros, or not at all"
            ),
            (
                try Samples.encrypt(
                    Array(Self.address.utf8) + (0..<12).map { UInt8($0 * 17) } + [13],
                    key: Self.key,
                    vector: Self.vector
                ),
                Self.address, "other bytes than PKCS#7"
            ),
            (try Samples.encryptECB(Samples.pkcs7(Self.address), key: Self.key), Self.address, "ECB mode"),
        ]
        for (message, plain, phrase) in mistakes {
            let diagnosis = try diagnose(message, plain: plain)
            #expect(diagnosis.verdict == .explained)
            #expect(diagnosis.found?.deviation.contains(phrase) == true)
        }
    }

    @Test func `an IV before the ciphertext, and one that nobody knows`() throws {
        let other = [UInt8](repeating: 0x5A, count: 16)
        let message = try Samples.encrypt(Samples.pkcs7(Self.address), key: Self.key, vector: other)
        let prepended = try diagnose(other + message)
        #expect(prepended.verdict == .explained)
        #expect(prepended.found?.deviation == "the website puts the IV before the ciphertext")
        let unknown = try diagnose(message)
        #expect(unknown.verdict == .explained)
        #expect(unknown.found?.deviation == "the website uses another IV, which is none of those tried")
        let given = try diagnose(message, givenIV: String(repeating: "5A", count: 16))
        #expect(given.found?.deviation == "the website uses the IV of --iv-file")
    }

    @Test func `a ciphertext without its end is explained`() throws {
        let message = try Samples.encrypt(Samples.pkcs7(Self.address), key: Self.key, vector: Self.vector)
        for count in [31, 20, 16] {
            let diagnosis = try diagnose(Array(message.prefix(count)))
            #expect(diagnosis.verdict == .explained)
            #expect(diagnosis.found?.deviation == "the end of the ciphertext is missing")
        }
    }

    @Test func `base64 and a given key that is text are read`() throws {
        let passphrase = "a key of 16 char"
        let message = try Samples.encrypt(
            Samples.pkcs7(Self.address),
            key: Array(passphrase.utf8),
            vector: Self.vector
        )
        let diagnosis = try KeyDoctor(rule: Samples.cipherRule(.aes128CBC), givenKey: passphrase)
            .diagnose(plain: Self.address, sent: Data(message).base64EncodedString())
        #expect(diagnosis.verdict == .explained)
        #expect(diagnosis.found?.encoding == "base64")
        #expect(diagnosis.found?.deviation.contains("uses the text of --key-file as the key") == true)
    }

    @Test func `an address that the channel refuses is no agreement`() throws {
        let rule = try Samples.cipherRule(.aes128CBC, channel: .email)
        let message = try Samples.encrypt(Samples.pkcs7("customer 17"), key: Self.key, vector: Self.vector)
        let diagnosis = try KeyDoctor(rule: rule).diagnose(
            plain: "customer 17",
            sent: HexText.string(message)
        )
        #expect(diagnosis.verdict == .explained)
        #expect(diagnosis.advice.first?.contains("--channel other") == true)
    }

    @Test func `what stays unexplained says which part is likely wrong`() throws {
        let wrongKey = [UInt8](repeating: 0x77, count: 16)
        let padded = Samples.pkcs7("somebody.else@example.com")
        let good = try Samples.encrypt(padded, key: Self.key, vector: Self.vector)
        let otherIV = try Samples.encrypt(padded, key: Self.key, vector: wrongKey)
        let cases: [(String, String)] = [
            (HexText.string(good), "Key, IV and padding are right"),
            (
                HexText.string(
                    try Samples.encrypt(
                        Samples.pkcs7("janeroe@example.com"),
                        key: Self.key,
                        vector: Self.vector
                    )
                ), "the sample belongs to another person"
            ),
            (HexText.string(otherIV), "the key is right, and the IV is likely wrong"),
            (
                HexText.string(try Samples.encrypt(padded, key: wrongKey, vector: Self.vector)),
                "the key is likely wrong"
            ),
            (
                HexText.string(
                    try Samples.encrypt(Samples.pkcs7("short"), key: wrongKey, vector: Self.vector)
                ),
                "can't tell a wrong key from a wrong IV"
            ),
            (HexText.string(Array(good.prefix(21))), "not a multiple of 16"),
            ("§ not hex §", "neither hex nor base64"),
            ("12345678901234567890123456789012345678", "visitor ID"),
        ]
        for (sent, phrase) in cases {
            let diagnosis = try KeyDoctor(rule: Samples.cipherRule(.aes128CBC)).diagnose(
                plain: Self.address,
                sent: sent
            )
            #expect(diagnosis.verdict == .unexplained)
            #expect(diagnosis.found == nil)
            #expect(diagnosis.advice.contains { $0.contains(phrase) })
            #expect(diagnosis.text.contains("COMBINATIONS OF"))
            #expect(diagnosis.categories.map(\.category).last == "encryption")
        }
    }

    @Test func `a salted digest and swapped lines are recognised`() throws {
        let salted = try Samples.hash("salt" + Self.address, .sha256)
        let doctor = KeyDoctor(rule: try Samples.rule(.sha256))
        let diagnosis = try doctor.diagnose(plain: Self.address, sent: salted)
        #expect(diagnosis.verdict == .unexplained)
        #expect(diagnosis.advice.first?.contains("salt") == true)
        let swapped = try doctor.diagnose(plain: Samples.hash(Self.address, .sha256), sent: Self.address)
        #expect(swapped.advice.first?.contains("swapped") == true)
    }
}
