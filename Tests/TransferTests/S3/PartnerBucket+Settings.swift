// SPDX-License-Identifier: Apache-2.0

import Surroundings

@testable import Transfer

extension PartnerBucket {
    /// A way to the bucket, for a test to change in details.
    func settings(
        folder: String? = nil,
        secret: String = secret,
        port: UInt16? = nil,
        attempts: Int = 5
    ) throws -> S3Settings {
        var settings = try S3Settings(
            server: ReceiverServer(bucket: name, folder: folder.map { try RemotePath($0) }),
            accessKeyID: Self.accessKeyID,
            secretAccessKey: S3Secret(secret),
            region: "us-east-1",
            endpoint: S3Endpoint("http://127.0.0.1:\(port ?? server.port)")
        )
        settings.attempts = attempts
        return settings
    }

    /// The way of a key that may do nothing in the bucket unless it is shared.
    func strangerSettings() throws -> S3Settings {
        try S3Settings(
            server: ReceiverServer(bucket: name, folder: nil),
            accessKeyID: Self.strangerID,
            secretAccessKey: S3Secret(Self.strangerSecret),
            region: "us-east-1",
            endpoint: S3Endpoint("http://127.0.0.1:\(server.port)")
        )
    }

    /// A way to the bucket that cuts files into small pieces and hardly pauses.
    func smallPieces(port: UInt16? = nil) throws -> S3Settings {
        var settings = try settings(port: port)
        settings.pieces.singleByteCount = 4 << 20
        settings.pieces.partByteCount = 2 << 20
        settings.pieces.rangeByteCount = 2 << 20
        settings.surroundings.pause = { _ in try await Task.sleep(for: .milliseconds(5)) }
        return settings
    }

    /// A way to the bucket as the product would take it.
    func transport() throws -> S3Transport {
        S3Transport(try settings())
    }
}
