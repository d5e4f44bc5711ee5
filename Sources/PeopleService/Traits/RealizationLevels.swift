// SPDX-License-Identifier: Apache-2.0

import Matching

/// How often each ID realized something on one day, as nested sets.
///
/// The first set holds those who did at least once, the second those who did at least twice, and so on; so counts cost
/// memory only where somebody has them.
struct RealizationLevels: Sendable, Equatable {
    /// The sets, the largest first; none is empty.
    private(set) var sets: [MemberSet]

    /// Nobody realized anything.
    init() {
        sets = []
    }

    /// Counts as they are kept.
    init(sets: [MemberSet]) {
        self.sets = sets
    }

    /// Counts from a list in which an ID occurs as often as it realized something.
    ///
    /// - Parameter numbers: IDs in any order.
    init(_ numbers: some Sequence<IDNumber>) {
        var sorted = Array(numbers)
        sorted.sort()
        var builders: [MemberSetBuilder] = []
        var start = 0
        while start < sorted.count {
            var end = start + 1
            while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
            while builders.count < end - start { builders.append(MemberSetBuilder()) }
            for level in 0..<end - start { builders[level].insert(sorted[start]) }
            start = end
        }
        sets = builders.map(\.added)
    }

    /// Those who realized it at all.
    var members: MemberSet { sets.first ?? .empty }

    /// Whether nobody did.
    var isEmpty: Bool { sets.isEmpty }

    /// Adds other realizations of the same day.
    mutating func add(_ other: RealizationLevels) {
        for set in other.sets { add(set) }
    }

    /// Adds one realization for each ID of a set.
    mutating func add(_ members: MemberSet) {
        var rest = members
        for level in sets.indices {
            guard !rest.isEmpty else { return }
            let next = sets[level].intersection(rest)
            sets[level] = sets[level].union(rest)
            rest = next
        }
        if !rest.isEmpty { sets.append(rest) }
    }

    /// Takes all realizations of other IDs away.
    mutating func keep(_ members: MemberSet) {
        sets = sets.map { $0.intersection(members) }.filter { !$0.isEmpty }
    }

    /// Takes all realizations of some IDs away.
    mutating func remove(_ members: MemberSet) {
        sets = sets.map { $0.subtracting(members) }.filter { !$0.isEmpty }
    }
}
