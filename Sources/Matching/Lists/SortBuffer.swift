// SPDX-License-Identifier: Apache-2.0

/// Strings in memory in the order in which they came, with what is needed to sort them.
///
/// Memory is asked for once and used from its beginning, so pages that are never reached are never occupied.
final class SortBuffer {
    /// One string: the eight bytes by which it is being sorted, and where its bytes stand.
    struct Entry {
        var key: UInt64
        var offset: UInt32
        var length: UInt16
        var isRemoval: Bool
    }

    /// The bytes that an entry costs besides its string: itself, and its place while sorting.
    private static let entryByteCount = MemoryLayout<Entry>.stride * 2

    let bytes: UnsafeMutableRawPointer
    let entries: UnsafeMutablePointer<Entry>
    let scratch: UnsafeMutablePointer<Entry>
    private(set) var count = 0
    private var byteCount = 0
    private let limit: Int

    /// Makes an empty buffer.
    ///
    /// - Parameter byteLimit: The memory that it uses at most, in bytes.
    init(byteLimit: Int) {
        limit = min(byteLimit, Int(UInt32.max))
        let capacity = limit / (Self.entryByteCount + 1) + 1
        bytes = .allocate(byteCount: limit, alignment: 16)
        entries = .allocate(capacity: capacity)
        scratch = .allocate(capacity: capacity)
    }

    deinit {
        bytes.deallocate()
        entries.deallocate()
        scratch.deallocate()
    }

    /// Whether a string of that many bytes still fits.
    @inline(__always)
    func fits(_ length: Int) -> Bool {
        byteCount &+ length &+ (count &+ 1) &* Self.entryByteCount <= limit
    }

    /// Adds a string that fits.
    @inline(__always)
    func append(_ base: UnsafeRawPointer, _ length: Int, isRemoval: Bool) {
        (bytes + byteCount).copyMemory(from: base, byteCount: length)
        entries[count] = Entry(
            key: SortedList.prefix(base, length),
            offset: UInt32(truncatingIfNeeded: byteCount),
            length: UInt16(truncatingIfNeeded: length),
            isRemoval: isRemoval
        )
        count &+= 1
        byteCount &+= length
    }

    /// Takes all strings out and keeps the memory.
    func removeAll() {
        count = 0
        byteCount = 0
    }

    /// The string of an entry.
    @inline(__always)
    func text(_ entry: Entry) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + Int(entry.offset), count: Int(entry.length))
    }

    /// The place of the last of the strings that are the same as the one at a place, in a sorted range.
    @inline(__always)
    func lastEqual(to place: Int, before end: Int) -> Int {
        var place = place
        while place &+ 1 < end, entries[place].key == entries[place &+ 1].key,
            entries[place].length == entries[place &+ 1].length,
            SortedList.compare(text(entries[place]), text(entries[place &+ 1])) == 0
        {
            place &+= 1
        }
        return place
    }
}
