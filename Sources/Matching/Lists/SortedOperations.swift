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
    package private(set) var distinctCount = 0

    private let runs: [SortedRun]
    /// The first bytes of the string at which each run stands.
    private let keys: UnsafeMutablePointer<UInt64>
    private let hasEnded: UnsafeMutablePointer<Bool>
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
        keys = .allocate(capacity: max(1, runs.count))
        hasEnded = .allocate(capacity: max(1, runs.count))
        hasEnded.initialize(repeating: false, count: max(1, runs.count))
        winners = .allocate(capacity: max(2, runs.count * 2))
        winners.initialize(repeating: 0, count: max(2, runs.count * 2))
        current = .allocate(byteCount: SortedList.longestByteCount, alignment: 16)
    }

    deinit {
        keys.deallocate()
        hasEnded.deallocate()
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
            guard !hasEnded[winner] else { return nil }
            let run = runs[winner]
            let text = run.text
            let isRepeated =
                keys[winner] == currentKey && distinctCount > 0 && SortedList.compare(text, currentText) == 0
            if isRepeated {
                try replay(winner)
                continue
            }
            let isRemoval = run.isRemoval
            if let base = text.baseAddress { current.copyMemory(from: base, byteCount: text.count) }
            currentCount = text.count
            currentKey = keys[winner]
            distinctCount &+= 1
            try replay(winner)
            return SortedOperation(bytes: currentText, isRemoval: isRemoval)
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
        if try runs[run].advance() {
            let text = runs[run].text
            if let base = text.baseAddress { keys[run] = SortedList.prefix(base, text.count) }
        } else {
            hasEnded[run] = true
            keys[run] = .max
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
        let leftKey = keys[left]
        let rightKey = keys[right]
        if leftKey != rightKey { return leftKey < rightKey ? left : right }
        return firstOfSimilar(left, right)
    }

    @inline(never)
    private func firstOfSimilar(_ left: Int, _ right: Int) -> Int {
        if hasEnded[left] { return right }
        if hasEnded[right] { return left }
        let order = SortedList.compare(runs[left].text, runs[right].text)
        if order == 0 { return max(left, right) }
        return order < 0 ? left : right
    }
}
