// SPDX-License-Identifier: Apache-2.0

/// A condition of a segment rule with the bit arrays that decide it.
enum SegmentOperand {
    /// A bit for every position; missing words are zero.
    typealias Bits = ContiguousArray<UInt64>

    /// How many words are worked on at once, so that all that a condition needs stays in the cache.
    static let blockSize = 256

    /// Somebody is in one of the first arrays, and in none of the others.
    case any([Bits], but: [Bits])
    /// Somebody is in so many of the arrays.
    case counted([Bits], SegmentCondition.Count)

    /// Fetches what a condition needs.
    init<Failure: Error>(
        _ condition: SegmentCondition,
        on today: Day,
        presence: (SID) throws(Failure) -> Bits,
        realizations: (SID) throws(Failure) -> [TraitRealizations]
    ) throws(Failure) {
        if case .trait(let trait) = condition {
            self = .any([try presence(trait)], but: [])
            return
        }
        var all: [TraitRealizations] = []
        for trait in condition.traits { all.append(contentsOf: try realizations(trait)) }
        switch condition {
        case .recency(_, let window):
            // Whoever realized a trait on a later day than the window's is too recent for it.
            let days = all.filter { $0.level == 1 }
            let isUpper = if case .atMost = window { true } else { false }
            let later = isUpper ? [] : days.filter { !window.includes($0.day, on: today) }
            self = .any(
                days.filter { window.includes($0.day, on: today) }.map(\.bits),
                but: later.map(\.bits)
            )
        case .trait, .frequency(_, _, .atLeast(1)):
            self = .any(Self.bits(all, of: condition, on: today, level: 1), but: [])
        case .frequency(_, _, let count):
            self = .counted(Self.bits(all, of: condition, on: today), count)
        }
    }

    private static func bits(
        _ realizations: [TraitRealizations],
        of condition: SegmentCondition,
        on today: Day,
        level: Int? = nil
    ) -> [Bits] {
        guard case .frequency(_, let window, _) = condition else { return [] }
        return
            realizations
            .filter { level == nil || $0.level == level }
            .filter { window?.includes($0.day, on: today) ?? true }
            .map(\.bits)
    }

    /// How many blocks of scratch words ``fill(_:words:scratch:)`` needs.
    var scratchBlocks: Int {
        if case .counted(let arrays, _) = self { Self.planes(for: arrays.count) + 1 } else { 1 }
    }

    /// Writes who is in, for a block of words.
    func fill(
        _ result: UnsafeMutablePointer<UInt64>,
        words: Range<Int>,
        scratch: UnsafeMutablePointer<UInt64>
    ) {
        switch self {
        case .any(let arrays, but: let others):
            Self.fillUnion(of: arrays, result, words)
            guard !others.isEmpty else { return }
            Self.fillUnion(of: others, scratch, words)
            for word in 0..<words.count { result[word] &= ~scratch[word] }
        case .counted(let arrays, let count):
            Self.fillCounted(arrays, count, result, words, scratch)
        }
    }

    private static func fillUnion(
        of arrays: [Bits],
        _ result: UnsafeMutablePointer<UInt64>,
        _ words: Range<Int>
    ) {
        result.update(repeating: 0, count: words.count)
        for bits in arrays {
            bits.withUnsafeBufferPointer { bits in
                for word in 0..<max(0, min(words.upperBound, bits.count) - words.lowerBound) {
                    result[word] |= bits[words.lowerBound + word]
                }
            }
        }
    }

    /// The number of binary digits of a number.
    private static func planes(for number: Int) -> Int { Int.bitWidth - number.leadingZeroBitCount }

    /// Adds the arrays up in binary, one array of bits per digit for 64 positions a word, and compares the sums.
    private static func fillCounted(
        _ arrays: [Bits],
        _ count: SegmentCondition.Count,
        _ result: UnsafeMutablePointer<UInt64>,
        _ words: Range<Int>,
        _ scratch: UnsafeMutablePointer<UInt64>
    ) {
        let planeCount = planes(for: arrays.count)
        let carry = scratch + planeCount * blockSize
        scratch.update(repeating: 0, count: planeCount * blockSize)
        for (index, bits) in arrays.enumerated() {
            fillUnion(of: [bits], carry, words)
            for plane in 0..<planes(for: index + 1) {
                let digits = scratch + plane * blockSize
                for word in 0..<words.count {
                    let digit = digits[word]
                    digits[word] = digit ^ carry[word]
                    carry[word] &= digit
                }
            }
        }
        compare(count, planeCount, scratch, result, words.count)
    }

    /// Compares sums with a number, from the highest digit on.
    private static func compare(
        _ count: SegmentCondition.Count,
        _ planeCount: Int,
        _ planes: UnsafePointer<UInt64>,
        _ result: UnsafeMutablePointer<UInt64>,
        _ wordCount: Int
    ) {
        let number =
            switch count {
            case .atLeast(let number), .atMost(let number), .exactly(let number): number
            }
        let isOutOfReach = number >> planeCount > 0
        for word in 0..<wordCount {
            var greater: UInt64 = 0
            var equal: UInt64 = isOutOfReach ? 0 : .max
            for plane in (0..<planeCount).reversed() where !isOutOfReach {
                let digit = planes[plane * blockSize + word]
                if number >> plane & 1 == 1 {
                    equal &= digit
                } else {
                    greater |= equal & digit
                    equal &= ~digit
                }
            }
            switch count {
            case .atLeast: result[word] = greater | equal
            case .atMost: result[word] = ~greater
            case .exactly: result[word] = equal
            }
        }
    }
}
