// SPDX-License-Identifier: Apache-2.0

import Crypto
import NIOCore
import NIOHTTP1

/// A part of an upload, ready to be sent.
private struct UploadPart: Sendable {
    let number: Int
    let piece: PayloadPiece
    let sha256: [UInt8]
}

extension S3Bucket {
    /// The most parts that an upload may have (Amazon S3 user guide, "multipart upload limits").
    private static let partLimit = 10_000

    /// Writes a file in parts, several at once; what was begun is given up where it fails.
    ///
    /// - Returns: The new version's ETag, nothing where an object stands there that must not be replaced.
    func putParts(of upload: S3Upload) async throws(TransferError) -> String? {
        let uploadID = try await begin(upload.key, upload.path, headers: writingHeaders(for: upload))
        do throws(TransferError) {
            let etags = try await send(upload, uploadID: uploadID)
            if let etag = try await complete(upload, uploadID: uploadID, etags: etags) { return etag }
            await giveUp(uploadID, of: upload.key)
            return nil
        } catch {
            await giveUp(uploadID, of: upload.key)
            throw error
        }
    }

    /// Begins an upload in parts.
    func begin(
        _ key: [UInt8],
        _ path: RemotePath?,
        headers: [(name: String, value: String)]
    ) async throws(TransferError) -> String {
        let request = S3Request(
            method: .POST,
            key: key,
            path: path,
            query: [("uploads", "")],
            headers: headers
        )
        let answer = try await client.send(request)
        guard let id = S3Document(answer.body)?.fields["UploadId"], !id.isEmpty else {
            throw .protocolFault("an upload without an identity")
        }
        return id
    }

    /// Gives an upload up, even when the task has been cancelled.
    func giveUp(_ uploadID: String, of key: [UInt8]) async {
        // Nobody cancels this task: the storage would keep, and charge for, the parts. It is waited for.
        await Task { try? await abort(uploadID, of: key) }.value
    }

    /// Gives an upload up; one that is not there counts as given up.
    func abort(_ uploadID: String, of key: [UInt8]) async throws(TransferError) {
        let request = S3Request(method: .DELETE, key: key, query: [("uploadId", uploadID)], accepted: [404])
        _ = try await client.send(request)
    }

    /// The request that puts parts, given by their ETags in order, together to an object.
    func completion(of uploadID: String, key: [UInt8], path: RemotePath, etags: [String]) -> S3Request {
        let parts = etags.enumerated().map { index, etag in
            "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(S3Bucket.bare(etag))</ETag></Part>"
        }
        let text =
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            + parts.joined() + "</CompleteMultipartUpload>"
        return S3Request(
            method: .POST,
            key: key,
            path: path,
            query: [("uploadId", uploadID)],
            headers: [("content-type", "application/xml")],
            body: .bytes(Array(text.utf8)),
            mayFailLate: true
        )
    }

    private func complete(
        _ upload: S3Upload,
        uploadID: String,
        etags: [String]
    ) async throws(TransferError) -> String? {
        let request = completion(of: uploadID, key: upload.key, path: upload.path, etags: etags)
        do throws(TransferError) {
            guard let answer = try await sendWithoutReplacing(request, upload) else { return nil }
            return S3Document(answer.body)?.fields["ETag"] ?? ""
        } catch {
            // The first attempt may have succeeded without our hearing of it.
            guard case .refused(_, "NoSuchUpload") = error else { throw error }
            let sha256 = hexadecimal(upload.expected.sha256)
            guard let status = try await status(of: upload.path), status.sha256 == sha256 else { throw error }
            return status.etag
        }
    }

    /// Sends all parts, hashing the next while others travel.
    ///
    /// - Returns: The parts' ETags in order.
    private func send(_ upload: S3Upload, uploadID: String) async throws(TransferError) -> [String] {
        let size = S3Bucket.partByteCount(for: upload.expected.byteCount, settings.pieces.partByteCount)
        let result = await withTaskGroup(
            of: Result<(Int, String), TransferError>.self,
            returning: Result<[String], TransferError>.self
        ) { group in
            do throws(TransferError) {
                var etags: [Int: String] = [:]
                var hasher = SHA256()
                var sent = 0
                for position in stride(from: 0, to: upload.expected.byteCount, by: size) {
                    let part = try await nextPart(
                        of: upload,
                        at: position,
                        size: size,
                        number: sent + 1,
                        &hasher
                    )
                    while sent - etags.count >= settings.pieces.parallelCount, let done = await group.next() {
                        let (number, etag) = try done.get()
                        etags[number] = etag
                    }
                    group.addTask { await sending(part, of: upload, uploadID: uploadID) }
                    sent += 1
                }
                guard hasher.finalize().elementsEqual(upload.expected.sha256) else {
                    throw .checksumDiffers(upload.path)
                }
                while let done = await group.next() {
                    let (number, etag) = try done.get()
                    etags[number] = etag
                }
                return .success((1...sent).compactMap { etags[$0] })
            } catch {
                group.cancelAll()
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func sending(
        _ part: UploadPart,
        of upload: S3Upload,
        uploadID: String
    ) async -> Result<(Int, String), TransferError> {
        let request = S3Request(
            method: .PUT,
            key: upload.key,
            path: upload.path,
            query: [("partNumber", "\(part.number)"), ("uploadId", uploadID)],
            body: .piece(part.piece, sha256: part.sha256)
        )
        do throws(TransferError) {
            let answer = try await client.send(request)
            guard let etag = answer.headers.first(name: "etag") else {
                throw .protocolFault("a part without ETag")
            }
            return .success((part.number, etag))
        } catch {
            return .failure(error)
        }
    }

    /// Reads a part once to know its checksum, and takes it into that of the whole.
    private func nextPart(
        of upload: S3Upload,
        at position: Int,
        size: Int,
        number: Int,
        _ whole: inout SHA256
    ) async throws(TransferError) -> UploadPart {
        let count = min(size, upload.expected.byteCount - position)
        let start = whole
        let source = upload.source
        let path = upload.path
        let hashes = try await BlockingQueue().run { (cancellation) throws(TransferError) in
            var (whole, part) = (start, SHA256())
            for offset in stride(from: 0, to: count, by: PayloadPiece.chunkByteCount) {
                try cancellation.check()
                let wanted = min(PayloadPiece.chunkByteCount, count - offset)
                let chunk = try source.buffer(at: position + offset, count: wanted)
                guard chunk.readableBytes == wanted else {
                    let actual = position + offset + chunk.readableBytes
                    throw .sizeDiffers(path, expected: source.byteCount, actual: actual)
                }
                chunk.withUnsafeReadableBytes { bytes in
                    whole.update(bufferPointer: bytes)
                    part.update(bufferPointer: bytes)
                }
            }
            return (whole, part.finalize())
        }
        whole = hashes.0
        let piece = PayloadPiece(source: source, position: position, byteCount: count, path: path)
        return UploadPart(number: number, piece: piece, sha256: Array(hashes.1))
    }

    /// The size of parts: the usual one, or as many whole mebibytes as it takes to stay within the number of parts.
    static func partByteCount(for byteCount: Int, _ usual: Int) -> Int {
        let least = (byteCount + partLimit - 1) / partLimit
        return max(usual, ((least + (1 << 20) - 1) >> 20) << 20)
    }
}
