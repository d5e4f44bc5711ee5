// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Transfer

/// Accounts in which we may read and nothing else, on real servers.
@Suite struct ReadOnlyAccountTests {
    /// What a check finds out while it believes that it may write, and when it knows that it may not.
    private func check(_ transport: some Transport) async throws {
        let clock: @Sendable () -> Int = { S3Time.systemNanoseconds() }
        var check = ConnectionCheck(of: transport, probeID: "1", now: clock)
        let first = try #require(await check.run().first { $0.outcome != .ok })
        #expect(first.name == .write)
        switch first.outcome {
        case .failed(.denied), .failed(.readOnly): break
        default: Issue.record("unexpected outcome \(first)")
        }
        check.isWriting = false
        let steps = await check.run()
        #expect(steps.allSatisfy { $0.outcome == .ok || $0.outcome == .skipped })
        #expect(steps.first { $0.name == .list }?.finding == .files(1))
        #expect(try await transport.contents(of: RemotePath("partner.gz")) == Array("x".utf8))
    }

    @Test func `a folder on a disk mounted for reading`() async throws {
        let disk = try SmallDisk.forTest(options: "size=1m")
        try Data("x".utf8).write(to: URL(filePath: disk.path + "/partner.gz"))
        #expect(try disk.remount("ro"))
        try await check(FolderTransport(root: disk.path) { "1" })
    }

    @Test(.enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")"))
    func `a partner's SFTP server that takes nothing`() async throws {
        let server = try SFTPServer(options: "ForceCommand internal-sftp -R")
        let account = try SFTPAccountUnderTest(on: server)
        try await account.put("x", at: "partner.gz")
        try await check(SFTPTransport(account.settings))
        #expect(try await account.names() == ["partner.gz"])
        server.stop()
    }

    @Test(.enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")"))
    func `an SFTP folder that belongs to somebody else`() async throws {
        let account = try SFTPAccountUnderTest()
        try await account.put("x", at: "partner.gz")
        #expect(chown(account.folder.path, 0, 0) == 0)
        try await check(SFTPTransport(account.settings))
        #expect(try await account.names() == ["partner.gz"])
    }

    @Test(.enabled(if: S3Server.isInstalled, "OpenStack Swift is not installed"))
    func `a bucket of which our key may only read`() async throws {
        let account = try await PartnerBucket()
        try await account.put("x", at: "partner.gz")
        try await account.share(reading: true, writing: false)
        try await check(S3Transport(account.strangerSettings()))
        #expect(try await account.names() == ["partner.gz"])
    }
}
