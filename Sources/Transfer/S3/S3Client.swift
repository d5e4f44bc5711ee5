// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Signed requests to one bucket, tried again where that may help.
///
/// Copies of a client share their connections.
struct S3Client: Sendable {
    let settings: S3Settings
    let endpoint: S3Endpoint
    let connections: S3Connections

    /// Counts requests that are sent again, for whoever wants to know.
    var sendings: Sendings?

    private let signer: SignatureV4
    private let basePath: String

    init(_ settings: S3Settings) {
        self.settings = settings
        signer = SignatureV4(
            accessKeyID: settings.accessKeyID,
            secret: settings.secretAccessKey,
            region: settings.region
        )
        (endpoint, basePath) = S3Client.place(of: settings)
        connections = S3Connections(settings)
    }

    /// Sends a request until it is answered or its attempts are used up.
    ///
    /// - Returns: An answer of status 2xx or one that the request accepts.
    func send(_ request: S3Request) async throws(TransferError) -> S3Answer {
        var backoff = S3Backoff(self)
        while true {
            do throws(S3Fault) {
                return try await attempt(request)
            } catch {
                try await backoff.pause(after: error)
            }
        }
    }

    /// Sends a request once.
    func attempt(_ request: S3Request) async throws(S3Fault) -> S3Answer {
        let response = try await open(request)
        let body = try await collect(response, of: request)
        return S3Answer(status: Int(response.status.code), headers: response.headers, body: body)
    }

    /// Sends a request once and gives the beginning of its answer, of status 2xx or one that the request accepts.
    func open(_ request: S3Request) async throws(S3Fault) -> HTTPClientResponse {
        let message = signed(request)
        let response: HTTPClientResponse
        do {
            response = try await connections.http.execute(
                message,
                timeout: TimeAmount(answerTime(for: request))
            )
        } catch {
            throw fault(error)
        }
        let status = Int(response.status.code)
        guard !(200..<300).contains(status), !request.accepted.contains(status) else { return response }
        let body = try await read(response, limit: 1 << 20)
        throw fault(status: status, headers: response.headers, body: body, path: request.path)
    }

    /// Asks without a signature whether anything answers, for the sake of the connection alone.
    func knock() async throws(S3Fault) {
        var message = HTTPClientRequest(url: endpoint.origin + "/")
        message.method = .HEAD
        do {
            _ = try await connections.http.execute(message, timeout: TimeAmount(settings.timeouts.answer))
        } catch {
            throw fault(error)
        }
    }

    /// How long an answer may take to begin, the time to send the request's body included.
    private func answerTime(for request: S3Request) -> Duration {
        settings.timeouts.connect + settings.timeouts.answer
            + .seconds(request.body.byteCount / max(1, settings.timeouts.slowestBytesPerSecond))
    }

    private func signed(_ request: S3Request) -> HTTPClientRequest {
        let stamp = S3Time.stamp(at: settings.surroundings.now())
        let path = basePath + "/" + URIEncoding.encode(request.key ?? [], keepingSlashes: true)
        let digest = request.body.payloadSHA256
        var headers = request.headers
        headers += [("host", endpoint.authority), ("x-amz-content-sha256", digest), ("x-amz-date", stamp)]
        let authorization = signer.authorization(
            of: SignatureV4.Message(
                method: request.method.rawValue,
                path: path,
                query: request.query,
                headers: headers,
                payloadSHA256: digest
            ),
            stamp: stamp
        )
        let query = SignatureV4.encodedQuery(request.query)
        var message = HTTPClientRequest(url: endpoint.origin + path + (query.isEmpty ? "" : "?\(query)"))
        message.method = request.method
        message.headers = HTTPHeaders(headers + [("authorization", authorization)])
        message.body = request.body.body
        return message
    }

    private func collect(_ response: HTTPClientResponse, of request: S3Request) async throws(S3Fault)
        -> [UInt8]
    {
        let body = try await read(response, limit: 16 << 20)
        guard request.mayFailLate, let answer = S3Document(body), answer.root == "Error" else { return body }
        throw fault(status: 200, headers: response.headers, body: body, path: request.path)
    }

    /// Reads an answer whole.
    private func read(_ response: HTTPClientResponse, limit: Int) async throws(S3Fault) -> [UInt8] {
        var bytes: [UInt8] = []
        try await pour(response) { (chunk) throws(S3Fault) in
            guard bytes.count + chunk.readableBytes <= limit else {
                throw S3Fault(error: .protocolFault("an answer is longer than \(limit) bytes"))
            }
            bytes += chunk.readableBytesView
        }
        return bytes
    }

    /// Takes an answer's bytes as they come; a server that trickles counts as timed out.
    func pour(
        _ response: HTTPClientResponse,
        into take: (ByteBuffer) throws(S3Fault) -> Void
    ) async throws(S3Fault) {
        var pace = S3Pace(settings.timeouts)
        var iterator = response.body.makeAsyncIterator()
        while true {
            let chunk: ByteBuffer?
            do {
                chunk = try await iterator.next()
            } catch {
                throw fault(error)
            }
            guard let chunk else { return }
            try take(chunk)
            try pace.moved(chunk.readableBytes)
        }
    }

    /// Where the bucket is: a host of its own at Amazon, or a path of the endpoint.
    private static func place(of settings: S3Settings) -> (S3Endpoint, basePath: String) {
        let bucket = settings.server.bucket
        if let endpoint = settings.endpoint { return (endpoint, "/\(bucket)") }
        let domain = "s3.\(settings.region).amazonaws.com" + (settings.region.hasPrefix("cn-") ? ".cn" : "")
        // A certificate for *.s3… holds for one label only.
        guard !bucket.contains(".") else {
            return (S3Endpoint(isSecure: true, host: domain, port: 443), "/\(bucket)")
        }
        return (S3Endpoint(isSecure: true, host: "\(bucket).\(domain)", port: 443), "")
    }
}

/// Whether an answer comes fast enough.
struct S3Pace {
    private let window: Duration
    private let byteCountPerWindow: Int
    private let seconds: Double
    private var start = ContinuousClock.now
    private var byteCount = 0

    init(_ timeouts: S3Timeouts) {
        window = timeouts.answer
        seconds = timeouts.answer / .seconds(1)
        byteCountPerWindow = Int(seconds * Double(timeouts.slowestBytesPerSecond))
    }

    /// Counts bytes that came; fails where too few came in the time that an answer may pause.
    mutating func moved(_ count: Int) throws(S3Fault) {
        byteCount += count
        guard ContinuousClock.now - start >= window else { return }
        guard byteCount >= byteCountPerWindow else {
            throw S3Fault(error: .timedOut(seconds: seconds), isTransient: true)
        }
        start = .now
        byteCount = 0
    }
}
