// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transfer

@Suite struct ReceiverServerTests {
    @Test(arguments: [
        ("partner-drop.s3.amazonaws.com", "partner-drop", nil),
        ("partner-drop.s3.amazonaws.com/", "partner-drop", nil),
        ("partner-drop.s3.amazonaws.com/in/2024", "partner-drop", "in/2024"),
        ("https://partner-drop.s3.amazonaws.com/in/", "partner-drop", "in"),
        ("my.dotted.bucket.s3.amazonaws.com/a b", "my.dotted.bucket", "a b"),
        ("Partner.S3.amazonaws.com/In", "partner", "In"),
    ])
    func `the documented spelling is read`(_ text: String, _ bucket: String, _ folder: String?) throws {
        let server = try ReceiverServer(text)
        #expect(server.bucket == bucket)
        #expect(server.folder?.spelling == folder)
        #expect(server.spelling == "\(bucket).s3.amazonaws.com" + (folder.map { "/\($0)" } ?? ""))
    }

    @Test(arguments: [
        "drop.s3.us-east-2.amazonaws.com/in", "drop.s3-us-east-2.amazonaws.com/in",
        "drop.s3.dualstack.us-east-2.amazonaws.com/in", "drop.s3.cn-north-1.amazonaws.com.cn/in",
        "s3.amazonaws.com/drop/in", "s3.us-east-2.amazonaws.com/drop/in",
        "s3-us-east-2.amazonaws.com/drop/in",
        "https://s3.us-east-2.amazonaws.com/drop/in",
    ])
    func `with a region or the bucket in the path, the right spelling is told`(_ text: String) {
        #expect(throws: S3SettingsError.otherForm(right: "drop.s3.amazonaws.com/in")) {
            try ReceiverServer(text)
        }
    }

    @Test(arguments: [
        "", "drop", "drop/in", "drop.s3.example.com", "amazonaws.com", "drop.amazonaws.com", "s3://drop/in",
    ])
    func `anything else is not a receiver server`(_ text: String) {
        #expect(throws: S3SettingsError.notAReceiverServer) { try ReceiverServer(text) }
    }

    @Test(arguments: [
        "ab", "has_underscore", "-begins", "ends-", "two..dots", "192.168.0.1", "xn--name", "name-s3alias",
        "with space", "ümlaut",
    ])
    func `a bucket with an impossible name is refused`(_ name: String) {
        #expect(throws: S3SettingsError.bucketName(name)) {
            try ReceiverServer("\(name).s3.amazonaws.com/in")
        }
    }

    @Test(arguments: ["a//b", "../a", "a/./b", "a/.."])
    func `a path that could lead elsewhere is refused`(_ path: String) {
        #expect(throws: S3SettingsError.path(path)) { try ReceiverServer("drop.s3.amazonaws.com/\(path)") }
    }

    @Test func `regions, key IDs and endpoints are checked`() throws {
        let server = try ReceiverServer("drop.s3.amazonaws.com")
        func settings(_ keyID: String, _ region: String) throws -> S3Settings {
            try S3Settings(server: server, accessKeyID: keyID, secretAccessKey: S3Secret("s"), region: region)
        }
        for region in ["", "US-EAST-1", "us east", "us-east-1\n", "s3.us-east-1"] {
            #expect(throws: S3SettingsError.region) { try settings("AKIA", region) }
        }
        for keyID in ["", "a b", "a/b", "a,b", "a\r\nb: c"] {
            #expect(throws: S3SettingsError.accessKeyID) { try settings(keyID, "us-east-1") }
        }
        for url in [
            "", "host", "ftp://host", "http://host/path", "http://user:pass@host", "http://host?a",
            "http://host:0",
        ] {
            #expect(throws: S3SettingsError.endpoint) { try S3Endpoint(url) }
        }
        #expect(try S3Endpoint("https://minio.example:9000/").authority == "minio.example:9000")
        #expect(try S3Endpoint("http://[::1]:9000").bareHost == "::1")
        #expect(try S3Endpoint("HTTPS://minio.example").origin == "https://minio.example")
    }
}
