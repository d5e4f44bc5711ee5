// SPDX-License-Identifier: Apache-2.0

@testable import Transfer

extension S3Settings {
    /// An account at a scripted server, with pauses that take no time.
    static func scripted(_ port: Int, scheme: String = "http", host: String = "127.0.0.1") throws
        -> S3Settings
    {
        var settings = try S3Settings(
            server: ReceiverServer(bucket: "bucket", folder: nil),
            accessKeyID: "AKIAEXAMPLE",
            secretAccessKey: S3Secret("not-to-be-seen"),
            region: "us-east-1",
            endpoint: S3Endpoint("\(scheme)://\(host):\(port)")
        )
        settings.surroundings.pause = { _ in }
        return settings
    }
}
