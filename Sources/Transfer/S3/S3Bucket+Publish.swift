// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1
import Synchronization

/// A file on its way into an S3 account.
struct S3Upload: Sendable {
    let source: PayloadSource
    let path: RemotePath
    let key: [UInt8]
    let expected: Fingerprint
    let isReplacing: Bool
}

/// What stands under a key, compared with what is to stand there.
private enum Standing {
    case nothing
    case same
    case other
    /// We may not look.
    case hidden
}

extension S3Bucket {
    /// Makes contents appear under a key, whole or not at all: S3 shows an object only when it is complete.
    func publish(_ upload: S3Upload) async throws(TransferError) -> Publication {
        let (path, expected) = (upload.path, upload.expected)
        guard upload.source.byteCount == expected.byteCount else {
            throw .sizeDiffers(path, expected: expected.byteCount, actual: upload.source.byteCount)
        }
        switch try await standing(of: upload) {
        case .same: return .alreadyThere
        case .other where !upload.isReplacing: throw .exists(path)
        case .other, .nothing, .hidden: break
        }
        let etag =
            expected.byteCount <= settings.pieces.singleByteCount
            ? try await put(upload) : try await putParts(of: upload)
        guard let etag else {
            // Somebody else published under the name in the meantime.
            guard try await standing(of: upload) == .same else { throw .exists(path) }
            return .alreadyThere
        }
        try await verify(upload, etag: etag)
        return .published
    }

    /// Whether other contents stand under the key.
    func isTaken(_ upload: S3Upload) async throws(TransferError) -> Bool {
        let standing = try await standing(of: upload)
        return standing == .other || standing == .same
    }

    /// Sends a request that must not replace an object, on servers without conditions as well.
    ///
    /// - Returns: The answer, nothing where an object stands there.
    func sendWithoutReplacing(_ request: S3Request, _ upload: S3Upload) async throws(TransferError)
        -> S3Answer?
    {
        guard !upload.isReplacing else { return try await client.send(request) }
        var request = request
        if !client.connections.lacksConditions.load(ordering: .relaxed) {
            var conditional = request
            conditional.headers.append(("if-none-match", "*"))
            conditional.accepted.formUnion([412, 501])
            let answer = try await client.send(conditional)
            if answer.status == 412 { return nil }
            if answer.status != 501 { return answer }
            client.connections.lacksConditions.store(true, ordering: .relaxed)
        }
        // Without conditions, looking is the best there is.
        guard try await !isTaken(upload) else { return nil }
        request.accepted.insert(412)
        let answer = try await client.send(request)
        return answer.status == 412 ? nil : answer
    }

    /// Writes a file in one request.
    ///
    /// - Returns: The new version's ETag, nothing where an object stands there that must not be replaced.
    private func put(_ upload: S3Upload) async throws(TransferError) -> String? {
        let sha256 = upload.expected.sha256
        let piece = PayloadPiece(
            source: upload.source,
            position: 0,
            byteCount: upload.expected.byteCount,
            path: upload.path,
            expectedSHA256: sha256
        )
        let isEmpty = upload.expected.byteCount == 0
        guard !isEmpty || upload.expected == Fingerprint(of: []) else { throw .checksumDiffers(upload.path) }
        let request = S3Request(
            method: .PUT,
            key: upload.key,
            path: upload.path,
            headers: writingHeaders(for: upload),
            body: isEmpty ? .bytes([]) : .piece(piece, sha256: sha256)
        )
        let answer = try await sendWithoutReplacing(request, upload)
        return answer.map { $0.headers.first(name: "etag") ?? "" }
    }

    /// The headers of a new object.
    func writingHeaders(for upload: S3Upload) -> [(name: String, value: String)] {
        let type = (name: "content-type", value: "application/octet-stream")
        let sha256 = (name: S3ObjectStatus.sha256Header, value: hexadecimal(upload.expected.sha256))
        return writingHeaders + [type, sha256]
    }

    /// Compares what stands under the key with what is to stand there.
    private func standing(of upload: S3Upload) async throws(TransferError) -> Standing {
        let status: S3ObjectStatus?
        do {
            status = try await self.status(of: upload.path, askingWhy: false)
        } catch .denied {
            return .hidden
        }
        guard let status else { return .nothing }
        guard status.byteCount == upload.expected.byteCount else { return .other }
        if let sha256 = status.sha256 {
            return sha256 == hexadecimal(upload.expected.sha256) ? .same : .other
        }
        // Somebody else wrote it: only its contents tell.
        let object = S3Version(path: upload.path, key: upload.key, etag: status.etag)
        let reader = S3Reader(object, status: status, from: 0, bucket: self)
        var hasher = ContentHasher()
        while let chunk = try await reader.next() { hasher.update(chunk[...]) }
        return hasher.finish() == upload.expected ? .same : .other
    }

    /// Confirms that the new version stands there with the right size.
    private func verify(_ upload: S3Upload, etag: String) async throws(TransferError) {
        let status: S3ObjectStatus?
        do {
            status = try await self.status(of: upload.path, askingWhy: false)
        } catch .denied {
            // An account that may only write: the server has verified the signed checksum, and that is all we learn.
            return
        }
        let expected = upload.expected
        guard let status, status.byteCount == expected.byteCount else {
            throw .sizeDiffers(upload.path, expected: expected.byteCount, actual: status?.byteCount ?? 0)
        }
        let isOurs = etag.isEmpty || S3Bucket.bare(status.etag) == S3Bucket.bare(etag)
        guard isOurs || status.sha256 == hexadecimal(expected.sha256) else {
            throw .checksumDiffers(upload.path)
        }
    }

    /// An ETag without its quotation marks.
    static func bare(_ etag: String) -> Substring {
        etag.split(separator: "\"").last ?? ""
    }
}
