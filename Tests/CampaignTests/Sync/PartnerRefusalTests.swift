// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Matching
import Storage
import Surroundings
import Testing

@testable import Campaign

/// What a partner's server refuses for a while: rights, room, and requests of another time.
@Suite struct PartnerRefusalTests {
    private static let name = "s3_1_14020_full_1486140844000.sync"

    private func makeTest() async throws -> (test: TestCampaign, audience: String) {
        let test = try TestCampaign(.running)
        try await test.makePlain()
        try await test.makeHashed()
        let rows = (1...5_000).map { "P\($0),person\($0)@x.com" }
        try test.load((["externalId,email"] + rows).joined(separator: "\n"))
        return (test, try test.define("24", "Plain"))
    }

    /// Takes the rights to a file, or to write at all, away from our program or gives them back.
    private func allow(_ isAllowed: Bool, _ partner: Partner, file: String? = nil) async throws {
        if let bucket = partner.bucket {
            try await bucket.share(reading: isAllowed || file == nil, writing: isAllowed)
        } else {
            let path = file.map { "\(partner.directory ?? "")/\($0)" } ?? partner.directory ?? ""
            #expect(chmod(path, isAllowed ? 0o755 : file == nil ? 0o555 : 0) == 0)
        }
    }

    @Test(arguments: AccountKind.onServers)
    func `a file whose rights are lost between list and read is imported when they are back`(
        _ kind: AccountKind
    ) async throws {
        let (test, audience) = try await makeTest()
        let partner = try await Partner(kind, isStranger: true)
        try await allow(true, partner)
        try test.connect(ExternalAccount.importID, to: partner)
        try await partner.put("P1 24\n", at: Self.name)
        let account = try partner.account(ExternalAccount.importID, sealer: test.campaign.sealer)
        let listing = try await ImportDiscovery(test.campaign).listing(of: account)
        _ = try ImportDiscovery(test.campaign).note(listing, of: account)
        test.pass(seconds: 3)
        try await allow(false, partner, file: Self.name)
        let report = try await SyncRun(test.campaign).imports(from: account)
            .run(listing: listing, isPatient: false)
        #expect(report.receipts.map(\.state) == ["failed"])
        let receipt = try #require(try test.receipts.first)
        #expect(receipt.code == "accounts.unreachable")
        #expect(receipt.failure?.summary.contains("refuses access to \(Self.name)") == true)
        #expect(receipt.failure?.advice.contains("right to read") == true)
        #expect(try test.members(audience).isEmpty)

        try await allow(true, partner, file: Self.name)
        #expect(try await test.exchange().receipts.map(\.state) == ["completed"])
        #expect(try test.members(audience) == ["P1"])
        #expect(try await test.exchange().isQuiet)
    }

    /// Shares all profiles into one file of 365,000 bytes.
    private func share(_ test: TestCampaign, _ count: Int = 5_000) async throws -> Receipt {
        _ = try test.campaign.write { database in
            let members = MemberSet((1...count).map { ProfileNumber($0) })
            return try AudienceStore().insert(label: "List", .list, members: members, at: 0, in: database)
        }
        var options = ShareOptions()
        options.isGzip = false
        return try await Shares(test.campaign)
            .share(
                "List",
                into: .number(77),
                SharedDataSource.ID("Hashed"),
                isReplacing: false,
                options: options
            ).receipt
    }

    @Test(arguments: AccountKind.onServers)
    func `an audience that may not be written is shared when the right is back`(_ kind: AccountKind)
        async throws
    {
        let (test, _) = try await makeTest()
        let partner = try await Partner(kind, isStranger: true)
        try await allow(true, partner)
        try await allow(false, partner)
        try test.connect(ExternalAccount.exportID, to: partner)
        let failed = try await share(test)
        #expect(failed.state == .failed)
        #expect(failed.code == "accounts.unreachable")
        #expect(failed.failure?.summary.contains("refuses access") == true)
        #expect(failed.failure?.advice.contains("right to read and write") == true)
        // The S3 server may hang up before it has read the file; it is asked again then, and refuses once.
        #expect(kind == .sftp ? failed.attempts == 1 : failed.attempts < 5)
        #expect(try await partner.names() == [])
        try await allow(true, partner)
        #expect(try await test.exchange().receipts.map(\.state) == ["completed"])
        #expect(try await partner.names() == test.receipts.last?.files.map(\.name))
        #expect(try await test.exchange().isQuiet)
    }

    @Test(.enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")"))
    func `rights that are lost during an upload leave nothing that stays`() async throws {
        let (test, _) = try await makeTest()
        let partner = try await Partner(.sftp)
        let proxy = try FaultyProxy(to: partner.port, counting: .upload, .hold(afterBytes: 200_000))
        try test.connect(ExternalAccount.exportID, to: partner, port: proxy.port)
        async let shared = share(test)
        try await proxy.waitUntilHolding()
        try await allow(false, partner)
        proxy.letGo()
        #expect(try await shared.state == .failed)
        #expect(try await partner.visibleNames() == [])
        let part = try #require(try await partner.names().first)
        try await allow(true, partner)
        #expect(try await test.exchange().receipts.map(\.state) == ["completed"])
        let name = try #require(try test.receipts.last).files[0].name
        #expect(try await partner.visibleNames() == [name])
        // What could not be taken away then goes with the first export after a day.
        var times = [timespec(), timespec()]
        for index in 0..<2 {
            clock_gettime(CLOCK_REALTIME, &times[index])
            times[index].tv_sec -= 90_000
        }
        #expect(utimensat(AT_FDCWD, "\(partner.directory ?? "")/\(part)", &times, 0) == 0)
        try test.load("externalId,email\nNEW,new@x.com\n")
        try test.campaign.write { database in
            let members = MemberSet((1...5_001).map { ProfileNumber($0) })
            try AudienceStore().publish(members, to: Audience.ID("AUD2"), at: 0, in: database)
        }
        #expect(try await test.exchange().receipts.map(\.state) == ["completed"])
        #expect(try await partner.names().count == 2)
        #expect(try await !partner.names().contains(part))
    }

    /// A server that tells its free space, and one that only fails to write.
    @Test(
        .enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")"),
        arguments: [(SFTPServer.User.ordinary, "data.disk-full"), (.plain, "accounts.unreachable")]
    )
    func `a full account is said with the way out, and gets the file when there is room`(
        _ user: SFTPServer.User,
        _ code: String
    ) async throws {
        let (test, _) = try await makeTest()
        let partner = try await Partner(.sftp, as: user)
        let root = try #require(partner.directory)
        guard mount("none", root, "tmpfs", 0, "size=100k,mode=777") == 0 else {
            try Test.cancel("this system does not let tests mount a small disk")
        }
        defer { umount2(root, Int32(MNT_DETACH)) }
        try test.connect(ExternalAccount.exportID, to: partner)
        let failed = try await share(test)
        #expect(failed.state == .failed)
        #expect(failed.code == code)
        #expect(failed.failure?.advice.isEmpty == false)
        if user == .ordinary { #expect(failed.failure?.advice.contains("ask the partner") == true) }
        #expect(try await partner.names() == [])
        #expect(try test.names(in: test.data.spool).isEmpty)
        #expect(mount("none", root, nil, UInt(MS_REMOUNT), "size=4m") == 0)
        #expect(try await test.exchange().receipts.map(\.state) == ["completed"])
        let file = try #require(try test.receipts.last).files[0]
        #expect(try await partner.names() == [file.name])
        #expect(try await partner.contents(file.name).count == Int(file.bytes))
        #expect(try await test.exchange().isQuiet)
    }

    @Test(
        .enabled(if: S3Server.isInstalled, "OpenStack Swift is not installed: scripts/install-packages test"),
        arguments: [-1_200.0, 1_200]
    )
    func `a clock that is twenty minutes off is said with the way out`(_ offset: Double) async throws {
        let (test, audience) = try await makeTest()
        let partner = try await Partner(.s3)
        try await partner.put("P1 24\n", at: Self.name)
        let other = try await ScriptedServer { _, _ in
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(identifier: "GMT")
            formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
            let date = formatter.string(from: Date().addingTimeInterval(offset))
            return .answer(
                403,
                [("date", date)],
                "<?xml version=\"1.0\"?><Error><Code>RequestTimeTooSkewed</Code></Error>"
            )
        }
        for id in [ExternalAccount.importID, ExternalAccount.exportID] {
            try test.connect(id, to: partner, port: UInt16(other.port))
        }
        let said = try #require(try await test.exchange().unreachable.first)
        let seconds = abs(Int(offset))
        let words = offset > 0 ? "ahead of" : "behind"
        let close = (seconds - 5...seconds + 5).map { "clock is \($0) s \(words) this machine's" }
        #expect(close.contains { said.summary.contains($0) }, "\(said.summary)")
        #expect(said.advice == "Set the clocks of both machines by NTP.")
        let failed = try await share(test)
        #expect(failed.state == .failed)
        #expect(failed.failure?.advice == said.advice)
        #expect(failed.attempts == 1)

        let destination = try await Partner(.s3)
        try test.connect(ExternalAccount.importID, to: partner)
        try test.connect(ExternalAccount.exportID, to: destination)
        #expect(try await test.exchange().receipts.map(\.state).sorted() == ["completed", "completed"])
        #expect(try test.members(audience) == ["P1"])
        #expect(try await destination.names().count == 1)
    }
}
