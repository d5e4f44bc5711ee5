// SPDX-License-Identifier: Apache-2.0

extension ScriptedServer {
    /// A moment as headers give it.
    package static let date = "Mon, 12 Oct 2009 17:50:30 GMT"

    /// An error of S3.
    package static func error(_ status: Int, _ code: String, inner: String = "") -> Reply {
        .answer(status, [], "<?xml version=\"1.0\"?><Error><Code>\(code)</Code>\(inner)</Error>")
    }

    /// A page of a list of objects.
    package static func page(_ inner: String, next: String? = nil) -> Reply {
        let end = next.map { "<NextContinuationToken>\($0)</NextContinuationToken>" } ?? ""
        return .answer(
            200,
            [],
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><EncodingType>url</EncodingType>"
                + "<IsTruncated>\(next != nil)</IsTruncated>\(end)\(inner)</ListBucketResult>"
        )
    }
}
