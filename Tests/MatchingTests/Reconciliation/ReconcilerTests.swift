// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Surroundings
import Testing

@Suite struct ReconcilerTests {
    static let keyHex = String((0..<64).map { Character(String($0 % 16, radix: 16)) })
    static let vectorHex = "0123456789ABCDEFFEDCBA9876543210"

    static func rules() throws -> [IDRule] {
        let trimLower = try Normalization(parsing: "trim,lower")
        let digests = DigestAlgorithm.allCases.map { IDRule(.digest($0), normalization: trimLower) }
        let ciphers = try CipherAlgorithm.allCases.flatMap { algorithm in
            let key = try CipherKey(
                algorithm,
                keyHex: String(keyHex.prefix(algorithm.keyByteCount * 2)),
                ivHex: vectorHex
            )
            return [
                IDRule(.cipher(key), normalization: trimLower, addressForm: .email),
                IDRule(
                    .cipher(key),
                    normalization: try Normalization(parsing: "trim,e164"),
                    addressForm: .mobilePhone
                ),
                IDRule(.cipher(key)),
            ]
        }
        return [IDRule(.visitorID), IDRule(.plain), IDRule(.plain, normalization: trimLower)] + digests
            + ciphers
    }

    @Test(arguments: try rules(), Reconciler.Mode.allCases)
    func `every line of random data ends as in the naive reconciler`(rule: IDRule, mode: Reconciler.Mode)
        throws
    {
        let folder = try TemporaryFolder()
        var random = SeededNumbers(
            seed: UInt64(abs(rule.normalization.description.count)) + UInt64(mode.rawValue)
        )
        let secret = try IDKeySecret(bytes: [UInt8](100..<116))
        let index = try IDIndex.create(
            path: folder.file("index"),
            fingerprint: [UInt8](0..<16),
            secret: secret,
            expectedCount: 10
        )
        var keyBytes: [UInt8] = []
        if case .cipher(let key) = rule.form {
            keyBytes = Array(bytes(hex: Self.keyHex)[..<key.algorithm.keyByteCount])
        }
        let vector = bytes(hex: Self.vectorHex)
        var reference = ReferenceReconciler(rule: rule, mode: mode, keyBytes: keyBytes, vector: vector)
        let maker = try IDKeyMaker(rule: rule, secret: secret)
        var values: [String] = []
        for number in 0..<400 {
            let value = number % 10 == 0 && number > 0 ? values[number / 2] : randomValue(rule, &random)
            values.append(value)
            reference.insert(value, ProfileNumber(number))
            #expect(try rule.canonical(of: value) == reference.canonical(of: value))
            if let key = try maker.key(of: value) { try index.insert(key, ProfileNumber(number)) }
        }
        let ids = IDBatch()
        var lines: [String] = []
        for _ in 0..<1200 {
            let known = Bool.random(using: &random) ? values.randomElement(using: &random) : nil
            let line = randomID(known ?? randomValue(rule, &random), rule, keyBytes, vector, &random)
            lines.append(line)
            ids.append(line)
        }
        let reconciler = Reconciler(
            rule: rule,
            index: mode == .addresses ? nil : index,
            secret: secret,
            mode: mode
        )
        let workspace = try reconciler.makeWorkspace()
        let results = try reconciler.reconcile(ids, workspace: workspace)
        var outcomes: Set<Reconciliation.Outcome> = []
        for (position, line) in lines.enumerated() {
            let (outcome, numbers, address) = reference.reconcile(line)
            let result = results[position]
            outcomes.insert(outcome)
            #expect(result.outcome == outcome, "line \(position) \(result.reason)")
            #expect(index.numbers(of: result.entry) == numbers, "line \(position)")
            let found = workspace.address(at: position).map { String(decoding: $0, as: UTF8.self) }
            #expect(found == address, "line \(position)")
            #expect((result.reason == .none) == ![.malformed, .undecryptable].contains(outcome))
        }
        #expect(outcomes.count >= (mode == .addresses ? 2 : 3))
    }

    private func randomValue(_ rule: IDRule, _ random: inout SeededNumbers) -> String {
        let number = UInt64.random(in: 0..<(1 << 40), using: &random)
        if rule.form == .visitorID {
            return String(String(repeating: "7", count: 38) + String(number)).suffix(38).description
        }
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return ""
        case 1: return "  Zoë.\(number)@Exämple.ORG "
        case 2: return "00 33 (6) \(number)"
        case 3: return "+336\(number % 100_000_000)"
        case 4: return "no address \(number):\(number)"
        case 5: return String(repeating: "long", count: Int.random(in: 1...300, using: &random)) + "\(number)"
        default: return "Person.\(number)@mail\(number % 7).example.com"
        }
    }

    private func randomID(
        _ value: String,
        _ rule: IDRule,
        _ keyBytes: [UInt8],
        _ vector: [UInt8],
        _ random: inout SeededNumbers
    ) -> String {
        let text = Reference.normalized(value, rule.normalization)
        let id: String
        switch rule.form {
        case .visitorID: id = value
        case .plain: id = Bool.random(using: &random) ? value : text
        case .digest(let algorithm): id = encoded(Reference.digest(text, algorithm), &random)
        case .cipher(let key):
            var plain = Array((Bool.random(using: &random) ? value : text).utf8)
            if Int.random(in: 0..<20, using: &random) == 0 { plain.append(0xC3) }
            id = encoded(Reference.encrypted(plain, key.algorithm, keyBytes, vector), &random)
        }
        return damaged(id, &random)
    }

    private func encoded(_ bytes: [UInt8], _ random: inout SeededNumbers) -> String {
        let base64 = Data(bytes).base64EncodedString()
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return hex(bytes).uppercased()
        case 1: return "0x" + hex(bytes)
        case 2: return "\\x" + hex(bytes).uppercased()
        case 3: return "x" + hex(bytes)
        case 4: return base64
        case 5: return base64.replacing("=", with: "")
        case 6: return base64.replacing("+", with: "-").replacing("/", with: "_")
        default: return hex(bytes)
        }
    }

    private func damaged(_ id: String, _ random: inout SeededNumbers) -> String {
        var bytes = Array(id.utf8)
        switch Int.random(in: 0..<20, using: &random) {
        case 0 where !bytes.isEmpty: bytes.removeLast()
        case 1: bytes.append(UInt8(ascii: "0"))
        case 2 where !bytes.isEmpty:
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                in: 0x20...0x7E,
                using: &random
            )
        case 3 where !bytes.isEmpty: bytes[bytes.count - 1] ^= 1
        case 4: return ""
        case 5 where bytes.count > 16: bytes.removeLast(16)
        default: break
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `each wrong line has its reason`() throws {
        let key = try CipherKey(
            .aes128CBC,
            keyHex: String(repeating: "0", count: 32),
            ivHex: String(repeating: "0", count: 32)
        )
        let zeros = [UInt8](repeating: 0, count: 16)
        let cipher = IDRule(.cipher(key), addressForm: .email)
        func message(_ bytes: [UInt8]) -> String { hex(Reference.encrypted(bytes, .aes128CBC, zeros, zeros)) }
        let cases: [(IDRule, String, Reconciliation.Outcome, Reconciliation.Reason)] = [
            (IDRule(.visitorID), String(repeating: "1", count: 37), .malformed, .wrongLength),
            (IDRule(.visitorID), String(repeating: "1", count: 37) + "/", .malformed, .notDigits),
            (IDRule(.visitorID), String(repeating: "1", count: 37) + ":", .malformed, .notDigits),
            (IDRule(.visitorID), String(repeating: "*", count: 38), .malformed, .notDigits),
            (IDRule(.visitorID), String(repeating: "1", count: 38), .unknown, .none),
            (IDRule(.digest(.sha256)), String(repeating: "a", count: 63), .malformed, .wrongLength),
            (IDRule(.digest(.sha256)), String(repeating: "g", count: 64), .malformed, .notHex),
            (IDRule(.digest(.sha256)), String(repeating: "A", count: 42) + "B", .malformed, .notHex),
            (IDRule(.plain), "", .malformed, .wrongLength),
            (IDRule(.plain), "a:b", .malformed, .forbiddenCharacter),
            (IDRule(.plain), "a%3ab", .malformed, .forbiddenCharacter),
            (IDRule(.plain), "a\tb", .malformed, .forbiddenCharacter),
            (IDRule(.plain), "a%3", .unknown, .none),
            (IDRule(.plain), String(repeating: "a", count: 1025), .malformed, .wrongLength),
            (cipher, String(repeating: "0", count: 31), .malformed, .wrongLength),
            (cipher, String(repeating: "!", count: 32), .malformed, .notHex),
            (cipher, String(repeating: "0", count: 64), .undecryptable, .badPadding),
            (cipher, message([0xC3, 0x28]), .undecryptable, .invalidText),
            (cipher, message(Array("nobody".utf8)), .undecryptable, .notAnAddress),
            (cipher, message(Array("a@b.de".utf8)), .unknown, .none),
        ]
        let folder = try TemporaryFolder()
        let secret = IDKeySecret.random()
        let index = try IDIndex.create(
            path: folder.file("index"),
            fingerprint: [UInt8](0..<16),
            secret: secret,
            expectedCount: 10
        )
        for (rule, id, outcome, reason) in cases {
            let reconciler = Reconciler(rule: rule, index: index, secret: secret)
            let ids = IDBatch()
            ids.append(id)
            let results = try reconciler.reconcile(ids, workspace: reconciler.makeWorkspace())
            #expect(results == [Reconciliation(outcome, reason)], "\(id)")
        }
    }

    @Test func `an encrypted and a plain data source share the index of a field`() throws {
        let folder = try TemporaryFolder()
        let secret = IDKeySecret.random()
        let index = try IDIndex.create(
            path: folder.file("index"),
            fingerprint: [UInt8](0..<16),
            secret: secret,
            expectedCount: 10
        )
        let key = try CipherKey(
            .aes128CBC,
            keyHex: "0123456789ABCDEF0123456789ABCDEF",
            ivHex: "0123456789ABCDEFFEDCBA9876543210"
        )
        let plain = IDRule(.plain)
        let encrypted = IDRule(.cipher(key), addressForm: .email)
        let profile = try #require(try IDKeyMaker(rule: plain, secret: secret).key(of: "johndoe@example.com"))
        try index.insert(profile, 42)
        let ids = IDBatch()
        ids.append("a4e70c52b4ca4a338d6d0ea25986355284f6ea47bb275506e61fa25b4ec4d365")
        let reconciler = Reconciler(rule: encrypted, index: index, secret: secret, mode: .both)
        let workspace = try reconciler.makeWorkspace()
        let result = try reconciler.reconcile(ids, workspace: workspace)[0]
        #expect(result.outcome == .matched)
        #expect(result.entry.number == 42)
        #expect(workspace.address(at: 0).map { String(decoding: $0, as: UTF8.self) } == "johndoe@example.com")
        #expect(workspace.address(at: 1) == nil)
    }
}
