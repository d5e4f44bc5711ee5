// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Matching
import Storage
import Surroundings
import Testing

@testable import Campaign

/// A partner's server dies in the middle of a transfer, comes back or stays away.
@Suite(.timeLimit(.minutes(3)))
struct PartnerOutageTests {
    /// A server of the test's own where killing the shared one would hurt other tests.
    private func makePartner(_ kind: AccountKind) async throws -> Partner {
        try await Partner(kind, on: kind == .sftp ? SFTPServer() : nil)
    }

    @Test(arguments: AccountKind.onServers)
    func `a server that dies during a download and comes back is read to the end`(_ kind: AccountKind)
        async throws
    {
        let test = try TestCampaign(.running)
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        let audience = try test.define("24", "Plain")
        let partner = try await makePartner(kind)
        try await partner.put(TestFiles.long(12), at: "s3_1_14020_full_1486140844000.sync")
        let proxy = try FaultyProxy(to: partner.port, counting: .download, .cut(afterBytes: 600_000)) {
            try? partner.killServer()
            try? partner.startServer()
        }
        try test.connect(ExternalAccount.importID, to: partner, port: proxy.port)
        #expect(try await test.exchange().receipts.map(\.state) == ["completed with rejects"])
        #expect(try test.members(audience) == ["A"])
        let receipt = try #require(try test.receipts.first)
        #expect(receipt.received == 13)
        #expect(receipt.attempts > 1)
        #expect(try await test.exchange().isQuiet)
    }

    @Test(arguments: AccountKind.onServers)
    func `a server that dies while a control file is read is asked again, and that attempt is counted`(
        _ kind: AccountKind
    ) async throws {
        let test = try TestCampaign(.running)
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        let audience = try test.define("24", "Plain")
        let partner = try await makePartner(kind)
        let name = "s3_1_14020_full_1486140844000"
        let data = (name: "\(name).sync", bytes: Array("A 24\n".utf8), lines: 1)
        try await partner.put(data.bytes, at: data.name)
        // As long as one that describes thousands of parts.
        let control = String(repeating: " ", count: 3 << 20) + (try TestFiles.control([data]))
        try await partner.put(control, at: "\(name).info")
        let proxy = try FaultyProxy(to: partner.port, counting: .download, .cut(afterBytes: 1 << 20)) {
            try? partner.killServer()
            try? partner.startServer()
        }
        try test.connect(ExternalAccount.importID, to: partner, port: proxy.port)
        #expect(try await test.exchange().receipts.map(\.state) == ["completed"])
        #expect(try test.members(audience) == ["A"])
        let attempts = try #require(try test.receipts.first).attempts
        #expect(attempts > 1)
        #expect(try await test.exchange().isQuiet)
    }

    @Test(arguments: AccountKind.onServers)
    func `a server that dies during an upload and comes back has the file once and whole`(_ kind: AccountKind)
        async throws
    {
        let test = try TestCampaign(.running)
        let partner = try await makePartner(kind)
        let proxy = try FaultyProxy(to: partner.port, counting: .upload, .cut(afterBytes: 1 << 20)) {
            try? partner.killServer()
            try? partner.startServer()
        }
        try test.connect(ExternalAccount.exportID, to: partner, port: proxy.port)
        let (name, sha256) = try await test.planExport(byteCount: 3 << 20)
        #expect(try await test.exchange().receipts.map(\.state) == ["completed"])
        #expect(try await partner.names() == [name])
        #expect(try await partner.sha256(name) == sha256)
        #expect(try #require(try test.receipts.first).attempts > 1)
        #expect(try await test.exchange().isQuiet)
    }

    @Test(.enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")"))
    func `after a server stayed away, the upload goes on under its name`() async throws {
        let test = try TestCampaign(.running)
        try await test.makeHashed()
        try test.load(
            (["email"] + (1...20_000).map { "person\($0)@x.com" }).joined(separator: "\n"),
            key: "email"
        )
        let partner = try await makePartner(.sftp)
        let proxy = try FaultyProxy(to: partner.port, counting: .upload, .cut(afterBytes: 500_000)) {
            try? partner.killServer()
        }
        try test.connect(ExternalAccount.exportID, to: partner, port: proxy.port)
        let audience = try test.define("24", "Hashed")
        try test.campaign.write { database in
            try AudienceStore().publish(
                MemberSet((1...20_000).map { ProfileNumber($0) }),
                to: Audience.ID(audience),
                at: 0,
                in: database
            )
        }
        var options = ShareOptions()
        options.isGzip = false
        let shared = try await Shares(test.campaign)
            .share(
                audience,
                into: .number(77),
                SharedDataSource.ID("Hashed"),
                isReplacing: false,
                options: options
            ).receipt
        #expect(shared.state == .failed)
        #expect(shared.code == "accounts.unreachable")
        #expect(shared.attempts > 1)
        #expect(try await partner.visibleNames() == [])
        try partner.startServer()
        #expect(try await test.exchange().receipts.map(\.state) == ["completed"])
        let receipt = try #require(try test.receipts.last)
        #expect(try test.receipts.map(\.files) == [shared.files])
        #expect(try await partner.names() == receipt.files.map(\.name))
        #expect(try await partner.contents(receipt.files[0].name).count == Int(receipt.files[0].bytes))
        #expect(try await test.exchange().isQuiet)
    }
}
