// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL

/// The S3 server of the tests behind TLS on a free port, as reverse proxies put it.
final class TLSProxy: Sendable {
    private let channel: any Channel

    /// Starts the proxy.
    ///
    /// - Parameters:
    ///   - port: The server's port on this machine.
    ///   - certificate: The file of the proxy's certificate (PEM).
    ///   - key: The file of its private key (PEM).
    /// - Throws: What NIO says.
    init(to port: UInt16, certificate: String, key: String) async throws {
        let configuration = try TLSConfiguration.makeServerConfiguration(
            certificateChain: NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(NIOSSLPrivateKey(file: key, format: .pem))
        )
        let context = try NIOSSLContext(configuration: configuration)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop)
                    .channelInitializer { server in
                        server.eventLoop.makeCompletedFuture {
                            try server.pipeline.syncOperations.addHandler(Passing(to: client))
                        }
                    }
                    .connect(host: "127.0.0.1", port: Int(port))
                    .flatMap { server in
                        client.eventLoop.makeCompletedFuture {
                            let pipeline = client.pipeline.syncOperations
                            try pipeline.addHandlers(
                                NIOSSLServerHandler(context: context),
                                Passing(to: server)
                            )
                        }
                    }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
    }

    deinit {
        channel.close(promise: nil)
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    /// Passes what one side says to the other.
    private final class Passing: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let other: any Channel

        init(to other: any Channel) {
            self.other = other
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            other.close(promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
