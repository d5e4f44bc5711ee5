// SPDX-License-Identifier: Apache-2.0

import CRoaring

/// Collects insertions and removals of profile numbers in any order; the last operation on a number wins.
///
/// Not shared between threads. The first few thousand operations are kept as a list; then one chunk of 8 KiB of bits
/// is made for each 65,536 numbers that occur, for insertions and for removals, so numbers should be dense.
package final class MemberSetBuilder {
    /// Operations in the list before it turns into chunks.
    private static let listLimit = 4096
    private static let chunkWords = 1024

    /// Operations not yet in chunks: the number, and bit 32 for a removal.
    private var list: [UInt64] = []
    private var isDense = false
    private var chunks: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?>
    private var removedChunks: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?>
    private var chunkCount = 0

    /// Makes an empty builder.
    package init() {
        chunks = .allocate(capacity: 0)
        removedChunks = .allocate(capacity: 0)
    }

    deinit {
        for index in 0..<chunkCount {
            chunks[index]?.deallocate()
            removedChunks[index]?.deallocate()
        }
        chunks.deallocate()
        removedChunks.deallocate()
    }

    /// Makes a number a member.
    ///
    /// - Parameter number: A profile.
    package func insert(_ number: ProfileNumber) {
        if isDense { setDense(number) } else { note(UInt64(number)) }
    }

    /// Makes numbers members.
    ///
    /// - Parameter numbers: Profiles in any order.
    package func insert(contentsOf numbers: UnsafeBufferPointer<ProfileNumber>) {
        for number in numbers { insert(number) }
    }

    /// Makes the profiles of entries members.
    ///
    /// - Parameter entries: Entries of one profile each.
    package func insert(contentsOf entries: UnsafeBufferPointer<IDIndex.Entry>) {
        for entry in entries { insert(entry.value) }
    }

    /// Makes the profiles of entries no members.
    ///
    /// - Parameter entries: Entries of one profile each.
    package func remove(contentsOf entries: UnsafeBufferPointer<IDIndex.Entry>) {
        for entry in entries { remove(entry.value) }
    }

    /// Makes a number no member.
    ///
    /// - Parameter number: A profile.
    package func remove(_ number: ProfileNumber) {
        if isDense { clearDense(number) } else { note(UInt64(number) | 1 << 32) }
    }

    /// The numbers whose last operation was an insertion.
    package var added: MemberSet { members(removals: false) }

    /// The numbers whose last operation was a removal.
    package var removed: MemberSet { members(removals: true) }

    @inline(__always)
    private func setDense(_ number: UInt32) {
        let high = Int(number >> 16)
        let word = Int(number >> 6 & 1023)
        let bit: UInt64 = 1 &<< UInt64(number & 63)
        if high >= chunkCount { makeRoom(for: high) }
        let chunk = chunks[high] ?? makeChunk(&chunks[high])
        chunk[word] |= bit
        if let removed = removedChunks[high] { removed[word] &= ~bit }
    }

    @inline(__always)
    private func clearDense(_ number: UInt32) {
        let high = Int(number >> 16)
        let word = Int(number >> 6 & 1023)
        let bit: UInt64 = 1 &<< UInt64(number & 63)
        if high >= chunkCount { makeRoom(for: high) }
        let removed = removedChunks[high] ?? makeChunk(&removedChunks[high])
        removed[word] |= bit
        if let chunk = chunks[high] { chunk[word] &= ~bit }
    }

    private func note(_ operation: UInt64) {
        if list.count < Self.listLimit {
            list.append(operation)
            return
        }
        isDense = true
        for operation in list { apply(operation) }
        list = []
        apply(operation)
    }

    private func apply(_ operation: UInt64) {
        let number = UInt32(truncatingIfNeeded: operation)
        if operation >> 32 == 0 { setDense(number) } else { clearDense(number) }
    }

    @inline(never)
    private func makeChunk(_ place: inout UnsafeMutablePointer<UInt64>?) -> UnsafeMutablePointer<UInt64> {
        let chunk = UnsafeMutablePointer<UInt64>.allocate(capacity: Self.chunkWords)
        chunk.initialize(repeating: 0, count: Self.chunkWords)
        place = chunk
        return chunk
    }

    @inline(never)
    private func makeRoom(for high: Int) {
        let larger = min(65536, max(high + 1, chunkCount * 2))
        chunks = Self.extended(chunks, chunkCount, larger)
        removedChunks = Self.extended(removedChunks, chunkCount, larger)
        chunkCount = larger
    }

    private static func extended(
        _ old: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?>,
        _ count: Int,
        _ larger: Int
    ) -> UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?> {
        let fresh = UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?>.allocate(capacity: larger)
        fresh.initialize(repeating: nil, count: larger)
        fresh.update(from: old, count: count)
        old.deallocate()
        return fresh
    }

    private func members(removals: Bool) -> MemberSet {
        if isDense { return denseMembers(removals ? removedChunks : chunks) }
        var last: [UInt32: Bool] = [:]
        for operation in list { last[UInt32(truncatingIfNeeded: operation)] = operation >> 32 == 1 }
        let numbers = last.filter { $0.value == removals }.map(\.key).sorted()
        let made = roaring_bitmap_of_ptr(numbers.count, numbers)
        if let made { roaring_bitmap_run_optimize(made) }
        return MemberSet(owning: made)
    }

    /// Writes the chunks in the portable format and has the C library read it: faster than adding number by number.
    private func denseMembers(_ chunks: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?>) -> MemberSet {
        var filled: [(high: Int, chunk: UnsafeMutablePointer<UInt64>, count: Int)] = []
        for high in 0..<chunkCount {
            guard let chunk = chunks[high] else { continue }
            let count = (0..<Self.chunkWords).reduce(0) { $0 &+ chunk[$1].nonzeroBitCount }
            if count > 0 { filled.append((high, chunk, count)) }
        }
        let sizes = filled.map { $0.count > RoaringFormat.arrayLimit ? 8192 : $0.count * 2 }
        let headByteCount = 8 + filled.count * 8
        let byteCount = sizes.reduce(headByteCount, +)
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 16)
        defer { bytes.deallocate() }
        bytes.storeBytes(of: RoaringFormat.cookieWithoutRuns, as: UInt32.self)
        bytes.storeBytes(of: UInt32(filled.count), toByteOffset: 4, as: UInt32.self)
        var place = headByteCount
        for (index, container) in filled.enumerated() {
            let head = UInt32(container.high) | UInt32(container.count - 1) << 16
            bytes.storeBytes(of: head, toByteOffset: 8 + index * 4, as: UInt32.self)
            bytes.storeBytes(
                of: UInt32(truncatingIfNeeded: place),
                toByteOffset: 8 + filled.count * 4 + index * 4,
                as: UInt32.self
            )
            if container.count > RoaringFormat.arrayLimit {
                (bytes + place).copyMemory(from: container.chunk, byteCount: 8192)
            } else {
                Self.writeArray(container.chunk, to: bytes + place)
            }
            place += sizes[index]
        }
        let text = bytes.assumingMemoryBound(to: CChar.self)
        let made = roaring_bitmap_portable_deserialize_safe(text, byteCount)
        if let made { roaring_bitmap_run_optimize(made) }
        return MemberSet(owning: made)
    }

    private static func writeArray(_ chunk: UnsafeMutablePointer<UInt64>, to target: UnsafeMutableRawPointer)
    {
        var place = 0
        for word in 0..<chunkWords {
            var bits = chunk[word]
            while bits != 0 {
                let low = UInt16(truncatingIfNeeded: word &* 64 &+ bits.trailingZeroBitCount)
                target.storeBytes(of: low, toByteOffset: place, as: UInt16.self)
                place &+= 2
                bits &= bits &- 1
            }
        }
    }
}
