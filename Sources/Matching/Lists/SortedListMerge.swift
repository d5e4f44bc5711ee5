// SPDX-License-Identifier: Apache-2.0

/// What a merge did with a string.
package enum SortedListChange: UInt8, Sendable {
    /// It was not in the older list and is in the newer one.
    case added
    /// It was in the older list and is not in the newer one.
    case removed
    /// It is in both lists.
    case kept
}

/// An older list and sorted operations, merged into a newer list string by string.
///
/// One owner at a time.
package final class SortedListMerge {
    /// Which strings the newer list has.
    package enum Mode: Sendable {
        /// Those of the older list, without those to be removed and with the others.
        case change
        /// Those of the operations that are not to be removed, and no others.
        case replacement
    }

    /// A string and what was done with it.
    package struct Step {
        /// The string; valid until the next step.
        package let bytes: UnsafeRawBufferPointer
        /// What was done.
        package let change: SortedListChange
    }

    /// How many strings were added so far.
    package var addedCount: Int { added }
    /// How many strings were removed so far.
    package var removedCount: Int { removed }
    /// How many strings were kept so far.
    package var keptCount: Int { kept }

    private var added = 0
    private var removed = 0
    private var kept = 0
    private let older: SortedListReader?
    private let nextOperation: () throws(SortedListError) -> SortedOperation?
    private let mode: Mode
    private let newer: SortedListWriter?
    private var olderText: UnsafeRawBufferPointer?
    private var olderKey: UInt64 = 0
    private var operation: SortedOperation?
    private var operationKey: UInt64 = 0
    private var needsOlder = true
    private var needsOperation = true

    /// Prepares a merge.
    ///
    /// - Parameters:
    ///   - older: The older list; none counts as an empty one.
    ///   - operations: Gives what to do with one string after the other, ascending and distinct.
    ///   - mode: Which strings the newer list has.
    ///   - newer: Where the newer list goes; none to only see the changes. The caller finishes it.
    package init(
        older: SortedListReader?,
        operations: @escaping () throws(SortedListError) -> SortedOperation?,
        mode: Mode,
        into newer: SortedListWriter?
    ) {
        self.older = older
        nextOperation = operations
        self.mode = mode
        self.newer = newer
    }

    /// Does the next step, in ascending order of the strings.
    ///
    /// - Returns: The step; none at the end.
    /// - Throws: ``SortedListError`` when the older list is damaged, or what the disk answered.
    package func next() throws(SortedListError) -> Step? {
        while true {
            try refill()
            guard let older = olderText else {
                guard let operation else { return nil }
                needsOperation = true
                if operation.isRemoval { continue }
                return try step(operation.bytes, .added)
            }
            guard let operation else {
                needsOlder = true
                return try step(older, mode == .change ? .kept : .removed)
            }
            let order = compare(older, operation.bytes)
            if order < 0 {
                needsOlder = true
                return try step(older, mode == .change ? .kept : .removed)
            }
            needsOperation = true
            if order == 0 {
                needsOlder = true
                return try step(older, operation.isRemoval ? .removed : .kept)
            }
            if !operation.isRemoval { return try step(operation.bytes, .added) }
        }
    }

    /// Does all steps that are left.
    ///
    /// - Parameter body: Is given each step; may throw to stop.
    /// - Throws: As ``next()``, and what the function throws.
    package func forEach(_ body: (Step) throws -> Void) throws {
        while let step = try next() { try body(step) }
    }

    @inline(__always)
    private func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        if olderKey != operationKey { return olderKey < operationKey ? -1 : 1 }
        return SortedList.compare(left, right)
    }

    @inline(__always)
    private func refill() throws(SortedListError) {
        if needsOlder {
            needsOlder = false
            olderText = try older?.next()
            if let text = olderText, let base = text.baseAddress {
                olderKey = SortedList.prefix(base, text.count)
            }
        }
        if needsOperation {
            needsOperation = false
            operation = try nextOperation()
            if let text = operation?.bytes, let base = text.baseAddress {
                operationKey = SortedList.prefix(base, text.count)
            }
        }
    }

    @inline(__always)
    private func step(
        _ bytes: UnsafeRawBufferPointer,
        _ change: SortedListChange
    ) throws(SortedListError) -> Step {
        switch change {
        case .added: added &+= 1
        case .removed: removed &+= 1
        case .kept: kept &+= 1
        }
        if change != .removed { try newer?.append(bytes) }
        return Step(bytes: bytes, change: change)
    }
}
