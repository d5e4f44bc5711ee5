// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// The account's place in its bucket, and what is done with single objects there.
struct S3Bucket: Sendable {
    var client: S3Client

    /// What stands before the account's paths in keys: empty, or a folder with a `/` after it.
    let prefix: [UInt8]

    init(_ settings: S3Settings) {
        client = S3Client(settings)
        prefix = settings.server.folder.map { $0.bytes + [UInt8(ascii: "/")] } ?? []
    }

    var settings: S3Settings { client.settings }

    /// The longest key, in bytes (Amazon S3 user guide, "Naming Amazon S3 objects").
    private static let longestKey = 1_024

    /// The key of a file; keys are UTF-8, unlike other storage's names.
    func key(of path: RemotePath) throws(TransferError) -> [UInt8] {
        let key = prefix + path.bytes
        guard key.count <= S3Bucket.longestKey, String(validating: key, as: UTF8.self) != nil else {
            throw .unusablePath(path.spelling)
        }
        return key
    }

    /// The headers of everything that we write.
    var writingHeaders: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if settings.isEncrypted { headers.append(("x-amz-server-side-encryption", "AES256")) }
        if settings.isGrantingBucketOwner { headers.append(("x-amz-acl", "bucket-owner-full-control")) }
        return headers
    }
}

/// What the storage knows about an object.
struct S3ObjectStatus: Sendable {
    let byteCount: Int
    let modifiedNanoseconds: Int

    /// The version's name as the server spells it, in quotation marks.
    let etag: String

    /// The SHA-256 that we wrote beside the contents, in hexadecimal.
    let sha256: String?

    let headers: HTTPHeaders

    init(_ headers: HTTPHeaders) throws(TransferError) {
        guard let byteCount = headers.first(name: "content-length").flatMap({ Int($0) }), byteCount >= 0,
            let etag = headers.first(name: "etag"), !etag.isEmpty,
            let modified = headers.first(name: "last-modified").flatMap(S3Time.nanoseconds(header:))
        else { throw .protocolFault("an object without size, time or ETag") }
        self.byteCount = byteCount
        self.etag = etag
        modifiedNanoseconds = modified
        let text = headers.first(name: S3ObjectStatus.sha256Header)
        sha256 = text.flatMap { $0.utf8.count == 64 ? $0.lowercased() : nil }
        self.headers = headers
    }

    /// The header in which we keep a file's SHA-256.
    static let sha256Header = "x-amz-meta-sha256"
}

extension S3Bucket {
    /// What the storage knows about a file, nothing where there is none.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - isAskingWhy: Whether to ask for the reason of a refusal, which may be a wrong secret or a missing right.
    /// - Returns: Size, time and names of the version.
    /// - Throws: ``TransferError/denied(_:errno:)``, ``TransferError/signInRefused(detail:)`` and what the storage
    ///   answers.
    func status(
        of path: RemotePath,
        askingWhy isAskingWhy: Bool = true
    ) async throws(TransferError) -> S3ObjectStatus? {
        var request = S3Request(
            method: .HEAD,
            key: try key(of: path),
            path: path,
            headers: [("x-amz-checksum-mode", "ENABLED")],
            accepted: [404]
        )
        let answer: S3Answer
        do {
            answer = try await client.send(request)
        } catch let error where error.isUnexplained(asDenial: isAskingWhy) {
            // An answer to HEAD has no body to tell why, for example that the region is another.
            request.method = .GET
            request.headers = [("range", "bytes=0-0")]
            request.accepted = [404, 416]
            _ = try await client.send(request)
            throw error
        }
        return answer.status == 404 ? nil : try S3ObjectStatus(answer.headers)
    }

    /// Deletes an object; one that is not there counts as deleted.
    func delete(_ path: RemotePath) async throws(TransferError) {
        let request = S3Request(method: .DELETE, key: try key(of: path), path: path)
        do {
            _ = try await client.send(request)
        } catch .notFound {
            return
        }
    }
}

extension TransferError {
    /// Whether the storage refused with a status alone, which a body might explain.
    fileprivate func isUnexplained(asDenial isDenialUnclear: Bool) -> Bool {
        switch self {
        case .refused(let status, ""): status < 403
        case .denied: isDenialUnclear
        default: false
        }
    }
}
