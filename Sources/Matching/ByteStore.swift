// SPDX-License-Identifier: Apache-2.0

/// A growable run of bytes that keeps its memory between batches.
///
/// It always has room for 16 bytes beyond its capacity, so that whole words can be read and written at the end.
final class ByteStore {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private(set) var capacity: Int
    /// The bytes in use.
    var count = 0

    init(capacity: Int = 4096) {
        self.capacity = capacity
        base = .allocate(capacity: capacity + 16)
        base.initialize(repeating: 0, count: capacity + 16)
    }

    deinit {
        base.deallocate()
    }

    /// Makes room for more bytes after those in use; may move the bytes.
    @inline(__always)
    func reserve(_ more: Int) {
        if count + more > capacity { grow(to: count + more) }
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        if let source = bytes.baseAddress {
            UnsafeMutableRawPointer(base + count).copyMemory(from: source, byteCount: bytes.count)
        }
        count += bytes.count
    }

    @inline(never)
    private func grow(to needed: Int) {
        let larger = max(needed, capacity * 2)
        let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: larger + 16)
        fresh.initialize(repeating: 0, count: larger + 16)
        fresh.update(from: base, count: count)
        base.deallocate()
        base = fresh
        capacity = larger
    }
}
