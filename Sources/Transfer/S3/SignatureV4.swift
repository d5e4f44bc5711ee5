// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// Signs requests to S3 with AWS Signature Version 4 ("Authenticating Requests: Using the Authorization Header").
///
/// The S3 flavour: the path is percent-encoded once and never normalised, and the payload's SHA-256 is signed.
struct SignatureV4 {
    let accessKeyID: String
    let secret: S3Secret
    let region: String

    /// The parts of a request that are signed.
    struct Message {
        /// The method in capitals.
        var method: String
        /// The path, percent-encoded.
        var path: String
        /// The query's names and values, not encoded.
        var query: [(name: String, value: String)] = []
        /// All headers to sign, `host`, `x-amz-date` and `x-amz-content-sha256` among them.
        var headers: [(name: String, value: String)]
        /// The SHA-256 of the payload in lowercase hexadecimal.
        var payloadSHA256: String
    }

    /// The `Authorization` header of a message.
    ///
    /// - Parameters:
    ///   - message: What is signed.
    ///   - stamp: The moment as in `x-amz-date`, `YYYYMMDDTHHMMSSZ`.
    /// - Returns: The header's value.
    func authorization(of message: Message, stamp: String) -> String {
        let day = String(stamp.prefix(8))
        let scope = "\(day)/\(region)/s3/aws4_request"
        let request = SignatureV4.canonicalRequest(message)
        let digest = hexadecimal(SHA256.hash(data: Data(request.text.utf8)))
        let stringToSign = "AWS4-HMAC-SHA256\n\(stamp)\n\(scope)\n\(digest)"
        let signature = hexadecimal(mac(stringToSign, key: signingKey(day: day)))
        return "AWS4-HMAC-SHA256 Credential=\(accessKeyID)/\(scope), SignedHeaders=\(request.signedHeaders), "
            + "Signature=\(signature)"
    }

    /// The message in its canonical form, and the names of its headers.
    static func canonicalRequest(_ message: Message) -> (text: String, signedHeaders: String) {
        let headers = canonicalHeaders(message.headers)
        let names = headers.map(\.name).joined(separator: ";")
        let lines = headers.map { "\($0.name):\($0.value)\n" }.joined()
        let text = [
            message.method, message.path, encodedQuery(message.query), lines, names, message.payloadSHA256,
        ]
        return (text.joined(separator: "\n"), names)
    }

    /// The query with names and values percent-encoded and sorted, as it is signed and sent.
    static func encodedQuery(_ query: [(name: String, value: String)]) -> String {
        query
            .map { (URIEncoding.encode($0.name.utf8), URIEncoding.encode($0.value.utf8)) }
            .sorted { $0 < $1 }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }

    /// The headers with lowercase names and single spaces, sorted, those of one name joined by commas.
    private static func canonicalHeaders(
        _ headers: [(name: String, value: String)]
    ) -> [(name: String, value: String)] {
        var values: [String: [String]] = [:]
        for header in headers {
            let words = header.value.split { $0 == " " || $0 == "\t" }
            values[header.name.lowercased(), default: []].append(words.joined(separator: " "))
        }
        return values.map { (name: $0.key, value: $0.value.joined(separator: ",")) }.sorted {
            $0.name < $1.name
        }
    }

    private func signingKey(day: String) -> SymmetricKey {
        var key = SymmetricKey(data: Data("AWS4\(secret.text)".utf8))
        for piece in [day, region, "s3", "aws4_request"] { key = SymmetricKey(data: mac(piece, key: key)) }
        return key
    }

    private func mac(_ text: String, key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)
    }
}
