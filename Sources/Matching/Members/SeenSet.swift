// SPDX-License-Identifier: Apache-2.0

/// Which entries of an index a run has met already: one bit for each position; not shared between threads.
package final class SeenSet {
    private let words: UnsafeMutablePointer<UInt64>
    private let wordCount: Int
    /// The number of positions met.
    package private(set) var count = 0

    /// Makes a set with no position met.
    ///
    /// - Parameter positionCount: The number of positions, see ``IDIndex/positionCount``.
    package init(positionCount: Int) {
        wordCount = positionCount / 64 + 1
        words = .allocate(capacity: wordCount)
        words.initialize(repeating: 0, count: wordCount)
    }

    deinit {
        words.deallocate()
    }

    /// Notes that an entry was met.
    ///
    /// - Parameter entry: An entry that was found.
    /// - Returns: Whether it was met for the first time.
    @discardableResult
    package func insert(_ entry: IDIndex.Entry) -> Bool { insert(position: entry.position) }

    /// Notes that a position was met.
    ///
    /// - Parameter position: A position below the number of positions.
    /// - Returns: Whether it was met for the first time.
    @discardableResult
    package func insert(position: UInt32) -> Bool {
        let word = Int(position >> 6)
        precondition(word < wordCount, "a position of the index")
        let bit: UInt64 = 1 &<< UInt64(position & 63)
        guard words[word] & bit == 0 else { return false }
        words[word] |= bit
        count &+= 1
        return true
    }

    /// Notes that entries were met, one after the other.
    ///
    /// - Parameter entries: Entries that were found.
    /// - Returns: How many were met for the first time.
    package func insert(contentsOf entries: UnsafeBufferPointer<IDIndex.Entry>) -> Int {
        let words = words
        var newCount = 0
        for entry in entries {
            let word = Int(entry.position >> 6)
            precondition(word < wordCount, "a position of the index")
            let bit = UInt64(entry.position & 63)
            // No branch on the bit, so that the reads of many entries overlap.
            let old = words[word]
            words[word] = old | 1 &<< bit
            newCount &+= Int(truncatingIfNeeded: ~(old &>> bit) & 1)
        }
        count &+= newCount
        return newCount
    }

    /// Forgets all positions.
    package func removeAll() {
        words.update(repeating: 0, count: wordCount)
        count = 0
    }
}
