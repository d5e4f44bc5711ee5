// SPDX-License-Identifier: Apache-2.0

import Crypto
import Glibc
import NIOCore

/// A payload that can be read at any place, as often as needed.
final class PayloadSource: Sendable {
    let byteCount: Int

    private let contents: ByteBuffer?
    private let file: FileDescriptor?

    /// Opens a payload.
    init(_ payload: Payload) throws(TransferError) {
        switch payload {
        case .bytes(let bytes):
            contents = ByteBuffer(bytes: bytes)
            file = nil
            byteCount = bytes.count
        case .file(let path):
            do throws(SystemError) {
                let file = try FileDescriptor.opening(path: path, O_RDONLY | O_NONBLOCK)
                let status = try file.status()
                guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(EISDIR) }
                self.file = file
                contents = nil
                byteCount = Int(status.st_size)
            } catch {
                throw .localFile(errno: error.number)
            }
        }
    }

    /// Reads bytes at a position, fewer only at the payload's end; blocks while it reads.
    func read(at position: Int, count: Int) throws(TransferError) -> ByteBuffer {
        guard let file else { return contents?.getSlice(at: position, length: count) ?? ByteBuffer() }
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        var number: Int32 = 0
        while buffer.readableBytes < count {
            let done = buffer.readableBytes
            let read = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count - done) { bytes in
                let result = retrying {
                    pread(file.number, bytes.baseAddress, count - done, off_t(position + done))
                }
                if result < 0 { number = errno }
                return max(0, result)
            }
            guard number == 0 else { throw .localFile(errno: number) }
            guard read > 0 else { break }
        }
        return buffer
    }
}

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
                try piece.source.read(at: position, count: count)
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
