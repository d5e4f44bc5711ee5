// SPDX-License-Identifier: Apache-2.0

/// A piece of a file's text in a buffer that is used again.
///
/// A block belongs to whoever received it from ``LineBlockReader/next()``, until it goes back with
/// ``LineBlockReader/recycle(_:)``; after that its bytes are not to be touched.
// @unchecked: the buffer has one owner at a time, first the reader, then the receiver, and nobody writes once it is out.
package final class LineBlock: @unchecked Sendable {
    let storage: UnsafeMutableRawBufferPointer
    var filled = 0..<0

    /// Whether the block waits in the pool; guarded by the pool's lock.
    var isPooled = false

    /// The position of the block among those of its file, from 0.
    package internal(set) var index = 0

    /// The position of the first byte in the file's text, not counting a byte order mark.
    package internal(set) var byteOffset = 0

    /// The text.
    ///
    /// In a block of whole lines each line ends in a newline, except perhaps the file's last one.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: storage[filled])
    }

    /// The number of newlines in the text.
    package var newlineCount: Int {
        LineCount.newlines(in: bytes)
    }

    init(byteCount: Int) {
        storage = .allocate(byteCount: byteCount, alignment: 64)
    }

    deinit {
        storage.deallocate()
    }

    /// The free space behind the text.
    var room: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: storage[filled.upperBound...])
    }

    /// Takes these bytes as its only text.
    func replace(with bytes: UnsafeRawBufferPointer) {
        storage.copyMemory(from: bytes)
        filled = 0..<bytes.count
    }
}
