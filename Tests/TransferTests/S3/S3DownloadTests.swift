// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Transfer

/// Copies of objects on this machine.
@Suite(.enabled(if: S3Server.isInstalled, "OpenStack Swift is not installed: scripts/install-packages test"))
struct S3DownloadTests {
    @Test func `a copy that goes on after a spoilt beginning is refused and begun anew`() async throws {
        let account = try await PartnerBucket()
        let transport = try account.transport()
        let contents = noise(6 << 20)
        let expected = Fingerprint(of: contents)
        _ = try await transport.publish(.bytes(contents), as: RemotePath("a"), expecting: expected)
        let file = try #require(try await transport.list().first)
        let folder = try AccountFolder()
        let copy = folder.path + "/copy"

        // What an interrupted attempt left, with one bit turned over.
        var beginning = Array(contents[..<(3 << 20)])
        beginning[1_000_000] ^= 1
        try folder.put(beginning, at: RemotePath("copy"))
        await #expect(throws: TransferError.checksumDiffers(file.path)) {
            try await transport.download(file, to: copy)
        }
        #expect(try folder.names() == [])
        #expect(try await transport.download(file, to: copy) == expected)
        #expect(try folder.contents(of: RemotePath("copy")) == contents)

        // A good beginning is kept.
        try folder.put(Array(contents[..<(3 << 20)]), at: RemotePath("copy"))
        #expect(try await transport.download(file, to: copy) == expected)
    }
}
