// SPDX-License-Identifier: Apache-2.0

/// What is to be done with a string of a list.
package struct SortedOperation {
    /// The string; valid until the next operation is asked for.
    package let bytes: UnsafeRawBufferPointer

    /// Whether the string is to be removed, otherwise it is to be in the list.
    package let isRemoval: Bool

    /// Describes an operation.
    ///
    /// - Parameters:
    ///   - bytes: The string.
    ///   - isRemoval: Whether it is to be removed.
    package init(bytes: UnsafeRawBufferPointer, isRemoval: Bool = false) {
        self.bytes = bytes
        self.isRemoval = isRemoval
    }
}

/// Operations on distinct strings, ascending, merged from sorted runs as they are asked for.
///
/// One owner at a time.
package final class SortedOperations {
    /// How many operations were appended, repeated strings included.
    package let appendCount: Int

    /// How many distinct strings there were so far; all of them once there is no next operation.
    package var distinctCount: Int { taken }

    /// Where a run stands, beside the others, so that the games are played without reaching into the runs.
    private struct Head {
        /// The string; valid until the run goes on.
        var text = UnsafeRawBufferPointer(start: nil, count: 0)
        /// The first bytes of the string.
        var key: UInt64 = 0
        var isRemoval = false
        var hasEnded = false
    }

    private var taken = 0
    private let runs: [SortedRun]
    private let heads: UnsafeMutablePointer<Head>
    /// A tournament: node 1 holds the run with the first string, node `n` the winner of nodes `2n` and `2n+1`.
    private let winners: UnsafeMutablePointer<Int>
    private let current: UnsafeMutableRawPointer
    private var currentKey: UInt64 = 0
    private var currentCount = 0
    private var hasBegun = false

    /// Merges runs; of the same strings in several runs, that of the last run counts.
    init(_ runs: [SortedRun], appendCount: Int) {
        self.runs = runs
        self.appendCount = appendCount
        heads = .allocate(capacity: max(1, runs.count))
        heads.initialize(repeating: Head(), count: max(1, runs.count))
        winners = .allocate(capacity: max(2, runs.count * 2))
        winners.initialize(repeating: 0, count: max(2, runs.count * 2))
        current = .allocate(byteCount: SortedList.longestByteCount, alignment: 16)
    }

    deinit {
        heads.deallocate()
        winners.deallocate()
        current.deallocate()
    }

    /// Gives the next operation.
    ///
    /// - Returns: The operation; none at the end.
    /// - Throws: ``SortedListError`` when a temporary file can't be read back.
    package func next() throws(SortedListError) -> SortedOperation? {
        guard !runs.isEmpty else { return nil }
        if !hasBegun { try begin() }
        while true {
            let winner = winners[1]
            let head = heads[winner]
            guard !head.hasEnded else { return nil }
            let isRepeated =
                head.key == currentKey && taken > 0 && SortedList.compare(head.text, currentText) == 0
            if isRepeated {
                try replay(winner)
                continue
            }
            if let base = head.text.baseAddress { current.copyMemory(from: base, byteCount: head.text.count) }
            currentCount = head.text.count
            currentKey = head.key
            taken &+= 1
            try replay(winner)
            return SortedOperation(bytes: currentText, isRemoval: head.isRemoval)
        }
    }

    private var currentText: UnsafeRawBufferPointer {
        @inline(__always) get { UnsafeRawBufferPointer(start: current, count: currentCount) }
    }

    private func begin() throws(SortedListError) {
        hasBegun = true
        for run in runs.indices {
            try advance(run)
            winners[runs.count + run] = run
        }
        guard runs.count > 1 else { return winners[1] = 0 }
        for node in (1..<runs.count).reversed() {
            winners[node] = first(of: winners[node * 2], winners[node * 2 + 1])
        }
    }

    @inline(__always)
    private func advance(_ run: Int) throws(SortedListError) {
        if let (text, isRemoval) = try runs[run].next() {
            heads[run].text = text
            heads[run].isRemoval = isRemoval
            if let base = text.baseAddress { heads[run].key = SortedList.prefix(base, text.count) }
        } else {
            heads[run].hasEnded = true
            heads[run].key = .max
        }
    }

    /// Moves the winner on and plays its games again.
    @inline(__always)
    private func replay(_ winner: Int) throws(SortedListError) {
        try advance(winner)
        var node = (runs.count &+ winner) / 2
        while node >= 1, runs.count > 1 {
            winners[node] = first(of: winners[node &* 2], winners[node &* 2 &+ 1])
            node /= 2
        }
    }

    /// Which of two runs stands at the earlier string; of the same strings, the newer run.
    @inline(__always)
    private func first(of left: Int, _ right: Int) -> Int {
        let leftKey = heads[left].key
        let rightKey = heads[right].key
        if leftKey != rightKey { return leftKey < rightKey ? left : right }
        return firstOfSimilar(left, right)
    }

    @inline(never)
    private func firstOfSimilar(_ left: Int, _ right: Int) -> Int {
        if heads[left].hasEnded { return right }
        if heads[right].hasEnded { return left }
        let order = SortedList.compare(heads[left].text, heads[right].text)
        if order == 0 { return max(left, right) }
        return order < 0 ? left : right
    }
}
