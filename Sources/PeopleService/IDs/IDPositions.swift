// SPDX-License-Identifier: Apache-2.0

import Matching

/// Some IDs, each at a position from 0 in the order of their numbers: arrays over them are as short as can be.
struct IDPositions: Sendable {
    /// The IDs.
    let members: MemberSet
    /// The IDs by position, ascending.
    let numbers: [IDNumber]
    /// One bit for each number up to the largest, and how many are set before each word.
    private var words: [UInt64]
    private var before: [UInt32]

    /// Makes positions.
    init(_ members: MemberSet) {
        self.members = members
        numbers = members.numbers()
        words = Array(repeating: 0, count: numbers.last.map { Int($0) / 64 + 1 } ?? 0)
        for number in numbers { words[Int(number / 64)] |= 1 << UInt64(number % 64) }
        before = []
        before.reserveCapacity(words.count)
        var count: UInt32 = 0
        for word in words {
            before.append(count)
            count += UInt32(word.nonzeroBitCount)
        }
    }

    /// The number of positions.
    var count: Int { numbers.count }

    /// The number of words of a bit array.
    var wordCount: Int { (count + 63) / 64 }

    /// The position of an ID, if it has one.
    @inline(__always)
    func position(of number: IDNumber) -> Int? {
        let word = Int(number / 64)
        guard word < words.count, words[word] >> UInt64(number % 64) & 1 == 1 else { return nil }
        let below = words[word] & (1 << UInt64(number % 64) &- 1)
        return Int(before[word]) + below.nonzeroBitCount
    }

    /// The bits of those who are members of a set.
    func bits(of members: MemberSet) -> ContiguousArray<UInt64> {
        var bits = ContiguousArray<UInt64>(repeating: 0, count: wordCount)
        bits.withUnsafeMutableBufferPointer { bits in
            members.forEachRun { run in
                for number in run {
                    guard let position = position(of: number) else { continue }
                    bits[position / 64] |= 1 << UInt64(position % 64)
                }
            }
        }
        return bits
    }

    /// The bits of those who are in any of several sets.
    ///
    /// - Parameter sets: What was read of the sets; it is not unpacked.
    /// - Returns: A bit for each position.
    /// - Throws: `MatchingError` for a damaged piece.
    func bits(of sets: [StoredMembers]) throws -> ContiguousArray<UInt64> {
        var bits = ContiguousArray<UInt64>(repeating: 0, count: wordCount)
        try bits.withUnsafeMutableBufferPointer { bits in
            try numbers.withUnsafeBufferPointer { numbers in
                try words.withUnsafeBufferPointer { flags in
                    try before.withUnsafeBufferPointer { before in
                        for set in sets {
                            try set.find(numbers, flags: flags) { run in
                                for number in run {
                                    let word = Int(number / 64)
                                    let below = flags[word] & (1 &<< UInt64(number & 63) &- 1)
                                    let position = Int(before[word]) &+ below.nonzeroBitCount
                                    bits[position / 64] |= 1 &<< UInt64(position & 63)
                                }
                            }
                        }
                    }
                }
            }
        }
        return bits
    }

    /// The set of those whose bits are set.
    func members(_ bits: ContiguousArray<UInt64>) -> MemberSet {
        let count = bits.reduce(0) { $0 &+ $1.nonzeroBitCount }
        let found = [IDNumber](unsafeUninitializedCapacity: count) { room, filled in
            numbers.withUnsafeBufferPointer { numbers in
                var place = 0
                bits.forEachSetBit { position in
                    room[place] = numbers[position]
                    place &+= 1
                }
            }
            filled = count
        }
        return found.withUnsafeBufferPointer { MemberSet(ascending: $0) }
    }
}

extension ContiguousArray<UInt64> {
    /// Calls a function with the position of each bit that is set, ascending.
    @inline(__always)
    func forEachSetBit(_ body: (Int) -> Void) {
        withUnsafeBufferPointer { words in
            for word in 0..<words.count {
                var rest = words[word]
                while rest != 0 {
                    body(word &* 64 &+ rest.trailingZeroBitCount)
                    rest &= rest &- 1
                }
            }
        }
    }
}
