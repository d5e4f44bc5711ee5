// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Crypto
import Foundation
import NIOCore
import NIOHTTP1

/// A request to the bucket or to one object of it, before it is signed.
struct S3Request: Sendable {
    var method: HTTPMethod

    /// The object's key, nothing for the bucket itself.
    var key: [UInt8]?

    /// The file that the request is about, for what errors say.
    var path: RemotePath?

    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body = Body.none

    /// Statuses that are answers to the caller rather than failures.
    var accepted: Set<Int> = []

    /// Whether an answer of status 200 may hold an error all the same, as those of copying and completing do.
    var mayFailLate = false

    /// What a request carries.
    enum Body: Sendable {
        case none
        case bytes([UInt8])
        case piece(PayloadPiece, sha256: [UInt8])
    }
}

extension S3Request.Body {
    var byteCount: Int {
        switch self {
        case .none: 0
        case .bytes(let bytes): bytes.count
        case .piece(let piece, _): piece.byteCount
        }
    }

    /// The SHA-256 that is signed, in hexadecimal.
    var payloadSHA256: String {
        switch self {
        case .none: hexadecimal(SHA256.hash(data: Data()))
        case .bytes(let bytes): hexadecimal(SHA256.hash(data: bytes))
        case .piece(_, let sha256): hexadecimal(sha256)
        }
    }

    var body: HTTPClientRequest.Body? {
        switch self {
        case .none: nil
        case .bytes(let bytes): .bytes(ByteBuffer(bytes: bytes))
        case .piece(let piece, _): .stream(piece, length: .known(Int64(piece.byteCount)))
        }
    }
}

/// What a server answered, as a whole.
struct S3Answer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]
}

/// Why one attempt failed, and whether another may succeed.
struct S3Fault: Error {
    let error: TransferError
    var isTransient = false

    /// How long the server asks us to wait.
    var wait: Duration?
}
