// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A bucket of its own for one test, and a partner's view of it that knows nothing of S3 or of our code.
///
/// The partner speaks the server's own protocol, with a token instead of signatures.
package final class PartnerBucket: Sendable {
    package let server: S3Server

    /// The bucket's name.
    package let name: String

    private let token: String
    private let storage: String

    /// Who may do everything in the bucket.
    package static let accessKeyID = "test:tester"
    package static let secret = "testing"

    /// Who may do nothing in it unless it is shared.
    package static let strangerID = "test:stranger"
    package static let strangerSecret = "strange"

    package init() async throws {
        server = try S3Server.shared.get()
        name = "test-\(UUID().uuidString.lowercased())"
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(server.port)/auth/v1.0")
        request.headers = ["x-auth-user": Self.accessKeyID, "x-auth-key": Self.secret]
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        token = answer.headers.first(name: "x-auth-token") ?? ""
        storage = answer.headers.first(name: "x-storage-url") ?? ""
        _ = try await ask(.PUT, "")
    }

    /// Puts a file where a partner would.
    package func put(_ contents: [UInt8], at name: String) async throws {
        _ = try await ask(.PUT, "/\(escaped(Array(name.utf8)))", body: contents)
    }

    package func put(_ contents: String, at name: String) async throws {
        try await put(Array(contents.utf8), at: name)
    }

    /// Copies a file with everything known about it, as the first half of a move does.
    package func copy(_ name: String, to copy: String) async throws {
        _ = try await ask(.PUT, "/\(copy)", headers: ["x-copy-from": "/\(self.name)/\(name)"])
    }

    /// Reads a file as a partner would.
    package func contents(_ name: String) async throws -> [UInt8] {
        try await ask(.GET, "/\(escaped(Array(name.utf8)))")
    }

    /// The names of all objects, hidden ones included.
    package func names() async throws -> [String] {
        struct Entry: Decodable { let name: String }
        let answer = try await ask(.GET, "?format=json")
        return try JSONDecoder().decode([Entry].self, from: Data(answer)).map(\.name).sorted()
    }

    /// How many pieces of uploads in parts the server keeps, those of finished ones included.
    package func partCount() async throws -> Int {
        let answer = try await ask(.GET, "+segments?format=plain", accepting: [404])
        return String(decoding: answer, as: UTF8.self).split(separator: "\n").count
    }

    /// Lets the stranger read, or also write, or takes these rights away again.
    package func share(reading: Bool, writing: Bool) async throws {
        let headers: HTTPHeaders = [
            "x-container-read": reading ? Self.strangerID : "",
            "x-container-write": writing ? Self.strangerID : "",
        ]
        _ = try await ask(.POST, "", headers: headers)
    }

    private func ask(
        _ method: HTTPMethod,
        _ place: String,
        headers: HTTPHeaders = [:],
        body: [UInt8] = [],
        accepting accepted: Set<UInt> = []
    ) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: "\(storage)/\(name)\(place)")
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

    package struct Refusal: Error {
        package let status: HTTPResponseStatus
    }

    private func escaped(_ bytes: [UInt8]) -> String {
        bytes.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }
}
