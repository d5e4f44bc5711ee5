// SPDX-License-Identifier: Apache-2.0

import Matching

/// A set of numbers as one bit each, for loops that ask about one number after the other.
struct NumberFlags {
    private var words: [UInt64] = []

    /// How many numbers are in it.
    private(set) var count = 0

    /// An empty set.
    init() {}

    /// The same numbers as those of a compressed set.
    init(_ members: MemberSet) {
        var words = [UInt64](repeating: 0, count: members.last.map { Int($0) / 64 + 1 } ?? 0)
        words.withUnsafeMutableBufferPointer { words in
            members.forEachRun { run in
                for number in run { words[Int(number / 64)] |= 1 << UInt64(number % 64) }
            }
        }
        self.words = words
        count = members.count
    }

    /// Whether a number is in it.
    @inline(__always)
    func contains(_ number: IDNumber) -> Bool {
        let word = Int(number / 64)
        return word < words.count && words[word] >> UInt64(number % 64) & 1 == 1
    }

    /// Adds a number.
    @inline(__always)
    mutating func insert(_ number: IDNumber) {
        let word = Int(number / 64)
        if word >= words.count {
            words.append(contentsOf: repeatElement(0, count: max(word + 1 - words.count, words.count / 2)))
        }
        let bit: UInt64 = 1 << UInt64(number % 64)
        if words[word] & bit == 0 {
            words[word] |= bit
            count += 1
        }
    }

    /// The same numbers as a compressed set.
    var members: MemberSet {
        let builder = MemberSetBuilder()
        for (word, bits) in words.enumerated() {
            var rest = bits
            while rest != 0 {
                builder.insert(IDNumber(word * 64 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
        return builder.added
    }
}
