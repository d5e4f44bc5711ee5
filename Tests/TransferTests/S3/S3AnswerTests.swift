// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import Surroundings
import Synchronization
import Testing

@testable import Transfer

/// What the transport makes of answers that a real server gives only in bad times.
@Suite struct S3AnswerTests {
    @Test func `overload and inner errors are waited for, longer each time`() async throws {
        let server = try await ScriptedServer { _, number in
            switch number {
            case 0: ScriptedServer.error(503, "SlowDown")
            case 1: ScriptedServer.error(500, "InternalError")
            case 2: .answer(429, [("retry-after", "3")])
            case 3: .hangUp
            default: ScriptedServer.page("")
            }
        }
        let pauses = Mutex<[Duration]>([])
        var settings = try S3Settings.scripted(server.port)
        settings.surroundings.jitter = { 0.25 }
        settings.surroundings.pause = { pause in pauses.withLock { $0.append(pause) } }
        #expect(try await S3Transport(settings).list() == [])
        #expect(server.requests.count == 5)
        #expect(
            pauses.withLock { $0 } == [
                .milliseconds(150), .milliseconds(300), .seconds(3), .milliseconds(1_200),
            ]
        )
    }

    @Test(arguments: [
        (503, "SlowDown", TransferError.throttled), (429, "", .throttled), (503, "", .throttled),
        (500, "InternalError", .refused(status: 500, code: "InternalError")),
        (502, "", .refused(status: 502, code: "")),
        (504, "", .refused(status: 504, code: "")),
    ])
    func `overload that lasts is told after the last attempt`(
        _ status: Int,
        _ code: String,
        _ error: TransferError
    ) async throws {
        let server = try await ScriptedServer { _, _ in
            code.isEmpty ? .answer(status) : ScriptedServer.error(status, code)
        }
        let transport = S3Transport(try S3Settings.scripted(server.port))
        await #expect(throws: error) { try await transport.list() }
        #expect(server.requests.count == 5)
        #expect(error.isTransient)
    }

    @Test(arguments: [
        (403, "AccessDenied", TransferError.denied(nil, errno: EACCES)),
        (403, "", .denied(nil, errno: EACCES)),
        (403, "SignatureDoesNotMatch", .signInRefused(detail: "SignatureDoesNotMatch")),
        (403, "InvalidAccessKeyId", .signInRefused(detail: "InvalidAccessKeyId")),
        (400, "ExpiredToken", .signInRefused(detail: "ExpiredToken")),
        (404, "NoSuchBucket", .bucketUnknown("bucket")), (507, "", .full(errno: ENOSPC)),
        (403, "QuotaExceeded", .full(errno: ENOSPC)), (400, "Odd", .refused(status: 400, code: "Odd")),
        (418, "not <a> word", .refused(status: 418, code: "")), (302, "", .refused(status: 302, code: "")),
    ])
    func `what a person has to put right is told at once`(
        _ status: Int,
        _ code: String,
        _ error: TransferError
    ) async throws {
        let server = try await ScriptedServer { _, _ in
            code.isEmpty ? .answer(status) : ScriptedServer.error(status, code)
        }
        let transport = S3Transport(try S3Settings.scripted(server.port))
        await #expect(throws: error) { try await transport.list() }
        #expect(server.requests.count == 1)
    }

    @Test func `rights that are missing are asked for once in every operation`() async throws {
        let server = try await ScriptedServer { request, _ in
            request.method == .HEAD ? .answer(403) : ScriptedServer.error(403, "AccessDenied")
        }
        let transport = S3Transport(try S3Settings.scripted(server.port))
        let path = try RemotePath("a")
        let denied = TransferError.denied(path, errno: EACCES)
        // The second request of reading and moving asks why the first was refused.
        await #expect(throws: denied) { try await transport.read(path) }
        #expect(server.requests.count == 2)
        await #expect(throws: denied) { try await transport.delete(path) }
        #expect(server.requests.count == 3)
        await #expect(throws: denied) { try await transport.move(path, to: RemotePath("b")) }
        #expect(server.requests.count == 5)
        await #expect(throws: denied) { try await transport.publish("x", as: "a") }
        #expect(server.requests.map(\.method) == [.HEAD, .GET, .DELETE, .HEAD, .GET, .HEAD, .PUT])
        // Nothing secret leaves, and the payload's checksum is signed.
        let put = try #require(server.requests.last)
        #expect(!"\(put.headers)".contains("not-to-be-seen"))
        #expect(
            put.headers.first(name: "x-amz-content-sha256") == hexadecimal(SHA256.hash(data: Data("x".utf8)))
        )
        #expect(put.headers.first(name: "if-none-match") == "*")
    }

    @Test func `another region is read from each way in which servers tell it`() async throws {
        let differs = TransferError.regionDiffers(named: "us-east-1", actual: "us-west-2")
        let replies: [ScriptedServer.Reply] = [
            .answer(301, [("x-amz-bucket-region", "us-west-2")]),
            .answer(400, [("x-amz-bucket-region", "us-west-2")]),
            ScriptedServer.error(400, "AuthorizationHeaderMalformed", inner: "<Region>us-west-2</Region>"),
            ScriptedServer.error(
                301,
                "PermanentRedirect",
                inner: "<Endpoint>bucket.s3-us-west-2.amazonaws.com</Endpoint>"
            ),
            ScriptedServer.error(
                307,
                "TemporaryRedirect",
                inner: "<Endpoint>bucket.s3.us-west-2.amazonaws.com</Endpoint>"
            ),
        ]
        for reply in replies {
            let server = try await ScriptedServer { _, _ in reply }
            let transport = S3Transport(try S3Settings.scripted(server.port))
            await #expect(throws: differs) { try await transport.list() }
            // An answer to HEAD has no body, so another question is asked for it.
            await #expect(throws: differs) { try await transport.read(RemotePath("a")) }
            let steps = await ConnectionCheck(of: transport, probeID: "1") { 0 }.run()
            #expect(steps.first { $0.outcome != .ok }?.name == .region)
        }
        let told = try await ScriptedServer { _, _ in .answer(200, [("x-amz-bucket-region", "us-west-2")]) }
        await #expect(throws: differs) { try await S3Transport(S3Settings.scripted(told.port)).reach() }
    }

    @Test(.timeLimit(.minutes(1))) func `a server that gives a byte a second times out and others go on`()
        async throws
    {
        let head = [("etag", "\"e\""), ("last-modified", ScriptedServer.date)]
        let slow = try await ScriptedServer { request, _ in
            guard request.method != .HEAD else { return .answer(200, head + [("content-length", "9000000")]) }
            let range = (request.headers.first(name: "range") ?? "").replacingOccurrences(of: "=", with: " ")
            return .trickle(
                .milliseconds(50),
                length: 1 << 20,
                head + [("content-range", "\(range)/9000000")]
            )
        }
        let quick = try await ScriptedServer { _, _ in ScriptedServer.page("") }
        var settings = try S3Settings.scripted(slow.port)
        settings.timeouts.answer = .milliseconds(400)
        settings.attempts = 2
        let (patient, other) = (settings, S3Transport(try S3Settings.scripted(quick.port)))
        async let reading: [UInt8] = S3Transport(patient).contents(of: RemotePath("a"))
        for _ in 0..<20 { #expect(try await other.list() == []) }
        do {
            _ = try await reading
            Issue.record("read")
        } catch TransferError.timedOut(let seconds) {
            #expect(seconds == 0.4)
        }
        #expect(slow.requests.count == 3)
    }

    @Test(.timeLimit(.minutes(1))) func `a server that says nothing times out`() async throws {
        let server = try await ScriptedServer { _, _ in .silence }
        var settings = try S3Settings.scripted(server.port)
        settings.timeouts.answer = .milliseconds(200)
        settings.timeouts.connect = .milliseconds(200)
        settings.attempts = 3
        let transport = S3Transport(settings)
        await #expect(throws: TransferError.timedOut(seconds: 0.2)) { try await transport.list() }
        #expect(server.requests.count == 3)
    }

    @Test func `the sendings of the request that is repeated most are counted`() async throws {
        let server = try await ScriptedServer { _, number in
            [0, 1, 3].contains(number) ? ScriptedServer.error(503, "SlowDown") : ScriptedServer.page("")
        }
        let transport = S3Transport(try S3Settings.scripted(server.port))
        let sendings = Sendings()
        let counting = transport.counting(in: sendings)
        #expect(sendings.most == 1)
        _ = try await counting.list()
        #expect(sendings.most == 3)
        _ = try await counting.list()
        #expect(sendings.most == 3)
        let others = Sendings()
        _ = try await transport.counting(in: others).list()
        #expect(others.most == 1)
    }

    @Test func `a hundred thousand keys are listed in order and one more is refused`() async throws {
        let count = Mutex(100_000)
        let server = try await ScriptedServer { request, _ in
            let start = request.uri.firstRange(of: "continuation-token=t").map {
                Int(request.uri[$0.upperBound...].prefix { $0.isNumber }) ?? 0
            }
            let from = start ?? 0
            let to = min(from + 1_000, count.withLock { $0 })
            let keys = (from..<to).map { number in
                "<Contents><Key>in/day%3D\(number % 7)/file+\(number).gz</Key>"
                    + "<LastModified>2024-05-24T12:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag>"
                    + "<Size>\(number)</Size><StorageClass>STANDARD</StorageClass></Contents>"
            }
            return ScriptedServer.page(keys.joined(), next: to < count.withLock { $0 } ? "t\(to)" : nil)
        }
        let transport = S3Transport(try S3Settings.scripted(server.port))
        let clock = ContinuousClock()
        let start = clock.now
        let files = try await transport.list()
        let time = start.duration(to: clock.now)
        print("100,000 objects listed in \(time)")
        #expect(time < .seconds(10))
        #expect(files.count == 100_000)
        #expect(files.map(\.path) == files.map(\.path).sorted())
        #expect(files.first?.path.spelling == "in/day=0/file 0.gz")
        #expect(server.requests.count == 100)
        count.withLock { $0 += 1 }
        await #expect(throws: TransferError.tooManyFiles(limit: 100_000)) { try await transport.list() }
    }

    @Test func `answers that are not S3 are told as such`() async throws {
        let key = "<Contents><Key>other/a</Key><Size>1</Size></Contents>"
        let replies: [ScriptedServer.Reply] = [
            .answer(200, [], "<html><body>Welcome</body></html>"), .answer(200, [], ""),
            .answer(200, [], "<Not closed"),
            ScriptedServer.page("", next: ""), ScriptedServer.page("<Contents><Key>in/a</Key></Contents>"),
            ScriptedServer.page(key),
            .answer(200, [], "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
        ]
        for reply in replies {
            let server = try await ScriptedServer { _, _ in reply }
            let transport = S3Transport(try S3Settings.scripted(server.port))
            do {
                let files = try await transport.list(under: RemotePath("in"))
                Issue.record("listed \(files)")
            } catch TransferError.protocolFault {
                // As it should be.
            }
        }
    }

    @Test func `no server, no name and no TLS are told apart`() async throws {
        let server = try await ScriptedServer { _, _ in .answer(200) }
        let port = server.port
        let plain = S3Transport(try S3Settings.scripted(port, scheme: "https"))
        let steps = await ConnectionCheck(of: plain, probeID: "1") { 0 }.run()
        let failed = try #require(steps.first { $0.outcome != .ok })
        #expect(failed.name == .tls)
        guard case .failed(.tlsRefused) = failed.outcome else {
            Issue.record("unexpected outcome \(failed.outcome)")
            return
        }
        let nameless = S3Transport(try S3Settings.scripted(port, host: "no-such-host.invalid"))
        await #expect(throws: TransferError.nameUnknown(host: "no-such-host.invalid")) {
            try await nameless.reach()
        }
        await #expect(throws: TransferError.nameUnknown(host: "no-such-host.invalid")) {
            try await nameless.list()
        }
        let closed = S3Transport(try S3Settings.scripted(1))
        let refused = TransferError.unreachable(host: "127.0.0.1", errno: ECONNREFUSED)
        await #expect(throws: refused) { try await closed.reach() }
        await #expect(throws: refused) { try await closed.list() }
    }

    @Test func `addresses at Amazon hold the region, and dotted buckets stand in the path`() throws {
        func client(_ bucket: String, _ region: String) throws -> S3Client {
            S3Client(
                try S3Settings(
                    server: ReceiverServer(bucket: bucket, folder: nil),
                    accessKeyID: "AKIAEXAMPLE",
                    secretAccessKey: S3Secret("x"),
                    region: region
                )
            )
        }
        #expect(try client("drop", "us-east-2").endpoint.origin == "https://drop.s3.us-east-2.amazonaws.com")
        #expect(try client("my.drop", "us-east-2").endpoint.origin == "https://s3.us-east-2.amazonaws.com")
        #expect(
            try client("drop", "cn-north-1").endpoint.origin == "https://drop.s3.cn-north-1.amazonaws.com.cn"
        )
    }

    @Test func `parts grow with the file so that ten thousand are enough`() {
        #expect(S3Bucket.partByteCount(for: 1 << 30, 8 << 20) == 8 << 20)
        let huge = 5 << 40
        let size = S3Bucket.partByteCount(for: huge, 8 << 20)
        #expect(size % (1 << 20) == 0)
        #expect((huge + size - 1) / size <= 10_000)
    }
}
