// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The writing of blocks of ascending strings into an open file.
final class SortedBlockWriter {
    /// How many strings were written.
    private(set) var count = 0

    /// How many bytes the file has once all is written.
    private(set) var fileByteCount: Int

    private static let bufferByteCount = 1 << 20
    private static let writebackByteCount = 1 << 23

    private let descriptor: Int32
    private let buffer: UnsafeMutableRawPointer
    private let last: UnsafeMutableRawPointer
    private var lastCount = 0
    private var blockStart = 0
    private var position = SortedList.blockHeaderByteCount
    private var blockCount: UInt32 = 0
    private let isTemporary: Bool
    private var writtenBack: Int

    /// Begins after the bytes that the file has already.
    ///
    /// - Parameters:
    ///   - descriptor: The file, open for writing at its end; the caller closes it.
    ///   - fileByteCount: How many bytes it has.
    ///   - isTemporary: Whether the file is not to last, so that the disk need not hurry.
    init(descriptor: Int32, fileByteCount: Int = 0, isTemporary: Bool = false) {
        self.descriptor = descriptor
        self.fileByteCount = fileByteCount
        self.isTemporary = isTemporary
        writtenBack = fileByteCount
        buffer = .allocate(byteCount: Self.bufferByteCount, alignment: 64)
        last = .allocate(byteCount: SortedList.longestByteCount, alignment: 64)
    }

    deinit {
        buffer.deallocate()
        last.deallocate()
    }

    /// Adds a string, which must come after all before it.
    ///
    /// - Throws: ``SortedListError/unordered(position:)`` or what the disk answers.
    func append(_ bytes: UnsafeRawPointer, _ byteCount: Int, isRemoval: Bool) throws(SortedListError) {
        let shared = SortedList.sharedByteCount(last, lastCount, bytes, byteCount)
        let isAfter =
            shared < byteCount
            && (shared == lastCount
                || last.load(fromByteOffset: shared, as: UInt8.self)
                    < bytes.load(fromByteOffset: shared, as: UInt8.self))
        guard isAfter else { throw .unordered(position: count) }
        let room = blockStart &+ SortedList.blockByteCount &- position
        if room < SortedList.recordHeaderByteCount &+ byteCount { try sealBlock() }
        let skipped = blockCount == 0 ? 0 : min(shared, 255)
        let rest = byteCount &- skipped
        let length = UInt16(truncatingIfNeeded: rest) | (isRemoval ? SortedList.removalBit : 0)
        buffer.storeBytes(of: UInt8(truncatingIfNeeded: skipped), toByteOffset: position, as: UInt8.self)
        buffer.storeBytes(of: length.littleEndian, toByteOffset: position &+ 1, as: UInt16.self)
        (buffer + (position &+ SortedList.recordHeaderByteCount))
            .copyMemory(from: bytes + skipped, byteCount: rest)
        (last + shared).copyMemory(from: bytes + shared, byteCount: byteCount &- shared)
        lastCount = byteCount
        position &+= SortedList.recordHeaderByteCount &+ rest
        blockCount &+= 1
        count &+= 1
    }

    /// Writes what is still in memory.
    func finish() throws(SortedListError) {
        if blockCount > 0 { try sealBlock() }
        try writeBuffer()
    }

    private func sealBlock() throws(SortedListError) {
        let start = blockStart + SortedList.blockHeaderByteCount
        let byteCount = UInt32(truncatingIfNeeded: position - start)
        let sum = SortedList.checksum(buffer + start, position - start, seed: UInt64(blockCount))
        buffer.storeBytes(of: byteCount.littleEndian, toByteOffset: blockStart, as: UInt32.self)
        buffer.storeBytes(of: blockCount.littleEndian, toByteOffset: blockStart + 4, as: UInt32.self)
        buffer.storeBytes(of: sum.littleEndian, toByteOffset: blockStart + 8, as: UInt64.self)
        blockStart = position
        blockCount = 0
        if Self.bufferByteCount - blockStart < SortedList.blockByteCount { try writeBuffer() }
        position = blockStart + SortedList.blockHeaderByteCount
    }

    private func writeBuffer() throws(SortedListError) {
        try SortedListFiles.write(descriptor, UnsafeRawBufferPointer(start: buffer, count: blockStart))
        fileByteCount += blockStart
        blockStart = 0
        position = SortedList.blockHeaderByteCount
        // This advice makes the disk begin to write early, so that the flush at the end is short.
        if !isTemporary, fileByteCount - writtenBack >= Self.writebackByteCount {
            let length = off_t(fileByteCount - writtenBack)
            _ = posix_fadvise(descriptor, off_t(writtenBack), length, POSIX_FADV_DONTNEED)
            writtenBack = fileByteCount
        }
    }
}
