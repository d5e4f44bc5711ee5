// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A run of ascending, distinct operations: in memory, or in a nameless file that ends with it.
final class SortedRun {
    private enum Source {
        case memory(SortBuffer, Range<Int>)
        case file(SortedBlockReader, Int32)
    }

    private let source: Source
    private var place: Int

    /// Reads a sorted range of a buffer; of the same strings the last counts.
    init(_ buffer: SortBuffer, _ range: Range<Int>) {
        source = .memory(buffer, range)
        place = range.lowerBound
    }

    /// Reads a run that was written into a nameless file.
    private init(descriptor: Int32, byteCount: Int) {
        source = .file(SortedBlockReader(descriptor: descriptor, range: 0..<byteCount), descriptor)
        place = 0
    }

    deinit {
        if case .file(_, let descriptor) = source { close(descriptor) }
    }

    /// Writes operations into a nameless file and gives the run that reads them back.
    ///
    /// - Parameters:
    ///   - directory: Where the file takes its room.
    ///   - write: Is given the writer for the operations.
    /// - Returns: The run.
    /// - Throws: What the disk answers.
    static func spill(
        in directory: String,
        _ write: (SortedBlockWriter) throws(SortedListError) -> Void
    ) throws(SortedListError) -> SortedRun {
        let descriptor = try SortedListFiles.openNameless(in: directory)
        do throws(SortedListError) {
            let blocks = SortedBlockWriter(descriptor: descriptor, isTemporary: true)
            try write(blocks)
            try blocks.finish()
            return SortedRun(descriptor: descriptor, byteCount: blocks.fileByteCount)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Goes to the next operation.
    ///
    /// - Returns: The string, valid until the next one, and whether it is to be removed; none at the end.
    /// - Throws: What the disk answers.
    func next() throws(SortedListError) -> (text: UnsafeRawBufferPointer, isRemoval: Bool)? {
        switch source {
        case .memory(let buffer, let range):
            guard place < range.upperBound else { return nil }
            let last = buffer.lastEqual(to: place, before: range.upperBound)
            place = last &+ 1
            return (buffer.text(buffer.entries[last]), buffer.entries[last].isRemoval)
        case .file(let blocks, _):
            guard try blocks.advance() else { return nil }
            return (blocks.text, blocks.isRemoval)
        }
    }
}
