// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Transfer

/// `transfer-bench s3`: one file to or from an S3 server; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY sign in.
struct S3Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "s3")

    @OptionGroup var transfer: BenchTransfer
    @Option(help: "The server, for example http://127.0.0.1:8080.") var endpoint: String
    @Option(help: "The bucket's name.") var bucket: String
    @Option(help: "How many parts or ranges travel at once.") var parallel: Int?
    @Option(help: "The MiB of one range.") var range: Int?

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
        try await transfer.run(by: S3Transport(settings))
    }
}
