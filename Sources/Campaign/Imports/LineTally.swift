// SPDX-License-Identifier: Apache-2.0

import Storage

/// How many lines ended in each state for each reason.
struct LineTally: Sendable {
    private var counts = [Int](repeating: 0, count: LineState.allCases.count * LineReason.allCases.count)

    /// Counts lines.
    @inline(__always)
    mutating func add(_ state: LineState, _ reason: LineReason, _ lines: Int = 1) {
        counts[Self.place(state, reason)] &+= lines
    }

    /// Adds what another tally counted.
    mutating func add(_ other: LineTally) {
        for place in counts.indices { counts[place] &+= other.counts[place] }
    }

    /// How many lines ended in a state for a reason.
    subscript(state: LineState, reason: LineReason) -> Int { counts[Self.place(state, reason)] }

    @inline(__always)
    private static func place(_ state: LineState, _ reason: LineReason) -> Int {
        state.position &* LineReason.allCases.count &+ Int(reason.rawValue)
    }
}
