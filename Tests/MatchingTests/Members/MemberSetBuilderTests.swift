// SPDX-License-Identifier: Apache-2.0

import Matching
import Surroundings
import Testing

@Suite struct MemberSetBuilderTests {
    @Test(arguments: [10, 4095, 4096, 4097, 60_000])
    func `the last operation on a number wins`(operations: Int) {
        var random = SeededNumbers(seed: UInt64(operations))
        let builder = MemberSetBuilder()
        var added: Set<ProfileNumber> = []
        var removed: Set<ProfileNumber> = []
        for _ in 0..<operations {
            let number =
                Bool.random(using: &random)
                ? ProfileNumber.random(in: 0..<5000, using: &random)
                : .random(in: 0..<300_000, using: &random)
            if Int.random(in: 0..<3, using: &random) == 0 {
                builder.remove(number)
                removed.insert(number)
                added.remove(number)
            } else {
                builder.insert(number)
                added.insert(number)
                removed.remove(number)
            }
        }
        #expect(builder.added.numbers() == added.sorted())
        #expect(builder.removed.numbers() == removed.sorted())
        builder.insert(.max)
        #expect(builder.added.contains(.max))
    }

    @Test func `many numbers at once and none at all`() {
        let builder = MemberSetBuilder()
        #expect(builder.added.isEmpty && builder.removed.isEmpty)
        let numbers = (0..<200_000 as Range<ProfileNumber>).reversed() as [ProfileNumber]
        numbers.withUnsafeBufferPointer { builder.insert(contentsOf: $0) }
        #expect(builder.added == MemberSet(0..<200_000))
    }

    @Test func `a seen set knows each position once`() {
        let seen = SeenSet(positionCount: 1000)
        #expect(seen.insert(position: 999))
        #expect(!seen.insert(IDIndex.Entry(position: 999, value: 5)))
        #expect(seen.insert(position: 0))
        #expect(seen.count == 2)
        seen.removeAll()
        #expect(seen.insert(position: 999))
    }
}
