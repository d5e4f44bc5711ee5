// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOHTTP1
import Surroundings
import Testing

@testable import Transfer

/// What is found in a bucket and should not be.
@Suite(.enabled(if: S3Server.isInstalled, "OpenStack Swift is not installed: scripts/install-packages test"))
struct S3FaultTests {
    @Test func `a file that is replaced or deleted while it is read gives no mixture`() async throws {
        let account = try await PartnerBucket()
        let path = try RemotePath("a")
        for isDeleted in [false, true] {
            try await account.put(noise(30 << 20), at: "a")
            let transport = S3Transport(try account.smallPieces())
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

    @Test func `half an upload left by a crash is given up`() async throws {
        let account = try await PartnerBucket()
        var later = try account.smallPieces()
        // The server rounds up when an upload was begun.
        later.surroundings.now = { S3Time.systemNanoseconds() + 60_000_000_000 }
        later.leftoverAge = .seconds(1)
        let (usual, old) = (try account.smallPieces(), later)
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

    @Test func `half an upload of one file is given up at once where nobody is at it`() async throws {
        let account = try await PartnerBucket()
        let settings = try account.smallPieces()
        let bucket = S3Bucket(settings)
        for name in ["a", "ab"] { _ = try await bucket.begin(Array(name.utf8), nil, headers: []) }
        #expect(try await account.partCount() == 2)
        try await S3Transport(settings).removeLeftovers(of: RemotePath("a"))
        #expect(try await account.partCount() == 1)
        try await S3Transport(settings).removeLeftovers(of: RemotePath("a"))
        #expect(try await account.partCount() == 1)
    }

    @Test func `a reader that is dropped or closed stops fetching`() async throws {
        let account = try await PartnerBucket()
        try await account.put(noise(24 << 20), at: "a")
        let transport = S3Transport(try account.smallPieces())
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
