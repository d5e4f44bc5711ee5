// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Logging
import NIOCore
import NIOPosix
import Problems
import ServiceLifecycle

/// An HTTP server as a service: it finishes the requests at work before it stops.
package struct WebServer: Service {
    private let routes: Router<Visit>.Responder
    private let address: ListenAddress
    private let logger: Logger
    private let started: @Sendable (ListenAddress) -> Void

    /// Prepares a server.
    ///
    /// - Parameters:
    ///   - router: What it answers, made by ``router(explaining:)``.
    ///   - address: Where it listens.
    ///   - logger: For operators.
    ///   - started: Is told the address once the server listens, with its port even if any was asked for.
    package init(
        _ router: Router<Visit>,
        on address: ListenAddress,
        logger: Logger,
        started: @escaping @Sendable (ListenAddress) -> Void
    ) {
        routes = router.buildResponder()
        self.address = address
        self.logger = logger
        self.started = started
    }

    /// A router with the conventions of all our servers, and `/health` for whoever watches them.
    ///
    /// - Parameter explain: What a person can do about an error that is no problem yet; `nil` for a fault.
    /// - Returns: The router; routes are to be added, and ``Hummingbird/Router/refuseOtherMethods()`` last.
    package static func router(explaining explain: @escaping @Sendable (any Error) -> Problem?) -> Router<
        Visit
    > {
        let router = Router(context: Visit.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: RequestLog())
        router.add(middleware: ProblemMiddleware(explain: explain))
        router.get("health") { _, _ in Answer(["status": "ok"]) }
        return router
    }

    /// Listens until a graceful shutdown.
    ///
    /// - Throws: ``Problem`` of kind `web.port-taken` or `web.address-refused`.
    package func run() async throws {
        let address = address
        let started = started
        let application = Application(
            responder: routes,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                serverName: "tallystick"
            ),
            onServerRunning: { channel in
                started(ListenAddress(host: address.host, port: channel.localAddress?.port ?? address.port))
            },
            logger: logger
        )
        do {
            try await application.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw Problem(.portTaken, "Something listens on \(address) already.", field: "listen")
        } catch let error as IOError where [EACCES, EPERM, EADDRNOTAVAIL].contains(error.errnoCode) {
            throw Problem(.addressRefused, "This machine won't listen on \(address).", field: "listen")
        } catch is SocketAddressError {
            throw Problem(.addressRefused, "There is no host \(address.host).", field: "listen")
        }
    }
}
