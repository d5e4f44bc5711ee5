// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Problems

/// Requests to the hub's HTTP API (`docs/api/people.yaml`), as far as Campaign needs it.
final class HubClient: Sendable {
    /// The largest answer that is read, in bytes.
    private static let largestAnswer = 16 << 20
    private static let pageSize = 500

    private struct Page<Item: Decodable>: Decodable {
        let list: [Item]
        let total: Int
    }

    private struct NewAudience: Encodable {
        let name: String
        let dataSourceId: Int
    }

    private struct Fault: Decodable {
        let code: String
        let detail: String
        let advice: String
    }

    private let settings: HubSettings
    private let http: HTTPClient

    init(_ settings: HubSettings) {
        self.settings = settings
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10), read: .seconds(60))
        )
        configuration.connectionPool.retryConnectionEstablishment = false
        http = HTTPClient(
            eventLoopGroupProvider: .shared(HTTPClient.defaultEventLoopGroup),
            configuration: configuration
        )
    }

    deinit {
        // Closes the idle connections in the background; no request can be under way any more.
        http.shutdown { _ in }
    }

    /// The segments of the hub.
    ///
    /// - Parameters:
    ///   - search: What a segment has in its name, description, code or number; `nil` for all.
    ///   - limit: How many at most.
    /// - Returns: Segments by name, and how many there are.
    /// - Throws: ``Problem`` of kind `hub.unreachable`, `hub.token-refused` or `hub.refused`.
    func audiences(search: String?, limit: Int) async throws -> (audiences: [HubAudience], total: Int) {
        let found: (list: [HubAudience], total: Int) = try await list(
            "/v1/audiences",
            "sortBy=name",
            search: search,
            limit: limit
        )
        return (found.list, found.total)
    }

    /// The receipts of the hub, the newest first.
    ///
    /// - Parameters:
    ///   - search: What a receipt has in its ID, its account or the names of its files; `nil` for all.
    ///   - limit: How many at most.
    /// - Returns: Receipts, and how many there are.
    /// - Throws: ``Problem`` of kind `hub.unreachable`, `hub.token-refused` or `hub.refused`.
    func receipts(search: String?, limit: Int) async throws -> (receipts: [HubReceipt], total: Int) {
        let found: (list: [HubReceipt], total: Int) = try await list(
            "/v1/receipts",
            "",
            search: search,
            limit: limit
        )
        return (found.list, found.total)
    }

    /// A list, page by page.
    private func list<Item: Decodable>(_ path: String, _ order: String, search: String?, limit: Int)
        async throws -> (list: [Item], total: Int)
    {
        var found: [Item] = []
        var total = 0
        let size = min(limit, Self.pageSize)
        for page in 0... {
            var query = "page=\(page)&pageSize=\(size)"
            if !order.isEmpty { query += "&\(order)" }
            if let search { query += "&search=\(Self.encoded(search))" }
            let part: Page<Item> = try await send(.GET, "\(path)?\(query)")
            found += part.list
            total = part.total
            guard found.count < limit, found.count < total, !part.list.isEmpty else { break }
        }
        return (Array(found.prefix(limit)), total)
    }

    /// Makes a segment to share into.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - dataSource: The number of the data source whose IDs are shared.
    /// - Returns: The segment; `nil` if the data source has one of this name already.
    /// - Throws: ``Problem`` of kind `hub.unreachable`, `hub.token-refused` or `hub.refused`.
    func make(_ name: String, dataSource: Int) async throws -> HubAudience? {
        do {
            return try await send(.POST, "/v1/audiences", NewAudience(name: name, dataSourceId: dataSource))
        } catch is Taken {
            return nil
        }
    }

    private struct Taken: Error {}

    private func send<Answer: Decodable>(
        _ method: HTTPMethod,
        _ path: String,
        _ body: (any Encodable)? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: settings.url + path)
        request.method = method
        request.headers.add(name: "authorization", value: "Bearer \(settings.token)")
        request.headers.add(name: "accept", value: "application/json")
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(data: try JSONEncoder().encode(body)))
        }
        let (status, data) = try await answer(to: request)
        guard (200..<300).contains(status) else { throw fault(status, data) }
        do {
            return try JSONDecoder().decode(Answer.self, from: data)
        } catch {
            throw Problem(.hubUnreachable, "What answers at \(settings.url) does not speak like a hub.")
        }
    }

    private func answer(to request: HTTPClientRequest) async throws -> (status: Int, body: Data) {
        do {
            let response = try await http.execute(request, timeout: .seconds(120))
            let body = try await response.body.collect(upTo: Self.largestAnswer)
            return (Int(response.status.code), Data(buffer: body))
        } catch let error as CancellationError {
            throw error
        } catch {
            let reason = (error as? HTTPClientError).map { ": \($0.shortDescription)" } ?? ""
            throw Problem(.hubUnreachable, "The hub at \(settings.url) does not answer\(reason).")
        }
    }

    /// What an answer other than 2xx means.
    private func fault(_ status: Int, _ body: Data) -> any Error {
        guard status != 401 else {
            return Problem(.hubTokenRefused, "The hub at \(settings.url) does not take the token.")
        }
        guard let fault = try? JSONDecoder().decode(Fault.self, from: body) else {
            return Problem(.hubUnreachable, "What answers at \(settings.url) is no hub (status \(status)).")
        }
        guard fault.code != "people.audience-taken" else { return Taken() }
        return Problem(
            .hubRefused,
            "The hub says: \(Self.line(fault.detail)) (\(Self.line(fault.code)))",
            advice: Self.line(fault.advice)
        )
    }

    /// A text of the hub's as a terminal can show it.
    private static func line(_ text: String) -> String {
        String(String(text.prefix(500)).map { String($0).isOneLine ? $0 : " " })
    }

    private static func encoded(_ text: String) -> String {
        let plain = CharacterSet.alphanumerics.intersection(CharacterSet(charactersIn: "\0"..."\u{7F}"))
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }
}
