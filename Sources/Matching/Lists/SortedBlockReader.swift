// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The reading of blocks of ascending strings from an open file, string by string, in bounded memory.
///
/// Checksums and every length are checked before they are used.
final class SortedBlockReader {
    /// The string at which the reader stands; valid until the next one.
    var text: UnsafeRawBufferPointer {
        @inline(__always) get { UnsafeRawBufferPointer(start: current, count: currentCount) }
    }

    /// Whether the string stands for a removal.
    private(set) var isRemoval = false

    /// How many strings were read.
    private(set) var count = 0

    private static let bufferByteCount = 1 << 18

    private let descriptor: Int32
    private let end: Int
    private let buffer: UnsafeMutableRawPointer
    private let current: UnsafeMutableRawPointer
    private var currentCount = 0
    /// Where in the file the next byte for the buffer stands.
    private var offset: Int
    private var position = 0
    private var filled = 0
    private var blockEnd = 0
    private var blockCount: UInt32 = 0

    /// Stands before the first string.
    ///
    /// - Parameters:
    ///   - descriptor: The file, open for reading; the caller closes it.
    ///   - range: Where in the file the blocks stand, in bytes.
    init(descriptor: Int32, range: Range<Int>) {
        self.descriptor = descriptor
        offset = range.lowerBound
        end = range.upperBound
        buffer = .allocate(byteCount: Self.bufferByteCount, alignment: 64)
        current = .allocate(byteCount: SortedList.longestByteCount + 8, alignment: 64)
    }

    deinit {
        buffer.deallocate()
        current.deallocate()
    }

    /// Goes to the next string; `false` at the end.
    ///
    /// - Throws: ``SortedListError/damaged(position:)``, ``SortedListError/truncated(expected:actual:)`` or what
    ///   the disk answers.
    @inline(__always)
    func advance() throws(SortedListError) -> Bool {
        if blockCount == 0 {
            guard try nextBlock() else { return false }
        }
        guard blockEnd &- position >= SortedList.recordHeaderByteCount else { throw damage }
        let shared = Int(buffer.load(fromByteOffset: position, as: UInt8.self))
        let length = UInt16(
            littleEndian: buffer.loadUnaligned(fromByteOffset: position &+ 1, as: UInt16.self)
        )
        let rest = Int(length & ~SortedList.removalBit)
        position &+= SortedList.recordHeaderByteCount
        let isSound =
            rest > 0 && rest <= blockEnd &- position && shared <= currentCount
            && shared &+ rest <= SortedList.longestByteCount
        guard isSound else { throw damage }
        (current + shared).copyMemory(from: buffer + position, byteCount: rest)
        currentCount = shared &+ rest
        isRemoval = length & SortedList.removalBit != 0
        position &+= rest
        blockCount &-= 1
        count &+= 1
        return true
    }

    private var damage: SortedListError { .damaged(position: offset - (filled - position)) }

    @inline(never)
    private func nextBlock() throws(SortedListError) -> Bool {
        guard position == blockEnd else { throw damage }
        if offset == end, position == filled { return false }
        try fill(SortedList.blockHeaderByteCount)
        let byteCount = Int(
            UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: position, as: UInt32.self))
        )
        let records = UInt32(
            littleEndian: buffer.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self)
        )
        let sum = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self))
        let wholeByteCount = SortedList.blockHeaderByteCount + byteCount
        guard byteCount > 0, records > 0, wholeByteCount <= SortedList.blockByteCount else { throw damage }
        try fill(wholeByteCount)
        let start = position + SortedList.blockHeaderByteCount
        guard SortedList.checksum(buffer + start, byteCount, seed: UInt64(records)) == sum else {
            throw damage
        }
        position = start
        blockEnd = start + byteCount
        blockCount = records
        currentCount = 0
        return true
    }

    /// Makes sure that so many bytes stand in the buffer from the position on.
    private func fill(_ needed: Int) throws(SortedListError) {
        guard filled - position < needed else { return }
        memmove(buffer, buffer + position, filled - position)
        filled -= position
        position = 0
        blockEnd = 0
        while filled < needed {
            let wanted = min(Self.bufferByteCount - filled, end - offset)
            guard wanted > 0 else { throw .truncated(expected: offset + needed - filled, actual: end) }
            let taken = pread(descriptor, buffer + filled, wanted, off_t(offset))
            if taken < 0, errno == EINTR { continue }
            guard taken >= 0 else { throw .file(operation: .read, code: errno) }
            guard taken > 0 else { throw .truncated(expected: end, actual: offset) }
            filled += taken
            offset += taken
        }
    }
}
