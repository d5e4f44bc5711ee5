// SPDX-License-Identifier: Apache-2.0

import Surroundings
import Testing

@testable import Matching

@Suite struct SortedListMergeTests {
    private struct Outcome: Equatable {
        var added: [[UInt8]] = []
        var removed: [[UInt8]] = []
        var kept: [[UInt8]] = []
        var newer: [[UInt8]] = []
    }

    private func merge(
        _ older: [[UInt8]]?,
        _ operations: [NaiveOperation],
        _ mode: SortedListMerge.Mode
    ) throws -> Outcome {
        let folder = try ListFolder()
        let builder = SortedListBuilder(directory: folder.path)
        for operation in operations { try builder.append(operation) }
        let reader = try older.map { try SortedListReader(path: folder.write($0, to: "older.list")) }
        let writer = try SortedListWriter(path: "\(folder.path)/newer.list")
        let merge = SortedListMerge(
            older: reader,
            operations: try builder.finish().next,
            mode: mode,
            into: writer
        )
        var outcome = Outcome()
        var steps: [[UInt8]] = []
        try merge.forEach { step in
            steps.append(Array(step.bytes))
            switch step.change {
            case .added: outcome.added.append(Array(step.bytes))
            case .removed: outcome.removed.append(Array(step.bytes))
            case .kept: outcome.kept.append(Array(step.bytes))
            }
        }
        try writer.finish()
        outcome.newer = try folder.read("\(folder.path)/newer.list")
        #expect(merge.addedCount == outcome.added.count)
        #expect(merge.removedCount == outcome.removed.count)
        #expect(merge.keptCount == outcome.kept.count)
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
        return outcome
    }

    private func naive(
        _ older: [[UInt8]],
        _ operations: [NaiveOperation],
        _ mode: SortedListMerge.Mode
    ) -> Outcome {
        let before = Set(older)
        let last = NaiveOperation.sorted(operations)
        let wanted = Set(last.filter { !$0.isRemoval }.map(\.string))
        let unwanted = Set(last.filter(\.isRemoval).map(\.string))
        let after =
            switch mode {
            case .change: before.union(wanted).subtracting(unwanted)
            case .replacement: wanted
            }
        func sorted(_ set: Set<[UInt8]>) -> [[UInt8]] { set.sorted { $0.lexicographicallyPrecedes($1) } }
        return Outcome(
            added: sorted(after.subtracting(before)),
            removed: sorted(before.subtracting(after)),
            kept: sorted(before.intersection(after)),
            newer: sorted(after)
        )
    }

    @Test func `adding never removes, replacing removes what is no longer there`() throws {
        let operations = [NaiveOperation(string: [2]), NaiveOperation(string: [4])]
        #expect(
            try merge([[1], [2], [3]], operations, .change)
                == Outcome(added: [[4]], kept: [[1], [2], [3]], newer: [[1], [2], [3], [4]])
        )
        #expect(
            try merge([[1], [2], [3]], operations, .replacement)
                == Outcome(added: [[4]], removed: [[1], [3]], kept: [[2]], newer: [[2], [4]])
        )
    }

    @Test func `without an older list everything is added`() throws {
        let operations = [NaiveOperation(string: [2]), NaiveOperation(string: [1], isRemoval: true)]
        #expect(try merge(nil, operations, .change) == Outcome(added: [[2]], newer: [[2]]))
    }

    @Test(arguments: 0..<20) func `random merges agree with sets`(seed: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(seed))
        let older = NaiveOperation.sorted(numbers.operations(800, longest: 9, alphabet: [0, 1, 255])).map(
            \.string
        )
        let operations = numbers.operations(900, longest: 9, alphabet: [0, 1, 255])
        #expect(try merge(older, operations, .change) == naive(older, operations, .change))
        #expect(try merge(older, operations, .replacement) == naive(older, operations, .replacement))
    }
}
