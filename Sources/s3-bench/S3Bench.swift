// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Transfer

/// Copies one file to or from an S3 server by the transport, for `Benchmarks/s3/run`.
@main
struct S3Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "s3-bench")

    /// Which way the file goes.
    enum Direction: String, ExpressibleByArgument {
        case up, down, list
    }

    @Argument(help: "up, down or list")
    var direction: Direction

    @Argument(help: "The local file.")
    var file: String

    @Argument(help: "The object's key.")
    var key: String

    @Option(help: "The server, for example http://127.0.0.1:8080.")
    var endpoint: String

    @Option(help: "The bucket's name.")
    var bucket: String

    @Option(help: "How many parts or ranges travel at once.")
    var parallel: Int?

    @Option(help: "The MiB of one range.")
    var range: Int?

    /// Copies the file; the key comes from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        var settings = try S3Settings(
            server: ReceiverServer(bucket: bucket, folder: nil),
            accessKeyID: environment["AWS_ACCESS_KEY_ID"] ?? "",
            secretAccessKey: S3Secret(environment["AWS_SECRET_ACCESS_KEY"] ?? ""),
            region: "us-east-1",
            endpoint: S3Endpoint(endpoint)
        )
        if let parallel { settings.pieces.parallelCount = parallel }
        if let range { settings.pieces.rangeByteCount = range << 20 }
        let transport = S3Transport(settings)
        let path = try RemotePath(key)
        switch direction {
        case .up:
            let expected = try Fingerprint(ofLocalFile: file)
            _ = try await transport.publish(.file(file), as: path, expecting: expected, replacing: true)
        case .down:
            let listed = try await transport.list(under: path.folder).first { $0.path == path }
            guard let listed else { throw TransferError.notFound(path) }
            _ = try await transport.download(listed, to: file)
        case .list:
            print(try await transport.list().count)
        }
    }
}
