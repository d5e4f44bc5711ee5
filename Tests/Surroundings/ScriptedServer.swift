// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small HTTP server on a free loopback port that answers as a test wants.
package final class ScriptedServer: Sendable {
    /// A request as it came in.
    package struct Request: Sendable {
        package let method: HTTPMethod
        package let uri: String
        package let headers: HTTPHeaders
        package let body: [UInt8]
    }

    /// What to do about a request.
    package enum Reply: Sendable {
        case answer(Int, [(String, String)] = [], String = "")
        /// A byte every so often, of so many.
        case trickle(TimeAmount, length: Int, [(String, String)] = [])
        /// A body that breaks off.
        case cut(Int, [(String, String)], [UInt8], length: Int)
        case silence
        case hangUp
    }

    package typealias Script = @Sendable (_ request: Request, _ number: Int) -> Reply

    private let channel: any Channel
    private let seen: Log

    fileprivate final class Log: Sendable {
        let requests = Mutex<[Request]>([])
    }

    /// Starts a server; its script is told how many requests came before.
    package init(_ script: @escaping Script) async throws {
        let log = Log()
        seen = log
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(script: script, log: log))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
    }

    deinit {
        channel.close(promise: nil)
    }

    package var port: Int { channel.localAddress?.port ?? 0 }

    /// The requests so far.
    package var requests: [Request] { seen.requests.withLock { $0 } }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart

        private let script: Script
        private let log: Log
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(script: @escaping Script, log: Log) {
            self.script = script
            self.log = log
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let part):
                body += part.readableBytesView
            case .end:
                guard let head else { return }
                let request = Request(method: head.method, uri: head.uri, headers: head.headers, body: body)
                let number = log.requests.withLock { requests in
                    requests.append(request)
                    return requests.count - 1
                }
                reply(script(request, number), to: request, on: context.channel)
            }
        }

        private func reply(_ reply: Reply, to request: Request, on channel: any Channel) {
            switch reply {
            case .answer(let status, let headers, let text):
                let isHead = request.method == .HEAD
                write(status, headers, length: text.utf8.count, on: channel)
                if !isHead { channel.write(part(Array(text.utf8)), promise: nil) }
                channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
            case .trickle(let interval, let length, let headers):
                write(206, headers, length: length, on: channel)
                let task = channel.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) {
                    _ in
                    channel.writeAndFlush(
                        HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: [0x78]))),
                        promise: nil
                    )
                }
                channel.closeFuture.whenComplete { _ in task.cancel() }
            case .cut(let status, let headers, let bytes, let length):
                write(status, headers, length: length, on: channel)
                channel.writeAndFlush(part(bytes)).whenComplete { _ in channel.close(promise: nil) }
            case .silence:
                break
            case .hangUp:
                channel.close(promise: nil)
            }
        }

        private func part(_ bytes: [UInt8]) -> HTTPServerResponsePart {
            .body(.byteBuffer(ByteBuffer(bytes: bytes)))
        }

        private func write(
            _ status: Int,
            _ headers: [(String, String)],
            length: Int,
            on channel: any Channel
        ) {
            var headers = HTTPHeaders(headers)
            if !headers.contains(name: "content-length") {
                headers.add(name: "content-length", value: "\(length)")
            }
            let head = HTTPResponseHead(
                version: .http1_1,
                status: HTTPResponseStatus(statusCode: status),
                headers: headers
            )
            channel.writeAndFlush(HTTPServerResponsePart.head(head), promise: nil)
        }
    }
}
