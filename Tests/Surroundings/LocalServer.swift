// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// A server of ours on this machine, as a program that uses it sees it.
package struct LocalServer: Sendable {
    private let port: UInt16
    private let token: String

    /// Names a server.
    ///
    /// - Parameters:
    ///   - port: Where it listens.
    ///   - token: What it lets in with.
    package init(port: UInt16, token: String) {
        self.port = port
        self.token = token
    }

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - method: Its method.
    ///   - path: Its path and query.
    ///   - body: JSON.
    /// - Returns: The status; `nil` when there was no answer.
    package func status(_ method: HTTPMethod, _ path: String, _ body: String? = nil) async -> Int? {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        request.headers = ["authorization": "Bearer \(token)", "content-type": "application/json"]
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        guard let answer = try? await HTTPClient.shared.execute(request, timeout: .seconds(30)),
            (try? await answer.body.collect(upTo: 1 << 20)) != nil
        else { return nil }
        return Int(answer.status.code)
    }

    /// Waits until the server answers.
    ///
    /// - Returns: Whether it did within a minute.
    package func isUp() async throws -> Bool {
        for _ in 0..<3_000 {
            if await status(.GET, "/health") == 200 { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }
}
