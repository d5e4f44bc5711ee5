// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Synchronization
import Testing

@testable import Transfer

/// Lines and servers that break in the middle of a transfer, and transfers that are broken off.
@Suite(.enabled(if: S3Server.isInstalled, "OpenStack Swift is not installed: scripts/install-packages test"))
struct S3InterruptionTests {
    @Test func `a download that is cut again and again goes on where it stopped`() async throws {
        let account = try await PartnerBucket()
        let contents = noise(12 << 20)
        try await account.put(contents, at: "a")
        let cuts = Atomic<Int>(0)
        let proxy = try FaultyProxy(
            to: account.server.port,
            counting: .download,
            [100, 1_000_000, 3_000_000, 1_500_000, 700_000, 2_000_000].map { .cut(afterBytes: $0) }
        ) { cuts.add(1, ordering: .relaxed) }
        let transport = S3Transport(try account.smallPieces(port: proxy.port))
        #expect(try await transport.contents(of: RemotePath("a")) == contents)
        #expect(cuts.load(ordering: .relaxed) == 6)
    }

    @Test(arguments: [3 << 20, 12 << 20])
    func `an upload that is cut again and again is published once and whole`(_ size: Int) async throws {
        let account = try await PartnerBucket()
        let contents = noise(size)
        let cuts = Atomic<Int>(0)
        let proxy = try FaultyProxy(
            to: account.server.port,
            counting: .upload,
            [700, 1_000_000, 2_500_000, 500_000].map { .cut(afterBytes: $0) }
        ) { cuts.add(1, ordering: .relaxed) }
        var settings = try account.smallPieces(port: proxy.port)
        // An answer that comes before the whole body was sent takes an attempt, too.
        settings.attempts = 10
        let transport = S3Transport(settings)
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

    @Test(arguments: [FaultyProxy.Direction.upload, .download])
    func `a server that is killed in mid-transfer and comes back is waited for`(
        _ direction: FaultyProxy.Direction
    ) async throws {
        let account = try await PartnerBucket()
        let server = account.server
        let contents = noise(12 << 20)
        if direction == .download { try await account.put(contents, at: "a") }
        let isDown = Mutex(false)
        let isBack = Mutex(false)
        let proxy = try FaultyProxy(to: server.port, counting: direction, .cut(afterBytes: 5_000_000)) {
            isDown.withLock { isDown in
                try? server.kill()
                isDown = true
            }
        }
        var settings = try account.smallPieces(port: proxy.port)
        settings.surroundings.pause = { _ in
            // Pauses have other reasons, too; only what was killed is started again.
            isDown.withLock { isDown in
                guard isDown else { return }
                try? server.start()
                isDown = false
                isBack.withLock { $0 = true }
            }
            try await Task.sleep(for: .milliseconds(5))
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
        let account = try await PartnerBucket()
        let server = account.server
        let contents = noise(12 << 20)
        let proxy = try FaultyProxy(to: server.port, counting: .upload, .cut(afterBytes: 5_000_000)) {
            try? server.kill()
        }
        let transport = S3Transport(try account.smallPieces(port: proxy.port))
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

    @Test func `cancelled work ends at once and leaves nothing behind`() async throws {
        let account = try await PartnerBucket()
        let contents = noise(24 << 20)
        try await account.put(contents, at: "down")
        // Cancelled by the proxy in mid-transfer, and waited for.
        let running = Mutex<Task<Void, any Error>?>(nil)
        for direction in [FaultyProxy.Direction.upload, .download] {
            let proxy = try FaultyProxy(
                to: account.server.port,
                counting: direction,
                [9_000_000].map { .cut(afterBytes: $0) }
            ) {
                running.withLock { $0?.cancel() }
            }
            let transport = S3Transport(try account.smallPieces(port: proxy.port))
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
}
