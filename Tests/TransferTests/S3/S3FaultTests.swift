// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import Transfer

@Suite(.enabled(if: S3Server.isInstalled, "OpenStack Swift is not installed: scripts/install-packages test"))
struct S3FaultTests {
    /// Settings that cut files into small pieces and hardly pause.
    private func settings(_ account: S3Account, port: Int? = nil) throws -> S3Settings {
        var settings = try account.settings(port: port)
        settings.pieces.singleByteCount = 4 << 20
        settings.pieces.partByteCount = 2 << 20
        settings.pieces.rangeByteCount = 2 << 20
        settings.surroundings.pause = { _ in try await Task.sleep(for: .milliseconds(5)) }
        return settings
    }

    @Test func `a download that is cut again and again goes on where it stopped`() async throws {
        let account = try await S3Account()
        let contents = noise(12 << 20)
        try await account.put(contents, at: "a")
        let cuts = Atomic<Int>(0)
        let proxy = try await CuttingProxy(
            to: account.server.port,
            cutting: .download,
            after: [100, 1_000_000, 3_000_000, 1_500_000, 700_000, 2_000_000]
        ) { cuts.add(1, ordering: .relaxed) }
        let transport = S3Transport(try settings(account, port: proxy.port))
        #expect(try await transport.contents(of: RemotePath("a")) == contents)
        #expect(cuts.load(ordering: .relaxed) == 6)
    }

    @Test(arguments: [3 << 20, 12 << 20])
    func `an upload that is cut again and again is published once and whole`(_ size: Int) async throws {
        let account = try await S3Account()
        let contents = noise(size)
        let cuts = Atomic<Int>(0)
        let proxy = try await CuttingProxy(
            to: account.server.port,
            cutting: .upload,
            after: [700, 1_000_000, 2_500_000, 500_000]
        ) { cuts.add(1, ordering: .relaxed) }
        let transport = S3Transport(try settings(account, port: proxy.port))
        let path = try RemotePath("a")
        let outcome = try await transport.publish(
            .bytes(contents),
            as: path,
            expecting: Fingerprint(of: contents)
        )
        #expect(outcome == .published)
        #expect(cuts.load(ordering: .relaxed) == 4)
        #expect(try await account.names() == ["a"])
        #expect(try await account.contents("a") == contents)
    }

    @Test(arguments: [CuttingProxy.Direction.upload, .download])
    func `a server that is killed in mid-transfer and comes back is waited for`(
        _ direction: CuttingProxy.Direction
    ) async throws {
        let account = try await S3Account()
        let server = account.server
        let contents = noise(12 << 20)
        if direction == .download { try await account.put(contents, at: "a") }
        let proxy = try await CuttingProxy(to: server.port, cutting: direction, after: [5_000_000]) {
            try? server.kill()
        }
        var settings = try settings(account, port: proxy.port)
        let isBack = Mutex(false)
        settings.surroundings.pause = { _ in
            isBack.withLock { isBack in
                if !isBack { try? server.start() }
                isBack = true
            }
        }
        let transport = S3Transport(settings)
        let path = try RemotePath("a")
        if direction == .download {
            #expect(try await transport.contents(of: path) == contents)
        } else {
            let expected = Fingerprint(of: contents)
            #expect(
                try await transport.publish(.bytes(contents), as: path, expecting: expected) == .published
            )
            #expect(try await account.contents("a") == contents)
        }
        #expect(isBack.withLock { $0 })
    }

    @Test func `a server that stays away is told, and nothing is visible`() async throws {
        let account = try await S3Account()
        let server = account.server
        let contents = noise(12 << 20)
        let proxy = try await CuttingProxy(to: server.port, cutting: .upload, after: [5_000_000]) {
            try? server.kill()
        }
        let transport = S3Transport(try settings(account, port: proxy.port))
        let error = await #expect(throws: TransferError.self) {
            try await transport.publish(
                .bytes(contents),
                as: RemotePath("a"),
                expecting: Fingerprint(of: contents)
            )
        }
        #expect(error?.isTransient == true)
        try server.start()
        #expect(try await account.names() == [])
    }

    @Test func `a file that is replaced or deleted while it is read gives no mixture`() async throws {
        let account = try await S3Account()
        let path = try RemotePath("a")
        for isDeleted in [false, true] {
            try await account.put(noise(30 << 20), at: "a")
            let transport = S3Transport(try settings(account))
            let reader = try await transport.read(path)
            _ = try await reader.next()
            if isDeleted {
                try await transport.delete(path)
            } else {
                try await account.put(noise(30 << 20, seed: 2), at: "a")
            }
            await #expect(throws: TransferError.changedWhileReading(path)) {
                while try await reader.next() != nil {}
            }
            await #expect(throws: TransferError.changedWhileReading(path)) {
                try await reader.confirmUnchanged()
            }
        }
    }

    @Test func `who may not sign in is told so, once and without secrets`() async throws {
        let account = try await S3Account()
        let usual = try account.settings()
        for keyID in [S3Account.accessKeyID, "nobody:here"] {
            let settings = try S3Settings(
                server: usual.server,
                accessKeyID: keyID,
                secretAccessKey: S3Secret("wrong-secret-key"),
                region: "us-east-1",
                endpoint: usual.endpoint
            )
            let transport = S3Transport(settings)
            let refused = TransferError.signInRefused(detail: "SignatureDoesNotMatch")
            let steps = await ConnectionCheck(of: transport, probeID: "1") { S3Time.systemNanoseconds() }
                .run()
            let failed = try #require(steps.first { $0.outcome != .ok })
            #expect(failed.name == .signIn)
            #expect(failed.outcome == .failed(refused))
            await #expect(throws: refused) { try await transport.list() }
            await #expect(throws: refused) { try await transport.publish("x", as: "a") }
            #expect(!"\(steps)".contains("wrong-secret-key"))
        }
        // Known, but without rights here.
        let stranger = try S3Settings(
            server: usual.server,
            accessKeyID: "test:stranger",
            secretAccessKey: S3Secret("strange"),
            region: "us-east-1",
            endpoint: usual.endpoint
        )
        let steps = await ConnectionCheck(of: S3Transport(stranger), probeID: "1") { 0 }.run()
        #expect(steps.first { $0.outcome != .ok }?.name == .list)
        #expect(steps.first { $0.name == .list }?.outcome == .failed(.denied(nil, errno: EACCES)))
        let path = try RemotePath("a")
        await #expect(throws: TransferError.denied(path, errno: EACCES)) {
            try await S3Transport(stranger).publish("x", as: "a")
        }
    }

    @Test func `a bucket that is not there and a region that is another are told`() async throws {
        let account = try await S3Account()
        let usual = try account.settings()
        let missing = try S3Settings(
            server: ReceiverServer(bucket: "no-such-bucket", folder: nil),
            accessKeyID: usual.accessKeyID,
            secretAccessKey: usual.secretAccessKey,
            region: "us-east-1",
            endpoint: usual.endpoint
        )
        let elsewhere = try S3Settings(
            server: usual.server,
            accessKeyID: usual.accessKeyID,
            secretAccessKey: usual.secretAccessKey,
            region: "eu-central-1",
            endpoint: usual.endpoint
        )
        let differs = TransferError.regionDiffers(named: "eu-central-1", actual: "us-east-1")
        for (settings, step, error) in [
            (missing, ConnectionStep.Name.signIn, TransferError.bucketUnknown("no-such-bucket")),
            (elsewhere, .region, differs),
        ] {
            let steps = await ConnectionCheck(of: S3Transport(settings), probeID: "1") { 0 }.run()
            let failed = try #require(steps.first { $0.outcome != .ok })
            #expect(failed.name == step)
            #expect(failed.outcome == .failed(error))
            await #expect(throws: error) { try await S3Transport(settings).list() }
        }
    }

    @Test(arguments: [1_200, -1_200])
    func `a clock that is twenty minutes off is told with the seconds`(_ offset: Int) async throws {
        let account = try await S3Account()
        var settings = try account.settings()
        settings.surroundings.now = { S3Time.systemNanoseconds() + offset * 1_000_000_000 }
        settings.surroundings.pause = { _ in Issue.record("tried again") }
        let transport = S3Transport(settings)
        for work in [
            { _ = try await transport.list() }, { _ = try await transport.read(RemotePath("a")) },
            { try await transport.reach() },
        ] as [() async throws -> Void] {
            do {
                try await work()
                Issue.record("let in")
            } catch TransferError.clockDiffers(let seconds) {
                #expect(abs(seconds + Double(offset)) < 10)
            }
        }
    }

    @Test func `half an upload left by a crash is given up`() async throws {
        let account = try await S3Account()
        var later = try settings(account)
        // The server rounds up when an upload was begun.
        later.surroundings.now = { S3Time.systemNanoseconds() + 60_000_000_000 }
        later.leftoverAge = .seconds(1)
        let (usual, old) = (try settings(account), later)
        let bucket = S3Bucket(usual)
        let key = Array("half way.gz".utf8)
        let id = try await bucket.begin(key, nil, headers: [])
        let part = S3Request(
            method: .PUT,
            key: key,
            query: [("partNumber", "1"), ("uploadId", id)],
            body: .bytes(noise(1 << 20))
        )
        _ = try await bucket.client.send(part)
        try await account.put("x", at: ".tallystick-check-9.part")
        try await account.put("x", at: ".tallystick-notes")
        #expect(try await account.partCount() == 2)

        // Begun just now: perhaps by a run that is still at it.
        #expect(try await S3Transport(usual).removeLeftovers() == 0)
        #expect(try await account.partCount() == 2)
        #expect(try await S3Transport(old).removeLeftovers() == 2)
        #expect(try await account.partCount() == 0)
        #expect(try await account.names() == [".tallystick-notes"])
        #expect(try await S3Transport(old).removeLeftovers() == 0)
    }

    @Test func `cancelled work ends at once and leaves nothing behind`() async throws {
        let account = try await S3Account()
        let contents = noise(24 << 20)
        try await account.put(contents, at: "down")
        // Cancelled by the proxy in mid-transfer, and waited for.
        let running = Mutex<Task<Void, any Error>?>(nil)
        for direction in [CuttingProxy.Direction.upload, .download] {
            let proxy = try await CuttingProxy(
                to: account.server.port,
                cutting: direction,
                after: [9_000_000]
            ) {
                running.withLock { $0?.cancel() }
            }
            let transport = S3Transport(try settings(account, port: proxy.port))
            let task = Task {
                if direction == .download {
                    _ = try await transport.contents(of: RemotePath("down"))
                } else {
                    let expected = Fingerprint(of: contents)
                    _ = try await transport.publish(
                        .bytes(contents),
                        as: RemotePath("up"),
                        expecting: expected
                    )
                }
            }
            running.withLock { $0 = task }
            await #expect(throws: TransferError.cancelled) { try await task.value }
        }
        #expect(try await account.names() == ["down"])
        #expect(try await account.partCount() == 0)
    }

    @Test func `a reader that is dropped or closed stops fetching`() async throws {
        let account = try await S3Account()
        try await account.put(noise(24 << 20), at: "a")
        let transport = S3Transport(try settings(account))
        let reader = try await transport.read(RemotePath("a"))
        _ = try await reader.next()
        await reader.close()
        await reader.close()
        await #expect(throws: TransferError.system(.read, try RemotePath("a"), errno: EBADF)) {
            try await reader.next()
        }
        #expect(try await transport.list().count == 1)
    }
}
