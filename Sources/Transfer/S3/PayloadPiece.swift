// SPDX-License-Identifier: Apache-2.0

import Crypto
import NIOCore

/// A stretch of a payload on its way into a request, read only as fast as the server takes it.
struct PayloadPiece: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let source: PayloadSource
    let position: Int
    let byteCount: Int

    /// The file for what errors say.
    let path: RemotePath

    /// The checksum that the piece must turn out to have, checked before its last bytes go out.
    var expectedSHA256: [UInt8]?

    /// The bytes that are read and sent at a time.
    static let chunkByteCount = 256 << 10

    func makeAsyncIterator() -> Iterator {
        Iterator(piece: self, hasher: expectedSHA256 == nil ? nil : SHA256())
    }

    struct Iterator: AsyncIteratorProtocol {
        let piece: PayloadPiece
        let queue = BlockingQueue()
        var done = 0
        var hasher: SHA256?

        mutating func next() async throws -> ByteBuffer? {
            guard done < piece.byteCount else { return nil }
            let count = Swift.min(PayloadPiece.chunkByteCount, piece.byteCount - done)
            let position = piece.position + done
            let chunk = try await queue.run { [piece] (_) throws(TransferError) in
                try piece.source.buffer(at: position, count: count)
            }
            guard chunk.readableBytes == count else {
                let size = piece.source.byteCount
                throw TransferError.sizeDiffers(
                    piece.path,
                    expected: size,
                    actual: position + chunk.readableBytes
                )
            }
            done += count
            chunk.withUnsafeReadableBytes { hasher?.update(bufferPointer: $0) }
            if done == piece.byteCount, let expected = piece.expectedSHA256, let hasher {
                guard hasher.finalize().elementsEqual(expected) else {
                    throw TransferError.checksumDiffers(piece.path)
                }
            }
            return chunk
        }
    }
}

extension PayloadSource {
    /// Reads bytes at a position in the form in which they are sent, fewer only at the payload's end; blocks.
    func buffer(at position: Int, count: Int) throws(TransferError) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        var result = Result<Int, TransferError>.success(0)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { memory in
            result = read(into: UnsafeMutableRawBufferPointer(rebasing: memory.prefix(count)), at: position)
            return (try? result.get()) ?? 0
        }
        _ = try result.get()
        return buffer
    }
}
