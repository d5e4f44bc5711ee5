// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOSSL
import Synchronization

/// The connections of one account, so that a stuck one never takes those of another.
///
/// All accounts share the process's event loops. The connections are closed when the last client that uses them is
/// let go.
final class S3Connections: Sendable {
    /// Whether the server has said that it knows no conditional writes.
    let lacksConditions = Atomic<Bool>(false)

    let http: HTTPClient

    init(_ settings: S3Settings) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(
                connect: TimeAmount(settings.timeouts.connect),
                read: TimeAmount(settings.timeouts.answer),
                write: TimeAmount(settings.timeouts.answer)
            ),
            connectionPool: .init(
                idleTimeout: .seconds(30),
                concurrentHTTP1ConnectionsPerHostSoftLimit: 4 * settings.pieces.parallelCount
            )
        )
        configuration.httpVersion = .http1Only
        if !settings.authorities.isEmpty {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.additionalTrustRoots = [.certificates(settings.authorities)]
            configuration.tlsConfiguration = tls
        }
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
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
