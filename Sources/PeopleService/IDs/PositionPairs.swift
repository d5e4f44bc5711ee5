// SPDX-License-Identifier: Apache-2.0

/// Pairs of positions, grouped by the first one: whom something at a position concerns.
///
/// Memory is 4 bytes for each position and 4 for each pair.
struct PositionPairs: Sendable {
    /// Where the pairs of each first position end.
    private let ends: ContiguousArray<UInt32>
    private let seconds: ContiguousArray<UInt32>

    /// Groups pairs.
    ///
    /// - Parameters:
    ///   - firsts: The first position of each pair, in any order.
    ///   - seconds: The second position of each pair.
    ///   - count: The number of positions.
    init(_ firsts: ContiguousArray<UInt32>, _ seconds: ContiguousArray<UInt32>, among count: Int) {
        precondition(firsts.count == seconds.count, "pairs have two positions")
        guard !firsts.isEmpty else {
            ends = []
            self.seconds = []
            return
        }
        var starts = ContiguousArray<UInt32>(repeating: 0, count: count + 1)
        for first in firsts { starts[Int(first) + 1] += 1 }
        for position in 0..<count { starts[position + 1] += starts[position] }
        var sorted = ContiguousArray<UInt32>(repeating: 0, count: seconds.count)
        // Each start moves on to the start of the next position, which is its end.
        for (first, second) in zip(firsts, seconds) {
            sorted[Int(starts[Int(first)])] = second
            starts[Int(first)] += 1
        }
        ends = starts
        self.seconds = sorted
    }

    /// Calls a function with each pair whose first position has its bit set.
    @inline(__always)
    func forEach(_ bits: ContiguousArray<UInt64>, _ body: (_ first: Int, _ second: Int) -> Void) {
        guard !seconds.isEmpty else { return }
        ends.withUnsafeBufferPointer { ends in
            seconds.withUnsafeBufferPointer { seconds in
                bits.forEachSetBit { first in
                    let start = first == 0 ? 0 : ends[first &- 1]
                    for pair in Int(start)..<Int(ends[first]) { body(first, Int(seconds[pair])) }
                }
            }
        }
    }
}
