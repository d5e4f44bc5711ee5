// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
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
        let account = try await S3Account()
        try await account.put("x", at: "partner.gz")
        try await letRead("test:stranger", account)
        let usual = try account.settings()
        let settings = try S3Settings(
            server: usual.server,
            accessKeyID: "test:stranger",
            secretAccessKey: S3Secret("strange"),
            region: usual.region,
            endpoint: usual.endpoint
        )
        try await check(S3Transport(settings))
        #expect(try await account.names() == ["partner.gz"])
    }

    /// Gives a user the right to list and read, as a partner would: by the server's own protocol.
    private func letRead(_ user: String, _ account: S3Account) async throws {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(account.server.port)/auth/v1.0")
        request.headers = ["x-auth-user": S3Account.accessKeyID, "x-auth-key": S3Account.secret]
        let greeting = try await HTTPClient.shared.execute(request, timeout: .seconds(30)).headers
        let storage = try #require(greeting.first(name: "x-storage-url"))
        request = HTTPClientRequest(url: "\(storage)/\(account.bucket)")
        request.method = .POST
        request.headers = [
            "x-container-read": user, "x-auth-token": greeting.first(name: "x-auth-token") ?? "",
        ]
        #expect(try await HTTPClient.shared.execute(request, timeout: .seconds(30)).status.code == 204)
    }
}
