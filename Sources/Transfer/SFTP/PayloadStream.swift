// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A payload on its way: read and measured away from the cooperative pool, one mebibyte at a time.
final class PayloadStream: Sendable {
    private struct State: ~Copyable {
        var reader: PayloadReader
        var hasher: ContentHasher?
    }

    /// The payload's size in bytes at the moment of opening.
    let byteCount: Int

    private let state: Mutex<State>
    private let queue = BlockingQueue()

    init(_ payload: Payload) throws(TransferError) {
        let reader = try PayloadReader(payload)
        byteCount = reader.byteCount
        state = Mutex(State(reader: reader, hasher: ContentHasher()))
    }

    /// The next bytes, nothing at the end.
    func next() async throws(TransferError) -> [UInt8]? {
        try await queue.run { [self] (_) throws(TransferError) in
            try state.withLock { state throws(TransferError) in
                var buffer = [UInt8](repeating: 0, count: min(FileDescriptor.chunkByteCount, byteCount + 1))
                let count = try state.reader.read(into: &buffer)
                guard count > 0 else { return nil }
                if count < buffer.count { buffer.removeLast(buffer.count - count) }
                state.hasher?.update(buffer[...])
                return buffer
            }
        }
    }

    /// The bytes at a position, without moving on.
    func bytes(at position: Int, count: Int) async throws(TransferError) -> [UInt8] {
        try await queue.run { [self] (_) throws(TransferError) in
            try state.withLock { state throws(TransferError) in
                try state.reader.bytes(at: position, count: count)
            }
        }
    }

    /// Measures the bytes up to a position, a multiple of a mebibyte, without handing them over.
    func skip(to position: Int) async throws(TransferError) {
        var done = 0
        while done < position, let chunk = try await next() { done += chunk.count }
    }

    /// The size and SHA-256 of everything read; the stream has ended then.
    func finish() -> Fingerprint? {
        state.withLock { state in
            guard let hasher = state.hasher.take() else { return nil }
            return hasher.finish()
        }
    }
}
