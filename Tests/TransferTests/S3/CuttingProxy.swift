// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization

/// A small TCP proxy on a free loopback port that cuts connections after so many bytes.
final class CuttingProxy: Sendable {
    /// Whose bytes count.
    enum Direction: Sendable {
        case upload
        case download
    }

    private let channel: any Channel

    /// Starts a proxy.
    ///
    /// - Parameters:
    ///   - port: The loopback port to pass bytes to.
    ///   - direction: Whose bytes count.
    ///   - budgets: After how many bytes a connection is cut, one number for each cut.
    ///   - onCut: Called at each cut.
    /// - Throws: What keeps the port from being opened.
    init(
        to port: Int,
        cutting direction: Direction,
        after budgets: [Int],
        onCut: @escaping @Sendable () -> Void = {}
    ) async throws {
        let owned = Budgets(budgets)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop)
                    .channelInitializer { server in
                        server.eventLoop.makeCompletedFuture {
                            let budgets = direction == .download ? owned : nil
                            let handler = Passing(to: client, budgets: budgets, onCut: onCut)
                            try server.pipeline.syncOperations.addHandler(handler)
                        }
                    }
                    .connect(host: "127.0.0.1", port: port)
                    .flatMap { server in
                        client.eventLoop.makeCompletedFuture {
                            let budgets = direction == .upload ? owned : nil
                            let handler = Passing(to: server, budgets: budgets, onCut: onCut)
                            try client.pipeline.syncOperations.addHandler(handler)
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

    /// What is left before each cut.
    fileprivate final class Budgets: Sendable {
        private let left: Mutex<[Int]>

        init(_ budgets: [Int]) {
            left = Mutex(budgets)
        }

        /// How many of the bytes may pass before the connection is cut, nothing where it is not.
        func take(_ count: Int) -> Int? {
            left.withLock { budgets in
                guard let first = budgets.first else { return nil }
                if count < first {
                    budgets[0] -= count
                    return nil
                }
                budgets.removeFirst()
                return first
            }
        }
    }

    /// Passes what one side says to the other.
    private final class Passing: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let other: any Channel
        private let budgets: Budgets?
        private let onCut: @Sendable () -> Void

        init(to other: any Channel, budgets: Budgets?, onCut: @escaping @Sendable () -> Void) {
            self.other = other
            self.budgets = budgets
            self.onCut = onCut
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            guard let passing = budgets?.take(bytes.readableBytes) else {
                other.writeAndFlush(bytes, promise: nil)
                return
            }
            let channel = context.channel
            let rest = bytes.readSlice(length: passing) ?? ByteBuffer()
            onCut()
            other.writeAndFlush(rest).whenComplete { [other] _ in
                other.close(promise: nil)
                channel.close(promise: nil)
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            other.close(promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
