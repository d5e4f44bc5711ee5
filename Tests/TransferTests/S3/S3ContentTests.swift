// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import Surroundings
import Synchronization
import Testing

@testable import Transfer

/// How files are compared, kept from being replaced and found again where a server answers oddly.
@Suite struct S3ContentTests {
    /// An object of nine bytes, `123456789`, with what is said of it.
    private func reading(_ headers: [(String, String)]) async throws -> [UInt8] {
        let server = try await ScriptedServer { request, _ in
            let usual = [("last-modified", ScriptedServer.date)]
            return request.method == .HEAD
                ? .answer(200, usual + headers + [("content-length", "9")])
                : .answer(206, usual + headers + [("content-range", "bytes 0-8/9")], "123456789")
        }
        return try await S3Transport(S3Settings.scripted(server.port)).contents(of: RemotePath("a"))
    }

    @Test func `what is read is compared with the checksum that the storage tells`() async throws {
        let odd = ("etag", "\"0123-2\"")
        let sha256 = hexadecimal(Fingerprint(of: Array("123456789".utf8)).sha256)
        let right: [[(String, String)]] = [
            [("etag", "\"25f9e794323b453885f5181f1b624d0b\"")], [odd, ("x-amz-meta-sha256", sha256)],
            [odd, ("x-amz-checksum-crc64nvme", "rosUhgp5mIg=")], [odd, ("x-amz-checksum-crc32", "y/Q5Jg==")],
            [odd, ("x-amz-checksum-crc32c", "4waSgw==")],
            [odd, ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE=")],
            [odd, ("x-amz-checksum-sha256", "FeKw08M4kevmNVq5rs/zW07gU5rTS+5V+NoqHkkcJCU=-2")],
            // Not an MD5 where the storage encrypts with keys of others.
            [("etag", "\"00000000000000000000000000000000\""), ("x-amz-server-side-encryption", "aws:kms")],
        ]
        for headers in right { #expect(try await reading(headers) == Array("123456789".utf8), "\(headers)") }
        let wrong: [[(String, String)]] = [
            [("etag", "\"00000000000000000000000000000000\"")],
            [odd, ("x-amz-meta-sha256", String(repeating: "0", count: 64))],
            [odd, ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")], [odd, ("x-amz-checksum-crc32", "AAAAAA==")],
        ]
        for headers in wrong {
            await #expect(throws: TransferError.checksumDiffers(try RemotePath("a"))) {
                try await reading(headers)
            }
        }
    }

    @Test func `ranges other than those asked for are refused`() async throws {
        for (status, range) in [(200, nil), (206, nil), (206, "bytes 1-9/9"), (206, "nonsense")]
            as [(Int, String?)]
        {
            let server = try await ScriptedServer { request, _ in
                let usual = [("last-modified", ScriptedServer.date), ("etag", "\"e\"")]
                return request.method == .HEAD
                    ? .answer(200, usual + [("content-length", "9")])
                    : .answer(status, usual + (range.map { [("content-range", $0)] } ?? []), "123456789")
            }
            let transport = S3Transport(try S3Settings.scripted(server.port))
            await #expect(throws: TransferError.protocolFault("another part of a file than was asked for")) {
                try await transport.contents(of: RemotePath("a"))
            }
        }
    }

    @Test func `a server with conditions refuses to replace what came in the meantime`() async throws {
        let heads = Atomic<Int>(0)
        let server = try await ScriptedServer { request, _ in
            guard request.method == .HEAD else { return .answer(412) }
            guard heads.add(1, ordering: .relaxed).newValue > 1 else { return .answer(404) }
            return .answer(
                200,
                [
                    ("content-length", "4"), ("etag", "\"e\""), ("last-modified", ScriptedServer.date),
                    ("x-amz-meta-sha256", hexadecimal(Fingerprint(of: Array("mine".utf8)).sha256)),
                ]
            )
        }
        let transport = S3Transport(try S3Settings.scripted(server.port))
        #expect(try await transport.publish("mine", as: "a") == .alreadyThere)
        heads.store(0, ordering: .relaxed)
        await #expect(throws: TransferError.exists(try RemotePath("a"))) {
            try await transport.publish("ours", as: "a")
        }
    }

    @Test func `an account that may only write is written to`() async throws {
        let server = try await ScriptedServer { request, _ in
            request.method == .PUT ? .answer(200, [("etag", "\"e\"")]) : .answer(403)
        }
        var settings = try S3Settings.scripted(server.port)
        settings.isGrantingBucketOwner = true
        settings.isEncrypted = true
        #expect(try await S3Transport(settings).publish("x", as: "a") == .published)
        let put = try #require(server.requests.first { $0.method == .PUT })
        #expect(put.headers.first(name: "x-amz-acl") == "bucket-owner-full-control")
        #expect(put.headers.first(name: "x-amz-server-side-encryption") == "AES256")
        #expect(put.uri == "/bucket/a")
    }

    @Test func `an error inside an answer of status 200 counts as one`() async throws {
        let copies = Atomic<Int>(0)
        let server = try await ScriptedServer { request, _ in
            switch request.method {
            case .HEAD where request.uri == "/bucket/a" || copies.load(ordering: .relaxed) > 1:
                .answer(
                    200,
                    [("content-length", "4"), ("etag", "\"e\""), ("last-modified", ScriptedServer.date)]
                )
            case .HEAD: .answer(404)
            case .PUT where copies.add(1, ordering: .relaxed).newValue == 1:
                ScriptedServer.error(200, "InternalError")
            case .PUT: .answer(200, [], "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>")
            default: .answer(204)
            }
        }
        try await S3Transport(S3Settings.scripted(server.port)).move(RemotePath("a"), to: RemotePath("b"))
        #expect(server.requests.map(\.method) == [.HEAD, .HEAD, .PUT, .PUT, .HEAD, .DELETE])
    }

    @Test func `a completion whose answer was lost is found out`() async throws {
        let contents = noise(3 << 20)
        let sha256 = hexadecimal(Fingerprint(of: contents).sha256)
        let completions = Atomic<Int>(0)
        let server = try await ScriptedServer { request, _ in
            switch request.method {
            case .HEAD where completions.load(ordering: .relaxed) == 0: return .answer(404)
            case .HEAD:
                return .answer(
                    200,
                    [
                        ("content-length", "\(3 << 20)"), ("etag", "\"e-3\""),
                        ("last-modified", ScriptedServer.date),
                        ("x-amz-meta-sha256", sha256),
                    ]
                )
            case .POST where request.uri.contains("uploads="):
                return .answer(
                    200,
                    [],
                    "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
                )
            case .POST:
                let isFirst = completions.add(1, ordering: .relaxed).newValue == 1
                return isFirst ? .hangUp : ScriptedServer.error(404, "NoSuchUpload")
            default: return .answer(200, [("etag", "\"p\"")])
            }
        }
        var settings = try S3Settings.scripted(server.port)
        settings.pieces.singleByteCount = 1 << 20
        settings.pieces.partByteCount = 1 << 20
        let transport = S3Transport(settings)
        let path = try RemotePath("a")
        let outcome = try await transport.publish(
            .bytes(contents),
            as: path,
            expecting: Fingerprint(of: contents)
        )
        #expect(outcome == .published)
        #expect(completions.load(ordering: .relaxed) == 2)
    }

    @Test func `uploads that others began are left alone`() async throws {
        @Sendable func upload(_ id: String, _ initiator: String, _ key: String = "a") -> String {
            "<Upload><Key>\(key)</Key><UploadId>\(id)</UploadId><Initiator><ID>\(initiator)</ID></Initiator>"
                + "<Owner><ID>owner</ID></Owner><Initiated>2024-05-24T12:00:00.000Z</Initiated></Upload>"
        }
        let server = try await ScriptedServer { request, _ in
            let isAboutUs = request.uri.contains("who-")
            switch request.method {
            case .GET where request.uri.contains("list-type"): return ScriptedServer.page("")
            case .GET:
                let prefix = request.uri.components(separatedBy: "prefix=").last?.prefix { $0 != "&" } ?? ""
                let uploads =
                    isAboutUs ? upload("probe", "us", "\(prefix)") : upload("1", "us") + upload("2", "them")
                return .answer(200, [], "<ListMultipartUploadsResult>\(uploads)</ListMultipartUploadsResult>")
            case .POST:
                return .answer(
                    200,
                    [],
                    "<InitiateMultipartUploadResult><UploadId>probe</UploadId></InitiateMultipartUploadResult>"
                )
            default: return .answer(204)
            }
        }
        #expect(try await S3Transport(S3Settings.scripted(server.port)).removeLeftovers() == 1)
        let ended = server.requests.filter { $0.method == .DELETE }.map(\.uri)
        #expect(ended.count == 2)
        #expect(ended.last == "/bucket/a?uploadId=1")
    }
}
