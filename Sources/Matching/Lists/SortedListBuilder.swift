// SPDX-License-Identifier: Apache-2.0

/// Strings (IDs, addresses) in any order and any number, to be had back ascending and distinct.
///
/// Beyond a bound, sorted runs go to nameless temporary files, which the system removes however the process ends.
/// While one half of the memory is filled, another thread sorts and writes the other half. One owner at a time.
package final class SortedListBuilder {
    /// How many operations were appended.
    package var appendCount: Int { appended }

    private static let mostRuns = 128
    private static let parallelCount = 1 << 14

    private let directory: String
    private var appended = 0
    private let halfByteLimit: Int
    private var filling: SortBuffer
    private var spill: SortSpill?
    private var runs: [SortedRun] = []

    /// Makes an empty builder; nothing is written before the memory is used up.
    ///
    /// - Parameters:
    ///   - directory: Where temporary files take their room.
    ///   - memoryByteLimit: How much memory the strings may take, in bytes, at least 64 KiB.
    package init(directory: String, memoryByteLimit: Int = 256 << 20) {
        precondition(memoryByteLimit >= 1 << 16, "room for some strings of the longest kind")
        self.directory = directory
        halfByteLimit = memoryByteLimit / 2
        filling = SortBuffer(byteLimit: halfByteLimit)
    }

    /// Appends an operation; of several on the same string the last counts.
    ///
    /// - Parameters:
    ///   - bytes: The string, 1 to ``SortedList/longestByteCount`` bytes.
    ///   - isRemoval: Whether it is to be removed, otherwise it is to be in the list.
    /// - Throws: ``SortedListError/stringLength(actual:)`` or what the disk answered.
    package func append(_ bytes: UnsafeRawBufferPointer, isRemoval: Bool = false) throws(SortedListError) {
        guard let base = bytes.baseAddress, bytes.count > 0, bytes.count <= SortedList.longestByteCount else {
            throw .stringLength(actual: bytes.count)
        }
        if !filling.fits(bytes.count) { try spillFilled() }
        filling.append(base, bytes.count, isRemoval: isRemoval)
        appended &+= 1
    }

    /// Appends all texts of a batch that are not empty, to be in the list.
    ///
    /// - Parameter batch: Texts of at most ``SortedList/longestByteCount`` bytes.
    /// - Throws: ``SortedListError/stringLength(actual:)`` or what the disk answered.
    package func append(_ batch: IDBatch) throws(SortedListError) {
        try batch.withTexts { bytes, offsets, lengths throws(SortedListError) in
            guard let base = bytes.baseAddress else { return }
            for place in offsets.indices where lengths[place] > 0 {
                let text = UnsafeRawBufferPointer(
                    start: base + Int(offsets[place]),
                    count: Int(lengths[place])
                )
                try append(text)
            }
        }
    }

    /// Ends the appending and gives what was appended, ascending and distinct; the builder is empty afterwards.
    ///
    /// - Returns: The operations.
    /// - Throws: What the disk answered, or ``SortedListError/threads``.
    package func finish() throws(SortedListError) -> SortedOperations {
        try finishSpill()
        let buffer = filling
        filling = SortBuffer(byteLimit: halfByteLimit)
        let middle = buffer.count >= Self.parallelCount ? buffer.count / 2 : 0
        if middle > 0 {
            let lower = try SortSpill(buffer, 0..<middle, directory: nil)
            buffer.sort(middle..<buffer.count)
            runs.append(try lower.run())
        } else {
            buffer.sort(0..<buffer.count)
        }
        if buffer.count > 0 { runs.append(SortedRun(buffer, middle..<buffer.count)) }
        let operations = SortedOperations(runs, appendCount: appended)
        runs = []
        appended = 0
        return operations
    }

    /// Hands the full half to another thread and goes on with the other half.
    private func spillFilled() throws(SortedListError) {
        let free = try finishSpill() ?? SortBuffer(byteLimit: halfByteLimit)
        if runs.count >= Self.mostRuns { try mergeRuns() }
        spill = try SortSpill(filling, 0..<filling.count, directory: directory)
        filling = free
    }

    /// Waits for the other thread; gives the half that is free again.
    @discardableResult
    private func finishSpill() throws(SortedListError) -> SortBuffer? {
        guard let spill else { return nil }
        self.spill = nil
        runs.append(try spill.run())
        spill.buffer.removeAll()
        return spill.buffer
    }

    /// Makes one run of all, so that the number of open files stays bounded.
    private func mergeRuns() throws(SortedListError) {
        let operations = SortedOperations(runs, appendCount: 0)
        let merged = try SortedRun.spill(in: directory) { blocks throws(SortedListError) in
            while let operation = try operations.next() {
                guard let base = operation.bytes.baseAddress else { continue }
                try blocks.append(base, operation.bytes.count, isRemoval: operation.isRemoval)
            }
        }
        runs = [merged]
    }
}
