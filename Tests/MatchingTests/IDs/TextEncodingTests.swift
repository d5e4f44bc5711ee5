// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Surroundings
import Testing

@Suite struct TextEncodingTests {
    @Test(arguments: [16, 20, 32, 48, 64])
    func `digests are read in every encoding`(count: Int) {
        var random = SeededNumbers(seed: UInt64(count))
        for _ in 0..<50 {
            let digest = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let base64 = Data(digest).base64EncodedString()
            let url = base64.replacing("+", with: "-").replacing("/", with: "_")
            let texts = [
                hex(digest), hex(digest).uppercased(), "0x" + hex(digest), "\\x" + hex(digest),
                "x" + hex(digest),
                base64, base64.replacing("=", with: ""), url, url.replacing("=", with: ""),
            ]
            for text in texts { #expect(TextEncoding.decode(text, expectedByteCount: count) == digest) }
            #expect(TextEncoding.decode(hex(digest).dropLast().description, expectedByteCount: count) == nil)
            #expect(TextEncoding.decode(base64 + "=", expectedByteCount: count) == nil)
        }
    }

    @Test func `each character of a hexadecimal text is checked`() {
        let digest = [UInt8](repeating: 0xA5, count: 20)
        for position in 0..<40 {
            for code in UInt8.min ... .max {
                var text = Array(hex(digest).utf8)
                text[position] = code
                let decoded =
                    code < 0x80
                    ? TextEncoding.decode(String(decoding: text, as: UTF8.self), expectedByteCount: 20) : nil
                let isDigit = "0123456789abcdefABCDEF".utf8.contains(code)
                #expect((decoded != nil) == isDigit)
                if isDigit { #expect(decoded == bytes(hex: String(decoding: text, as: UTF8.self))) }
            }
        }
    }

    @Test func `base64 has one text for each value`() {
        #expect(TextEncoding.decode("AAAAAAAAAAAAAAAAAAAAAA", expectedByteCount: 16) != nil)
        #expect(TextEncoding.decode("AAAAAAAAAAAAAAAAAAAAAB", expectedByteCount: 16) == nil)
        #expect(TextEncoding.decode("AAAAAAAAAAAAAAAAAAAAA=", expectedByteCount: 16) == nil)
    }

    @Test func `ciphertexts are whole blocks`() {
        let blocks = [UInt8](0..<48)
        let base64 = Data(blocks).base64EncodedString()
        for text in [hex(blocks), "x" + hex(blocks), "\\x" + hex(blocks).uppercased(), base64] {
            #expect(TextEncoding.decodeBlocks(text) == blocks)
        }
        for text in [
            "", "00", hex([UInt8](0..<15)), hex([UInt8](0..<17)), Data([UInt8](0..<17)).base64EncodedString(),
        ] {
            #expect(TextEncoding.decodeBlocks(text) == nil)
        }
    }

    @Test func `hexadecimal text is written in lower case`() {
        for count in 0...70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 200) }
            #expect(HexText.string(bytes) == hex(bytes))
            let batch = IDBatch(byteCapacity: 1)
            bytes.withUnsafeBytes { HexText.appendHex($0, to: batch) }
            bytes.withUnsafeBytes { HexText.appendHex($0, to: batch) }
            #expect(batch.count == 2)
            #expect(batch.string(at: 1) == hex(bytes))
        }
    }
}
