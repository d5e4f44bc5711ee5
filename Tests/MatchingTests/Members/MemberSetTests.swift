// SPDX-License-Identifier: Apache-2.0

import Matching
import Surroundings
import Testing

@Suite struct MemberSetTests {
    private func randomNumbers(_ random: inout SeededNumbers) -> Set<ProfileNumber> {
        var numbers: Set<ProfileNumber> = []
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let start = ProfileNumber.random(in: 0..<400_000, using: &random)
            let length = ProfileNumber.random(in: 1..<20_000, using: &random)
            switch Int.random(in: 0...2, using: &random) {
            case 0: numbers.formUnion(start..<start + length)
            case 1: numbers.formUnion(stride(from: start, to: start + length, by: 2))
            default: for _ in 0..<500 { numbers.insert(.random(in: 0..<2_000_000, using: &random)) }
            }
        }
        return numbers
    }

    @Test func `sets of profiles behave as sets`() throws {
        var random = SeededNumbers(seed: 5)
        for _ in 0..<60 {
            let (one, other) = (randomNumbers(&random), randomNumbers(&random))
            let (a, b) = (MemberSet(one), MemberSet(other))
            #expect(a.numbers() == one.sorted())
            #expect(a.union(b).numbers() == one.union(other).sorted())
            #expect(MemberSet.union(of: [a, b, a]) == a.union(b))
            #expect(a.intersection(b).numbers() == one.intersection(other).sorted())
            #expect(a.intersectionCount(b) == one.intersection(other).count)
            #expect(a.subtracting(b).numbers() == one.subtracting(other).sorted())
            #expect(a.isSubset(of: a.union(b)))
            #expect(a.count == one.count && a.isEmpty == one.isEmpty)
            #expect(a.first == one.min() && a.last == one.max())
            #expect(try MemberSet(serialized: a.serialized()) == a)
            for number in one.prefix(20) { #expect(a.contains(number)) }
            var again: [ProfileNumber] = []
            a.forEach { again.append($0) }
            #expect(again == one.sorted())
            again = []
            var last: ProfileNumber?
            a.forEachRange { range in
                if let last { #expect(range.lowerBound > last + 1) }
                last = range.upperBound
                again.append(contentsOf: range)
            }
            #expect(again == one.sorted())
            #expect(a.numbers(after: 10, limit: 100) == Array(one.sorted().dropFirst(10).prefix(100)))
        }
    }

    @Test func `ranges and the empty set`() throws {
        #expect(MemberSet(5..<8).numbers() == [5, 6, 7])
        #expect(MemberSet(5..<5) == .empty)
        #expect(MemberSet([.max, 0]).numbers() == [0, .max])
        #expect(try MemberSet(serialized: MemberSet.empty.serialized()).isEmpty)
        #expect("\(MemberSet(5..<8))" == "3 members")
    }

    @Test func `bytes that are not one set are refused`() throws {
        var random = SeededNumbers(seed: 8)
        let numbers = Set(0..<100).union(stride(from: 70_000, to: 90_000, by: 2)).union([
            200_000, 200_002, 300_000,
        ])
        let bytes = MemberSet(numbers.map { ProfileNumber($0) }).serialized()
        for length in 0..<bytes.count {
            #expect(throws: MatchingError.self) { try MemberSet(serialized: Array(bytes[..<length])) }
        }
        #expect(throws: MatchingError.notAMemberSet(position: bytes.count)) {
            try MemberSet(serialized: bytes + [0])
        }
        for _ in 0..<2000 {
            var damaged = bytes
            damaged[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(
                in: 1...255,
                using: &random
            )
            // A change may make another set, but never one whose counts are wrong.
            guard let set = try? MemberSet(serialized: damaged) else { continue }
            #expect(set.numbers().count == set.count)
            #expect(set.numbers() == Set(set.numbers()).sorted())
        }
    }
}
