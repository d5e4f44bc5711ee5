// SPDX-License-Identifier: Apache-2.0

/// Bytes that are in memory already, handed out in pieces of a chosen size.
package struct MemorySource: ByteSource {
    private let bytes: [UInt8]
    private let maximumReadByteCount: Int
    private var position = 0

    /// The given bytes, at most so many at a time.
    package init(_ bytes: [UInt8], maximumReadByteCount: Int = .max) {
        precondition(maximumReadByteCount > 0, "a source hands out at least one byte at a time")
        self.bytes = bytes
        self.maximumReadByteCount = maximumReadByteCount
    }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AudienceFileError) -> Int {
        let count = min(bytes.count - position, buffer.count, maximumReadByteCount)
        buffer.copyBytes(from: bytes[position..<(position + count)])
        position += count
        return count
    }
}
