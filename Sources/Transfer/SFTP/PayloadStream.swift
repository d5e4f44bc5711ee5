// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A payload on its way: read and measured away from the cooperative pool, one mebibyte at a time.
final class PayloadStream: Sendable {
    private struct State: ~Copyable {
        var position = 0
        var hasher: ContentHasher?
    }

    /// The payload's size in bytes at the moment of opening.
    let byteCount: Int

    private let source: PayloadSource
    private let state: Mutex<State>
    private let queue = BlockingQueue()

    init(_ payload: Payload) throws(TransferError) {
        source = try PayloadSource(payload)
        byteCount = source.byteCount
        state = Mutex(State(hasher: ContentHasher()))
    }

    /// The next bytes, nothing at the end.
    func next() async throws(TransferError) -> [UInt8]? {
        try await queue.run { [self] (_) throws(TransferError) in
            try state.withLock { state throws(TransferError) in
                let count = min(FileDescriptor.chunkByteCount, byteCount + 1)
                let chunk = try source.bytes(at: state.position, count: count)
                guard !chunk.isEmpty else { return nil }
                state.position += chunk.count
                state.hasher?.update(chunk[...])
                return chunk
            }
        }
    }

    /// The bytes at a position, without moving on.
    func bytes(at position: Int, count: Int) async throws(TransferError) -> [UInt8] {
        try await queue.run { [self] (_) throws(TransferError) in
            try source.bytes(at: position, count: count)
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
