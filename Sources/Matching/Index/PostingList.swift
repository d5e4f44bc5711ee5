// SPDX-License-Identifier: Apache-2.0

/// The profile numbers of one key, within an index file: the words *capacity*, *count*, then the numbers, the oldest
/// first, then zeros up to the capacity.
///
/// A list of count 0 is abandoned; growing the index leaves it behind.
struct PostingList {
    /// The number of words before the numbers.
    static let headWords = 2
    static let smallestCapacity = 2

    let words: UnsafeMutablePointer<UInt32>

    /// The list that the value of an entry points to.
    init(_ index: IDIndex, _ value: UInt32) {
        words = index.postings + Int(value & ~IDIndex.listBit)
    }

    var capacity: Int { Int(words[0]) }

    var count: Int {
        get { Int(words[1]) }
        nonmutating set { words[1] = UInt32(newValue) }
    }

    var numbers: UnsafeMutableBufferPointer<UInt32> {
        UnsafeMutableBufferPointer(start: words + Self.headWords, count: count)
    }

    /// Where a number is in the list.
    func place(of number: ProfileNumber) -> Int? {
        let numbers = numbers
        let sought = SIMD16<UInt32>(repeating: number)
        let raw = UnsafeRawPointer(words + Self.headWords)
        var start = 0
        while start + 16 <= numbers.count {
            let some = raw.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<UInt32>.self)
            if any(some .== sought) { break }
            start += 16
        }
        return numbers[start...].firstIndex(of: number)
    }

    /// Takes the number at a place out and closes the gap.
    func remove(at place: Int) {
        let numbers = numbers
        for index in place..<numbers.count - 1 { numbers[index] = numbers[index + 1] }
        numbers[numbers.count - 1] = 0
        count -= 1
    }

    /// Adds a number at the end; there must be room.
    func append(_ number: ProfileNumber) {
        words[Self.headWords + count] = number
        count += 1
    }

    /// Empties the list for good.
    func abandon() {
        numbers.update(repeating: 0)
        count = 0
    }
}
