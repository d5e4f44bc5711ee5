// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Transfer

@Suite struct SignatureV4Tests {
    /// What botocore signs (`Vectors/make-signature-vectors`).
    struct Vector: Decodable, Sendable {
        let key: String
        let path: String
        let method: String
        let query: [[String]]
        let headers: [[String]]
        let payload: String
        let region: String
        let accessKeyID: String
        let secretAccessKey: String
        let stamp: String
        let canonicalRequest: String
        let authorization: String
    }

    static func vectors() throws -> [Vector] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "Vectors/signatures.json"
        )
        return try JSONDecoder().decode([Vector].self, from: Data(contentsOf: file))
    }

    @Test func `requests are signed as botocore signs them`() throws {
        let vectors = try Self.vectors()
        #expect(vectors.count >= 100)
        for vector in vectors {
            let path = "/" + URIEncoding.encode(vector.key.utf8, keepingSlashes: true)
            #expect(path == vector.path)
            let message = SignatureV4.Message(
                method: vector.method,
                path: path,
                query: vector.query.map { ($0[0], $0[1]) },
                headers: vector.headers.map { ($0[0], $0[1]) },
                payloadSHA256: vector.payload
            )
            #expect(SignatureV4.canonicalRequest(message).text == vector.canonicalRequest)
            let signer = SignatureV4(
                accessKeyID: vector.accessKeyID,
                secret: S3Secret(vector.secretAccessKey),
                region: vector.region
            )
            #expect(signer.authorization(of: message, stamp: vector.stamp) == vector.authorization)
        }
    }

    @Test func `the example of the documentation is signed as it says`() {
        // "Example: GET Object" of "Signature Calculations for the Authorization Header".
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let message = SignatureV4.Message(
            method: "GET",
            path: "/test.txt",
            headers: [
                ("Host", "examplebucket.s3.amazonaws.com"), ("Range", "bytes=0-9"),
                ("x-amz-content-sha256", empty), ("x-amz-date", "20130524T000000Z"),
            ],
            payloadSHA256: empty
        )
        let signer = SignatureV4(
            accessKeyID: "AKIAIOSFODNN7EXAMPLE",
            secret: S3Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1"
        )
        let signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        #expect(
            signer.authorization(of: message, stamp: "20130524T000000Z").hasSuffix("Signature=\(signature)")
        )
    }

    @Test func `every byte is encoded, and read back as lists write it`() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(URIEncoding.decode(URIEncoding.encode(bytes)) == bytes)
        #expect(URIEncoding.decode("a+b%2Bc%2f") == Array("a b+c/".utf8))
        #expect(URIEncoding.decode("a%2") == nil)
        #expect(URIEncoding.decode("a%zz") == nil)
    }

    @Test func `a secret shows itself nowhere`() throws {
        var settings = try S3Settings(
            server: ReceiverServer("bucket.s3.amazonaws.com"),
            accessKeyID: "id",
            secretAccessKey: S3Secret("hunter2"),
            region: "us-east-1"
        )
        settings.isEncrypted = true
        var dumped = ""
        dump(settings, to: &dumped)
        for text in [dumped, "\(settings)", String(reflecting: settings), "\(settings.secretAccessKey)"] {
            #expect(!text.contains("hunter2"))
        }
    }
}
