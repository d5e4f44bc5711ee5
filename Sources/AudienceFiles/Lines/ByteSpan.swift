// SPDX-License-Identifier: Apache-2.0

/// A stretch of bytes inside a buffer of less than 4 GiB.
package struct ByteSpan: Sendable, Hashable {
    /// The position of the first byte.
    package var offset: UInt32

    /// The number of bytes.
    package var length: UInt32

    /// The stretch from one position up to, not including, another.
    @inlinable
    package init(_ start: Int, _ end: Int) {
        offset = UInt32(truncatingIfNeeded: start)
        length = UInt32(truncatingIfNeeded: end &- start)
    }

    /// Whether there is no byte.
    @inlinable
    package var isEmpty: Bool { length == 0 }

    /// The positions of the bytes.
    @inlinable
    package var range: Range<Int> { Int(offset)..<(Int(offset) &+ Int(length)) }

    /// These bytes of the buffer that the span was made for.
    @inlinable
    package func bytes(in buffer: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[range])
    }
}
