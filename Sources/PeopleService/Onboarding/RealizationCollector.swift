// SPDX-License-Identifier: Apache-2.0

import Matching

/// Collects what the lines of a set do to each trait, in the order of the lines.
///
/// Not shared between threads. Memory is 4 bytes for each operation until there are some million, then compressed sets.
final class RealizationCollector {
    private static let operationLimit = 32 << 20

    private let traits: [Trait]
    /// For each trait the IDs it was added to or taken from: the number doubled, one more for a removal.
    @exclusivity(unchecked) private var operations: [ContiguousArray<UInt32>]
    private var changes: [RealizationStore.Change]
    @exclusivity(unchecked) private var count = 0

    /// Nothing was collected yet.
    ///
    /// - Parameter traits: All traits, as operations name them by their place.
    init(_ traits: [Trait]) {
        self.traits = traits
        operations = Array(repeating: [], count: traits.count)
        changes = Array(repeating: RealizationStore.Change(), count: traits.count)
    }

    /// Notes what a line does.
    ///
    /// - Parameters:
    ///   - batch: Trait places doubled, one more for a removal.
    ///   - number: The line's ID.
    func note(_ batch: ArraySlice<UInt32>, of number: IDNumber) {
        for operation in batch {
            operations[Int(operation / 2)].append(number &* 2 &+ operation & 1)
        }
        count += batch.count
        if count > Self.operationLimit { fold() }
    }

    /// What was collected, by trait.
    ///
    /// - Returns: The traits that are named by any line, with what happens to them.
    func finish() -> [(trait: Trait, change: RealizationStore.Change)] {
        fold()
        return traits.indices.compactMap { place in
            let change = changes[place]
            guard !change.realized.isEmpty || !change.removed.isEmpty else { return nil }
            return (traits[place], change)
        }
    }

    private func fold() {
        for place in traits.indices where !operations[place].isEmpty {
            if traits[place].isOnboarded {
                foldOnboarded(place)
            } else {
                let more = RealizationLevels(operations[place].lazy.map { $0 / 2 })
                changes[place].realized.add(more)
            }
            operations[place] = []
        }
        count = 0
    }

    /// Of an onboarded trait the last line of an ID decides.
    private func foldOnboarded(_ place: Int) {
        let builder = MemberSetBuilder()
        for operation in operations[place] {
            if operation & 1 == 0 { builder.insert(operation / 2) } else { builder.remove(operation / 2) }
        }
        let (added, removed) = (builder.added, builder.removed)
        let realized = changes[place].realized.members.subtracting(removed).union(added)
        changes[place].realized = RealizationLevels(sets: realized.isEmpty ? [] : [realized])
        changes[place].removed = changes[place].removed.subtracting(added).union(removed)
    }
}
