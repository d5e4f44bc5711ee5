// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Matching

@Suite("Sets of numbers that are in order")
struct AscendingMembersTests {
    @Test(
        "They are those of the same numbers in any order, byte for byte",
        arguments: [
            [], [0], [65_535, 65_536], [0, 65_535, 131_072, 4_000_000_000], Array(0..<4_096),
            Array(0..<4_097),
            Array(0..<200_000), Array(stride(from: 3, to: 900_000, by: 7)),
            Array(stride(from: 60_000, to: 70_000, by: 2)),
            Array(stride(from: 1, to: 40_000_000, by: 50_021)),
        ] as [[ProfileNumber]]
    )
    func agree(numbers: [ProfileNumber]) throws {
        let ascending = numbers.withUnsafeBufferPointer { MemberSet(ascending: $0) }
        let expected = MemberSet(numbers.reversed())
        #expect(ascending == expected)
        #expect(ascending.serialized() == expected.serialized())
        #expect(ascending.numbers() == numbers)
    }
}
