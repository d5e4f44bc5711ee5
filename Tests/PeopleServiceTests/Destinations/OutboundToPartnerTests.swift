// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import ExternalAccounts
import Foundation
import Storage
import Surroundings
import Testing

@testable import PeopleService

/// Destinations on accounts of every kind, with servers that are real.
@Suite struct OutboundToPartnerTests {
    /// An installation whose destination sends a segment into a partner's storage.
    private func makeTest(
        _ partner: Partner,
        _ mode: Destination.Mode,
        port: UInt16? = nil
    ) throws -> (test: TestPeople, wanted: SID, segment: SID) {
        let test = try TestPeople(isRunning: true)
        try test.addAccounts()
        let (wanted, _, segment) = try test.definitions()
        try test.connect("out", to: partner, port: port)
        let number = try test.destination(key: 200, mode: mode)
        #expect(try Destinations(test.service).map(segment, to: number) == nil)
        return (test, wanted, segment)
    }

    /// What the data files in a partner's storage tell, in the order of their names.
    private func received(_ partner: Partner) async throws -> Set<String> {
        var files: [String] = []
        for name in try await partner.names() where name.hasSuffix(".sync") {
            files.append(try await partner.text(name))
        }
        return TestPeople.receiving(files)
    }

    /// Makes sure that a receipt's control file describes its data files as they stand there.
    private func confirmControlFile(of receipt: Receipt, _ partner: Partner) async throws {
        let names = receipt.files.map(\.name)
        #expect(names.count == 2 && names[1].hasSuffix(".info"))
        let control = try ControlFile(parsing: try await partner.contents(names[1]))
        let data = try await partner.contents(names[0])
        #expect(control.entries.map(\.name) == [names[0]])
        #expect(control.entries.map(\.byteCount) == [data.count])
        #expect(control.entries.map(\.lineCount) == [data.count { $0 == 0x0A }])
        let digest = FileDigest(wantsMD5: true)
        data.withUnsafeBytes { digest.update($0) }
        #expect(control.entries.map(\.md5) == [digest.finish().md5])
    }

    @Test(arguments: AccountKind.available, [Destination.Mode.full, .iter])
    func `a destination gets its segment and each change, with a control file behind the data`(
        _ kind: AccountKind,
        _ mode: Destination.Mode
    ) async throws {
        let partner = try await Partner(kind)
        let (test, wanted, segment) = try makeTest(partner, mode)
        try await partner.put("theirs", at: "notes.txt")
        try test.deliver("a\td_sid=\(wanted)\nb\td_sid=\(wanted)\n", "ftp_dpm_200_1700000000.sync")
        #expect(try await test.exchange().receipts.map(\.state) == [.completed, .completed])
        let first = try #require(try test.receipts().last)
        // A server of S3 may close a connection just as it is used again; the request is sent once more then.
        #expect(kind == .s3 ? first.attempts < 5 : first.attempts == 1)
        try await confirmControlFile(of: first, partner)
        #expect(try await partner.names() == (first.files.map(\.name) + ["notes.txt"]).sorted())
        #expect(first.files[0].name.contains("_\(mode.rawValue)_"))
        #expect(try await partner.text(first.files[0].name) == "a \(segment)\nb \(segment)\n")
        #expect(try await test.exchange().receipts.isEmpty)

        try test.deliver("a\td_unsid=\(wanted)\nc\td_sid=\(wanted)\n", "ftp_dpm_200_1700000001.sync")
        #expect(try await test.exchange().receipts.map(\.state) == [.completed, .completed])
        let second = try #require(try test.receipts().last)
        try await confirmControlFile(of: second, partner)
        let told = try await partner.text(second.files[0].name)
        #expect(told == (mode == .full ? "b \(segment)\nc \(segment)\n" : "a  \(segment)\nc \(segment)\n"))
        #expect(try await partner.names().count == 5)
        #expect(test.spooled.isEmpty)
    }

    @Test(arguments: AccountKind.onServers)
    func `while an account is down its files are queued, and sent once when it is back, before later ones`(
        _ kind: AccountKind
    ) async throws {
        let partner = try await Partner(kind)
        let (test, wanted, segment) = try makeTest(partner, .iter, port: try freePort())
        try test.deliver("a\td_sid=\(wanted)\nb\td_sid=\(wanted)\n", "ftp_dpm_200_1700000000.sync")
        #expect(try await test.exchange().receipts.map(\.state) == [.completed, .waiting])
        let queued = try #require(try test.receipts().last)
        #expect(queued.failure?.code == "accounts.unreachable")
        #expect(queued.attempts > 1)
        #expect(try await partner.names().isEmpty)
        // A command that only asks says that it still waits.
        let waiting = try test.service.read { try OutboundPlanStore().receipts(in: $0) }
        #expect(waiting == [queued.number])

        try test.connect("out", to: partner)
        try test.deliver("a\td_unsid=\(wanted)\nc\td_sid=\(wanted)\n", "ftp_dpm_200_1700000001.sync")
        #expect(try await test.exchange().receipts.map(\.state) == [.completed, .completed, .completed])
        let outbound = try test.receipts().filter { $0.kind == .outbound }
        #expect(outbound.map(\.state) == [.completed, .completed])
        #expect(outbound[0].files == queued.files)
        #expect(outbound[0].failure == nil)
        #expect(try await partner.names() == outbound.flatMap(\.files).map(\.name).sorted())
        #expect(try await partner.text(queued.files[0].name) == "a \(segment)\nb \(segment)\n")
        #expect(try await received(partner) == ["b", "c"])
        #expect(try await test.exchange().receipts.isEmpty)
        #expect(test.spooled.isEmpty)
    }

    @Test(arguments: AccountKind.onServers)
    func `an account that may not be written gets its files when the right is back`(_ kind: AccountKind)
        async throws
    {
        let partner = try await Partner(kind, isStranger: true)
        func allow(_ isAllowed: Bool) async throws {
            if let bucket = partner.bucket {
                try await bucket.share(reading: true, writing: isAllowed)
            } else {
                #expect(chmod(partner.directory ?? "", isAllowed ? 0o755 : 0o555) == 0)
            }
        }
        try await allow(false)
        let (test, wanted, _) = try makeTest(partner, .full)
        try test.deliver("a\td_sid=\(wanted)\n", "ftp_dpm_200_1700000000.sync")
        #expect(try await test.exchange().receipts.map(\.state) == [.completed, .waiting])
        let queued = try #require(try test.receipts().last)
        #expect(queued.failure?.summary.contains("refuses access") == true)
        #expect(queued.failure?.advice.contains("right to read and write") == true)
        #expect(try await partner.names().isEmpty)
        try await allow(true)
        #expect(try await test.exchange().receipts.map(\.state) == [.completed])
        #expect(try await partner.names() == queued.files.map(\.name).sorted())
        #expect(try await received(partner) == ["a"])
        #expect(try await test.exchange().receipts.isEmpty)
    }
}
