// SPDX-License-Identifier: Apache-2.0

@testable import Transfer

extension ScriptedServer {
    static let date = "Mon, 12 Oct 2009 17:50:30 GMT"

    static func error(_ status: Int, _ code: String, inner: String = "") -> Reply {
        .answer(status, [], "<?xml version=\"1.0\"?><Error><Code>\(code)</Code>\(inner)</Error>")
    }

    static func page(_ inner: String, next: String? = nil) -> Reply {
        let end = next.map { "<NextContinuationToken>\($0)</NextContinuationToken>" } ?? ""
        return .answer(
            200,
            [],
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><EncodingType>url</EncodingType>"
                + "<IsTruncated>\(next != nil)</IsTruncated>\(end)\(inner)</ListBucketResult>"
        )
    }
}

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
