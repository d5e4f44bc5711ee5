// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

@testable import Transfer

/// A bucket of its own for one test, with a partner's view of it that knows nothing of S3 or of our code.
///
/// The partner speaks the server's own protocol, with a token instead of signatures.
final class S3Account: Sendable {
    let server: S3Server
    let bucket: String
    private let token: String
    private let storage: String

    static let accessKeyID = "test:tester"
    static let secret = "testing"

    init() async throws {
        server = try S3Server.shared.get()
        bucket = "test-\(UUID().uuidString.lowercased())"
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(server.port)/auth/v1.0")
        request.headers = ["x-auth-user": S3Account.accessKeyID, "x-auth-key": S3Account.secret]
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        token = answer.headers.first(name: "x-auth-token") ?? ""
        storage = answer.headers.first(name: "x-storage-url") ?? ""
        _ = try await ask(.PUT, "")
    }

    /// A way to the bucket, for a test to change in details.
    func settings(
        folder: String? = nil,
        secret: String = secret,
        port: Int? = nil,
        attempts: Int = 5
    ) throws -> S3Settings {
        var settings = try S3Settings(
            server: ReceiverServer(bucket: bucket, folder: folder.map { try RemotePath($0) }),
            accessKeyID: S3Account.accessKeyID,
            secretAccessKey: S3Secret(secret),
            region: "us-east-1",
            endpoint: S3Endpoint("http://127.0.0.1:\(port ?? server.port)")
        )
        settings.attempts = attempts
        return settings
    }

    /// A way to the bucket as the product would take it.
    func transport(_ name: String = "test") throws -> S3Transport {
        S3Transport(try settings())
    }

    /// Puts a file where a partner would.
    func put(_ contents: [UInt8], at name: String) async throws {
        _ = try await ask(.PUT, "/\(escaped(Array(name.utf8)))", body: contents)
    }

    func put(_ contents: String, at name: String) async throws {
        try await put(Array(contents.utf8), at: name)
    }

    /// Copies a file with everything known about it, as the first half of a move does.
    func copy(_ name: String, to copy: String) async throws {
        _ = try await ask(.PUT, "/\(copy)", headers: ["x-copy-from": "/\(bucket)/\(name)"])
    }

    /// Reads a file as a partner would.
    func contents(_ name: String) async throws -> [UInt8] {
        try await ask(.GET, "/\(escaped(Array(name.utf8)))")
    }

    /// The names of all objects, hidden ones included.
    func names() async throws -> [String] {
        struct Entry: Decodable { let name: String }
        let answer = try await ask(.GET, "?format=json")
        return try JSONDecoder().decode([Entry].self, from: Data(answer)).map(\.name).sorted()
    }

    /// How many pieces of uploads in parts the server keeps.
    func partCount() async throws -> Int {
        let answer = try await ask(.GET, "+segments?format=plain", accepting: [404])
        return String(decoding: answer, as: UTF8.self).split(separator: "\n").count
    }

    private func ask(
        _ method: HTTPMethod,
        _ place: String,
        headers: HTTPHeaders = [:],
        body: [UInt8] = [],
        accepting accepted: Set<UInt> = []
    ) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: "\(storage)/\(bucket)\(place)")
        request.method = method
        request.headers = headers
        request.headers.add(name: "x-auth-token", value: token)
        request.body = .bytes(ByteBuffer(bytes: body))
        var answer = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        // A server under load asks its partners to come again, too.
        for pause in [100, 300, 1_000, 3_000] where answer.status.code == 503 {
            try await Task.sleep(for: .milliseconds(pause))
            answer = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        }
        let contents = try await answer.body.collect(upTo: 1 << 30)
        if accepted.contains(answer.status.code) { return [] }
        guard (200..<300).contains(answer.status.code) else { throw Refusal(status: answer.status) }
        return Array(contents.readableBytesView)
    }

    struct Refusal: Error {
        let status: HTTPResponseStatus
    }

    private func escaped(_ bytes: [UInt8]) -> String {
        bytes.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }
}

/// Contents that look random and are the same in every run.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var numbers = SeededNumbers(seed: seed)
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        for index in stride(from: 0, to: count, by: 8) {
            var number = numbers.next()
            for place in index..<min(count, index + 8) {
                buffer[place] = UInt8(truncatingIfNeeded: number)
                number >>= 8
            }
        }
        initialized = count
    }
}
