// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Matching
import Storage
import Surroundings
import Synchronization
import Testing

@testable import PeopleService

/// A partner's server dies in the middle of a transfer and comes back, stays away, or never says a word.
@Suite(.timeLimit(.minutes(3)))
struct PartnerOutageTests {
    private static let secret = "CRM-7c1d93aa"
    private static let name = "ftp_dpm_200_1700000000.sync"

    /// A server of the test's own where killing the shared one would hurt other tests.
    private func makePartner(_ kind: AccountKind) async throws -> Partner {
        try await Partner(kind, on: kind == .sftp ? SFTPServer() : nil)
    }

    private static func person(_ number: Int) -> String {
        "person-\(number)-" + String(repeating: "x", count: 80)
    }

    /// Lines of so many people, of some 100 bytes each.
    private func lines(_ trait: SID, _ count: Int) -> String {
        (0..<count).map { "\(Self.person($0))\td_sid=\(trait)\n" }.joined()
    }

    @Test(arguments: AccountKind.onServers)
    func `a server that dies during a download and comes back is read to the end`(_ kind: AccountKind)
        async throws
    {
        let test = try TestPeople(isRunning: true)
        let (wanted, _, segment) = try test.definitions()
        let partner = try await makePartner(kind)
        try await partner.put(lines(wanted, 12_000), at: Self.name)
        let proxy = try FaultyProxy(to: partner.port, counting: .download, .cut(afterBytes: 600_000)) {
            try? partner.killServer()
            try? partner.startServer()
        }
        try test.connect("in", to: partner, port: proxy.port)
        let receipts = try await test.exchange().receipts
        #expect(receipts.map(\.state) == [.completed])
        #expect(receipts.map(\.received) == [12_000])
        // S3 sends the requests again that broke off, as often as it takes until the server is back.
        #expect(receipts.allSatisfy { $0.attempts > 1 })
        #expect(try test.members(of: segment).count == 12_000)
        #expect(try await test.exchange().receipts.isEmpty)
        #expect(test.spooled.isEmpty)
    }

    @Test(arguments: AccountKind.onServers)
    func `a server that dies during an upload and comes back has the files once and whole`(
        _ kind: AccountKind
    ) async throws {
        let test = try TestPeople(isRunning: true)
        try test.addAccounts()
        let (wanted, _, segment) = try test.definitions()
        let number = try test.destination(key: 200)
        _ = try Destinations(test.service).map(segment, to: number)
        let partner = try await makePartner(kind)
        let proxy = try FaultyProxy(to: partner.port, counting: .upload, .cut(afterBytes: 600_000)) {
            try? partner.killServer()
            try? partner.startServer()
        }
        try test.connect("out", to: partner, port: proxy.port)
        try test.deliver(lines(wanted, 12_000), Self.name)
        #expect(try await test.exchange().receipts.map(\.state) == [.completed, .completed])
        let receipt = try #require(try test.receipts().last)
        #expect(receipt.attempts > 1)
        #expect(try await partner.names() == receipt.files.map(\.name).sorted())
        let told = try await partner.text(receipt.files[0].name)
        #expect(TestPeople.receiving([told]) == Set((0..<12_000).map { Self.person($0) }))
        #expect(try await test.exchange().receipts.isEmpty)
        #expect(test.spooled.isEmpty)
    }

    @Test(arguments: AccountKind.onServers)
    func `until the data stand there whole, no control file does`(_ kind: AccountKind) async throws {
        let test = try TestPeople(isRunning: true)
        try test.addAccounts()
        let (wanted, _, segment) = try test.definitions()
        let number = try test.destination(key: 200)
        _ = try Destinations(test.service).map(segment, to: number)
        let partner = try await Partner(kind)
        let proxy = try FaultyProxy(to: partner.port, counting: .upload, .hold(afterBytes: 600_000))
        try test.connect("out", to: partner, port: proxy.port)
        try test.deliver(lines(wanted, 12_000), Self.name)
        async let pass = test.exchange()
        try await proxy.waitUntilHolding()
        #expect(try await partner.visibleNames().isEmpty)
        proxy.letGo()
        #expect(try await pass.receipts.map(\.state) == [.completed, .completed])
        #expect(try await partner.visibleNames().count == 2)
    }

    @Test(.enabled(if: SFTPServer.obstacle == nil, "\(SFTPServer.obstacle ?? "")"))
    func `a copy that broke off stays for the next attempt, and goes when texts are wiped`() async throws {
        let test = try TestPeople(isRunning: true)
        let (wanted, _, segment) = try test.definitions()
        try test.realize(wanted, [Self.secret], of: 200)
        let partner = try await makePartner(.sftp)
        try await partner.put("\(Self.secret)\td_sid=\(wanted)\n" + lines(wanted, 12_000), at: Self.name)
        let proxy = try FaultyProxy(to: partner.port, counting: .download, .cut(afterBytes: 600_000)) {
            try? partner.killServer()
        }
        try test.connect("in", to: partner, port: proxy.port)
        let failed = try await test.exchange().receipts
        #expect(failed.map(\.state) == [.failed])
        #expect(failed.map { $0.failure?.code } == ["accounts.unreachable"])
        #expect(test.spooled.count == 1)
        #expect(try test.isReadable(Self.secret))

        _ = try PrivacyRequests(test.service).delete("200:\(Self.secret)")
        // The account is still away; the rest of a pass does its work.
        try test.connect("in", to: partner, AccountRules(pattern: "nothing"), port: try freePort())
        #expect(try await test.sync().unreachable.count == 1)
        #expect(test.spooled.isEmpty)
        #expect(try !test.isReadable(Self.secret))

        try partner.startServer()
        try test.connect("in", to: partner)
        #expect(try await test.exchange().receipts.map(\.state) == [.completedWithRejects])
        #expect(try test.receipts().last?.counts[.suppressed] == 1)
        #expect(try test.members(of: segment).count == 12_000)
        #expect(try !test.isReadable(Self.secret))
        #expect(test.spooled.isEmpty)
    }

    @Test func `while one account never says a word, the others get and give their files`() async throws {
        let test = try TestPeople(isRunning: true)
        try test.addAccounts()
        let (wanted, _, segment) = try test.definitions()
        let (socket, port) = try listeningSocket()
        defer { close(socket) }
        let settings = SFTPAccount(
            host: "127.0.0.1",
            port: Int(port),
            user: "u",
            path: "/in",
            hostKeys: ["SHA256:" + String(repeating: "A", count: 43)]
        )
        let stuck = ExternalAccount(
            id: "a-stuck",
            label: "Stuck",
            settings: .sftp(settings),
            rules: AccountRules(timeoutSeconds: 3),
            sealedSecrets: try AccountSecrets(password: "x").sealed(for: "a-stuck", test.service.sealer)
        )
        try test.service.write { try ExternalAccountStore().save(stuck, in: $0) }
        let (first, second) = (try test.destination(key: 200), try test.destination(key: 200))
        try test.service.write { database in
            try database.execute(
                sql: "UPDATE destinations SET account = 'a-stuck' WHERE number = ?",
                arguments: [first]
            )
        }
        for number in [first, second] { _ = try Destinations(test.service).map(segment, to: number) }
        try test.deliver("a\td_sid=\(wanted)\n", Self.name)
        let isDone = Atomic<Bool>(false)
        async let pass = {
            defer { isDone.store(true, ordering: .relaxed) }
            return try await test.sync()
        }()
        while try test.members(of: segment).isEmpty, !isDone.load(ordering: .relaxed) {
            try await Task.sleep(for: .milliseconds(20))
        }
        let wasDone = isDone.load(ordering: .relaxed)
        #expect(!wasDone)
        #expect(try test.members(of: segment) == ["200:a"])
        let report = try await pass
        #expect(report.unreachable.map(\.account) == ["a-stuck"])
        #expect(
            report.receipts.map(\.state).sorted { $0.rawValue < $1.rawValue } == [
                .completed, .completed, .waiting,
            ]
        )
        #expect(test.sentFiles.count == 2)
        let waiting = try test.receipts().filter { $0.state == .waiting }
        #expect(waiting.map(\.destination) == [first])
    }
}
