// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// A version of an object that is being read.
struct S3Version: Sendable {
    let path: RemotePath
    let key: [UInt8]
    let etag: String
}

/// Memory for a stretch of an object, used again for a later one.
///
/// Fresh memory costs the system more than filling it, above all where it lends it out page by page.
final class StretchMemory: Sendable {
    private let buffer: Mutex<ByteBuffer>

    init(_ buffer: ByteBuffer = ByteBuffer()) {
        self.buffer = Mutex(buffer)
    }

    /// Hands the memory to its next user, empty.
    func take(_ byteCount: Int) -> ByteBuffer {
        var taken = buffer.withLock { buffer in
            let taken = buffer
            buffer = ByteBuffer()
            return taken
        }
        taken.clear(minimumCapacity: byteCount)
        return taken
    }
}

extension S3Bucket {
    /// An attempt that brought at least this much does not count as failed.
    private static let progressByteCount = 64 << 10

    /// Reads a stretch of an object into memory, going on where a connection broke off.
    ///
    /// - Throws: ``TransferError/changedWhileReading(_:)`` where the object is no longer that version.
    func fetch(
        _ range: Range<Int>,
        of version: S3Version,
        into memory: StretchMemory
    ) async throws(TransferError) -> ByteBuffer {
        var backoff = S3Backoff(client)
        var arrived = memory.take(range.count)
        while true {
            let before = arrived.readableBytes
            do throws(S3Fault) {
                try await fill(&arrived, with: range, of: version)
                return arrived
            } catch {
                if arrived.readableBytes - before >= S3Bucket.progressByteCount { backoff.reset() }
                try await backoff.pause(after: error)
            }
        }
    }

    /// Reads the rest of a stretch in one request.
    private func fill(
        _ arrived: inout ByteBuffer,
        with range: Range<Int>,
        of version: S3Version
    ) async throws(S3Fault) {
        let start = range.lowerBound + arrived.readableBytes
        let request = S3Request(
            method: .GET,
            key: version.key,
            path: version.path,
            headers: [("range", "bytes=\(start)-\(range.upperBound - 1)"), ("if-match", version.etag)],
            accepted: [404, 412, 416]
        )
        let response = try await client.open(request)
        let status = Int(response.status.code)
        guard ![404, 412, 416].contains(status) else {
            throw S3Fault(error: .changedWhileReading(version.path))
        }
        guard status == 206,
            response.headers.first(name: "content-range")?.hasPrefix("bytes \(start)-") == true
        else {
            throw S3Fault(error: .protocolFault("another part of a file than was asked for"))
        }
        try await client.pour(response) { (chunk) throws(S3Fault) in
            guard arrived.readableBytes + chunk.readableBytes <= range.count else {
                throw S3Fault(error: .protocolFault("more of a file than was asked for"))
            }
            arrived.writeImmutableBuffer(chunk)
        }
        guard arrived.readableBytes == range.count else {
            throw S3Fault(error: .disconnected, isTransient: true)
        }
    }
}
