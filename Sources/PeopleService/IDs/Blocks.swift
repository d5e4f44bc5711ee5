// SPDX-License-Identifier: Apache-2.0

import Matching

/// Blocks of 65,536 consecutive numbers of IDs, by number: those that hold some IDs, or all.
///
/// A compressed set keeps each block by itself, so blocks are the least that can be read or written of a set.
struct Blocks: Equatable, Sendable {
    /// How many blocks there are of all numbers that an ID can have.
    static let count = 1 << 16
    /// All blocks.
    static let all = Blocks(numbers: nil)

    /// The numbers of the blocks, ascending; `nil` for all.
    private let numbers: [Int]?

    /// The blocks that hold the members of a set.
    init(of members: MemberSet) {
        var numbers: [Int] = []
        var next = members.first
        while let number = next {
            let block = Int(number >> 16)
            numbers.append(block)
            next = block + 1 < Self.count ? members.first(from: IDNumber(block + 1) << 16) : nil
        }
        self.init(numbers: numbers)
    }

    private init(numbers: [Int]?) {
        self.numbers = numbers
    }

    /// The first of them, if there is any.
    var first: Int? { numbers.map(\.first) ?? 0 }

    /// Whether any block of a range is among them.
    func contains(anyOf range: Range<Int>) -> Bool {
        guard let numbers else { return !range.isEmpty }
        // The first one that is not below the range.
        var (low, high) = (0, numbers.count)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return low < numbers.count && numbers[low] < range.upperBound
    }

    /// Whether all blocks of others are among them.
    func contains(_ others: Blocks) -> Bool {
        guard numbers != nil else { return true }
        return others.numbers?.allSatisfy { contains(anyOf: $0..<$0 + 1) } ?? false
    }

    /// Each block by itself.
    var ranges: [Range<Int>] { numbers?.map { $0..<$0 + 1 } ?? [0..<Self.count] }
}

extension MemberSet {
    /// The members in a range of blocks.
    func members(in blocks: Range<Int>) -> MemberSet {
        guard !blocks.isEmpty else { return .empty }
        return members(in: IDNumber(blocks.lowerBound) << 16...IDNumber(blocks.upperBound - 1) << 16 | 0xFFFF)
    }
}
