// SPDX-License-Identifier: Apache-2.0

import Matching
import Surroundings
import Testing

@Suite struct BatchCipherTests {
    struct Table: Decodable {
        struct Case: Decodable { let algorithm, key, iv, text, ciphertext: String }
        let ciphers: [Case]
    }

    @Test func `ciphertexts are those that other programs write`() throws {
        for line in try TestVectors.load("ciphers", as: Table.self).ciphers {
            let algorithm = try #require(CipherAlgorithm(rawValue: line.algorithm))
            let key = try CipherKey(algorithm, keyHex: line.key, ivHex: line.iv)
            let cipher = try BatchCipher(key)
            #expect(try encrypt([Array(line.text.utf8)], cipher).map(hex) == [line.ciphertext])
            #expect(try decrypt([bytes(hex: line.ciphertext)], cipher) == [Array(line.text.utf8)])
        }
    }

    @Test(arguments: CipherAlgorithm.allCases)
    func `a batch is what one message after the other would be`(algorithm: CipherAlgorithm) throws {
        var random = SeededNumbers(seed: 7)
        let keyBytes = (0..<algorithm.keyByteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
        let vector = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        let key = try CipherKey(algorithm, keyHex: hex(keyBytes), ivHex: hex(vector))
        let cipher = try BatchCipher(key)
        for size in [0, 1, 2, 100, 1000] {
            let texts = (0..<size).map { _ in
                (0..<Int.random(in: 0...70, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            }
            let messages = texts.map { Reference.encrypted($0, algorithm, keyBytes, vector) }
            #expect(try encrypt(texts, cipher) == messages)
            #expect(try decrypt(messages, cipher) == texts)
            let damaged = messages.map { message in
                var message = message
                message[Int.random(in: 0..<message.count, using: &random)] ^= UInt8.random(
                    in: 1...255,
                    using: &random
                )
                return message
            }
            let expected = damaged.map { Reference.decrypted($0, algorithm, keyBytes, vector) }
            #expect(try decrypt(damaged, cipher) == expected)
        }
    }

    @Test func `every padding is checked whole`() throws {
        let keyBytes = [UInt8](0..<16)
        let vector = [UInt8](repeating: 9, count: 16)
        let cipher = try BatchCipher(CipherKey(.aes128CBC, keyHex: hex(keyBytes), ivHex: hex(vector)))
        for count in 0...17 {
            for wrong in 0..<16 {
                var block = [UInt8](repeating: 0xAA, count: 16)
                for index in 0..<min(16, count) { block[15 - index] = UInt8(count) }
                if count == 0 { block[15] = 0 }
                if count == 17 { block = [UInt8](repeating: 17, count: 16) }
                let isRight = (1...16).contains(count)
                if isRight, wrong > 0, wrong < count { block[15 - wrong] ^= 0x40 }
                let message = Reference.encryptedRaw(block, .aes128CBC, keyBytes, vector)
                let text = try decrypt([message], cipher)[0]
                let isDamaged = wrong > 0 && wrong < count
                #expect((text != nil) == (isRight && !isDamaged), "\(count) \(wrong)")
                if let text { #expect(text.count == 16 - count) }
            }
        }
    }

    @Test func `keys are read as people paste them`() throws {
        let plain = try CipherKey(
            .aes128CBC,
            keyHex: "0123456789ABCDEF0123456789ABCDEF",
            ivHex: String(repeating: "0", count: 32)
        )
        let pasted = try CipherKey(
            .aes128CBC,
            keyHex: " \\x0123456789abcdef0123456789abcdef\n",
            ivHex: "0x" + String(repeating: "0", count: 32)
        )
        #expect(plain == pasted)
        #expect("\(plain)" == "•••")
        #expect(String(reflecting: plain) == "•••")
        #expect(Mirror(reflecting: plain).children.isEmpty)
        #expect(throws: MatchingError.keyLength(expected: 32, actual: 16)) {
            try CipherKey(
                .aes256CBC,
                keyHex: String(repeating: "0", count: 32),
                ivHex: String(repeating: "0", count: 32)
            )
        }
        #expect(throws: MatchingError.vectorLength(expected: 16, actual: 8)) {
            try CipherKey(
                .aes128CBC,
                keyHex: String(repeating: "0", count: 32),
                ivHex: String(repeating: "0", count: 16)
            )
        }
        #expect(throws: MatchingError.notHexadecimal(position: 3)) {
            try CipherKey(.aes128CBC, keyHex: "000g", ivHex: "")
        }
        #expect(throws: MatchingError.notHexadecimal(position: 3)) {
            try CipherKey(.aes128CBC, keyHex: "000", ivHex: "")
        }
    }

    private func encrypt(_ texts: [[UInt8]], _ cipher: BatchCipher) throws -> [[UInt8]] {
        let batch = IDBatch()
        for text in texts { text.withUnsafeBytes { batch.append($0) } }
        let total = texts.reduce(0) { $0 + BatchCipher.encryptedByteCount(of: $1.count) }
        let room = UnsafeMutableRawPointer.allocate(byteCount: total + 16, alignment: 16)
        defer { room.deallocate() }
        try batch.withTexts { bytes, offsets, lengths in
            guard let base = bytes.baseAddress else { return }
            try cipher.encrypt(base, offsets: offsets, lengths: lengths, into: room)
        }
        var start = 0
        return texts.map { text in
            let count = BatchCipher.encryptedByteCount(of: text.count)
            defer { start += count }
            return [UInt8](UnsafeRawBufferPointer(start: room + start, count: count))
        }
    }

    private func decrypt(_ messages: [[UInt8]], _ cipher: BatchCipher) throws -> [[UInt8]?] {
        let joined = messages.flatMap(\.self)
        let lengths = messages.map { UInt32($0.count) }
        var texts = [UInt8](repeating: 0, count: joined.count)
        var textLengths = [Int32](repeating: 0, count: messages.count)
        try joined.withUnsafeBytes { joined in
            try lengths.withUnsafeBufferPointer { lengths in
                try texts.withUnsafeMutableBytes { texts in
                    try textLengths.withUnsafeMutableBufferPointer { textLengths in
                        guard let room = texts.baseAddress, let counts = textLengths.baseAddress else {
                            return
                        }
                        try cipher.decrypt(joined, lengths: lengths, into: room, textLengths: counts)
                    }
                }
            }
        }
        var start = 0
        return zip(messages, textLengths).map { message, length in
            defer { start += message.count }
            return length < 0 ? nil : Array(texts[start..<start + Int(length)])
        }
    }
}
