// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

/// An object that gets another key.
private struct Copying: Sendable {
    let status: S3ObjectStatus
    let path: RemotePath
    let key: [UInt8]
    let destination: RemotePath
    let newKey: [UInt8]
}

extension S3Bucket {
    /// Gives an object another key: a copy within the storage, then less the first; never replaces an object.
    func move(_ path: RemotePath, to destination: RemotePath) async throws(TransferError) {
        let copying = try await copying(path, to: destination)
        if let standing = try await status(of: destination) {
            // The same move may have been interrupted after its copy.
            guard path != destination, standing.byteCount == copying.status.byteCount,
                standing.modifiedNanoseconds >= copying.status.modifiedNanoseconds,
                standing.etag == copying.status.etag, standing.sha256 == copying.status.sha256
            else { throw .exists(destination) }
        } else {
            if copying.status.byteCount <= settings.pieces.singleCopyByteCount {
                try await copy(copying)
            } else {
                try await copyParts(copying)
            }
            guard let copy = try await status(of: destination) else { throw .notFound(destination) }
            let (expected, actual) = (copying.status.byteCount, copy.byteCount)
            guard actual == expected else {
                throw .sizeDiffers(destination, expected: expected, actual: actual)
            }
        }
        try await delete(path)
    }

    private func copying(_ path: RemotePath, to destination: RemotePath) async throws(TransferError)
        -> Copying
    {
        let keys = (old: try key(of: path), new: try key(of: destination))
        guard let status = try await status(of: path) else { throw .notFound(path) }
        return Copying(status: status, path: path, key: keys.old, destination: destination, newKey: keys.new)
    }

    /// Names the object to copy, in exactly the version that we looked at.
    private func sourceHeaders(_ copying: Copying) -> [(name: String, value: String)] {
        let source = "/\(settings.server.bucket)/" + URIEncoding.encode(copying.key, keepingSlashes: true)
        return [("x-amz-copy-source", source), ("x-amz-copy-source-if-match", copying.status.etag)]
    }

    private func copy(_ copying: Copying) async throws(TransferError) {
        let request = S3Request(
            method: .PUT,
            key: copying.newKey,
            path: copying.path,
            headers: writingHeaders + sourceHeaders(copying),
            accepted: [412],
            mayFailLate: true
        )
        let answer = try await client.send(request)
        guard answer.status != 412 else { throw .changedWhileReading(copying.path) }
    }

    /// Copies a large object in parts, with what we know about it.
    private func copyParts(_ copying: Copying) async throws(TransferError) {
        var headers = writingHeaders
        for (name, value) in copying.status.headers
        where name.lowercased().hasPrefix("x-amz-meta-") || name.lowercased() == "content-type" {
            headers.append((name.lowercased(), value))
        }
        let uploadID = try await begin(copying.newKey, copying.destination, headers: headers)
        do throws(TransferError) {
            let etags = try await copyRanges(copying, uploadID: uploadID)
            guard try await status(of: copying.destination) == nil else { throw .exists(copying.destination) }
            _ = try await client.send(
                completion(of: uploadID, key: copying.newKey, path: copying.destination, etags: etags)
            )
        } catch {
            await giveUp(uploadID, of: copying.newKey)
            throw error
        }
    }

    private func copyRanges(_ copying: Copying, uploadID: String) async throws(TransferError) -> [String] {
        let byteCount = copying.status.byteCount
        let size = S3Bucket.partByteCount(for: byteCount, settings.pieces.copyPartByteCount)
        let starts = Array(stride(from: 0, to: byteCount, by: size))
        var etags: [String] = []
        for (index, start) in starts.enumerated() {
            let range = "bytes=\(start)-\(min(byteCount, start + size) - 1)"
            let request = S3Request(
                method: .PUT,
                key: copying.newKey,
                path: copying.path,
                query: [("partNumber", "\(index + 1)"), ("uploadId", uploadID)],
                headers: sourceHeaders(copying) + [("x-amz-copy-source-range", range)],
                accepted: [412],
                mayFailLate: true
            )
            let answer = try await client.send(request)
            guard answer.status != 412 else { throw .changedWhileReading(copying.path) }
            guard let etag = S3Document(answer.body)?.fields["ETag"] else {
                throw .protocolFault("a part without ETag")
            }
            etags.append(etag)
        }
        return etags
    }
}
