// SPDX-License-Identifier: Apache-2.0

import Matching
import Testing

@Suite struct IDEncoderTests {
    @Test func `IDs are written as the other side expects them`() throws {
        let trimLower = try Normalization(parsing: "trim,lower")
        let key = try CipherKey(
            .aes128CBC,
            keyHex: "0123456789ABCDEF0123456789ABCDEF",
            ivHex: "0123456789ABCDEFFEDCBA9876543210"
        )
        let address = " JohnDoe@Example.com"
        let digits = String(repeating: "12", count: 19)
        let cases: [(IDRule, [String], [String])] = [
            (
                IDRule(.plain, normalization: trimLower), [address, "", "a:b", "ä"],
                ["johndoe@example.com", "", "", "ä"]
            ),
            (
                IDRule(.digest(.sha256), normalization: trimLower),
                [" ECID@Adobe.com ", " ", "johndoe@example.com"],
                [
                    "a6ea4cde5da5ae7cc68baae894d1d6544fca26254433b0fff7c2cb4843b4a097", "",
                    "55e79200c1635b37ad31a378c39feb12f120f116625093a19bc32fff15041149",
                ]
            ),
            (
                IDRule(.digest(.md5)), ["johndoe@example.com", ""], ["fd876f8cd6a58277fc664d47ea10ad19", ""]
            ),
            (
                IDRule(.cipher(key), normalization: trimLower, addressForm: .email), ["nobody", address, ""],
                ["", "a4e70c52b4ca4a338d6d0ea25986355284f6ea47bb275506e61fa25b4ec4d365", ""]
            ),
            (
                IDRule(.cipher(key)), ["0123456789abcdef"],
                ["4be0abea5b81322da246420948251732a7ec68a3351dd49f15874a567ebbe1c8"]
            ),
            (IDRule(.visitorID), [digits, digits + "1", "x"], [digits, "", ""]),
        ]
        for (rule, values, expected) in cases {
            let fields = IDBatch()
            for value in values { fields.append(value) }
            let ids = IDBatch()
            let encoder = try IDEncoder(rule: rule)
            try encoder.encode(fields, into: ids)
            try encoder.encode(fields, into: ids)
            #expect((0..<ids.count).map { ids.string(at: $0) } == expected + expected)
        }
    }
}
