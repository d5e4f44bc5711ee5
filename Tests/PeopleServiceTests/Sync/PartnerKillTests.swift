// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Storage
import Surroundings
import Testing

@testable import PeopleService

/// The program is killed in the middle of a transfer with a server; the next sync leaves everything done once and whole.
@Suite(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
struct PartnerKillTests {
    private static let count = 30_000

    private static func person(_ number: Int) -> String {
        "person-\(number)-" + String(repeating: "x", count: 80)
    }

    private func lines(_ trait: SID) -> String {
        (0..<Self.count).map { "\(Self.person($0))\td_sid=\(trait)\n" }.joined()
    }

    @Test(arguments: AccountKind.onServers)
    func `killed during a download, the file is taken once`(_ kind: AccountKind) async throws {
        let test = try TestPeople(isRunning: true)
        let (wanted, _, segment) = try test.definitions()
        let partner = try await Partner(kind)
        let name = "ftp_dpm_200_1700000000.sync"
        try await partner.put(lines(wanted), at: name)
        let proxy = try FaultyProxy(to: partner.port, counting: .download, .hold(afterBytes: 1 << 20))
        try test.connect("in", to: partner, port: proxy.port)
        let data = test.service.directory.path
        let program = try ProgramProcess(["people", "sync"], data: data)
        // Of S3, pieces of 8 MiB are fetched whole, so nothing is in the spool yet.
        #expect(program.kill { proxy.isHolding && (kind == .s3 || !test.spooled.isEmpty) })
        #expect(try test.members(of: segment).isEmpty)
        proxy.letGo()
        #expect(try ProgramProcess.exitCode("people", "sync", data: data) == 0)
        #expect(try test.members(of: segment).count == Self.count)
        #expect(try test.receipts().map(\.received) == [Self.count])
        #expect(try test.receipts().map(\.state) == [.completed])
        #expect(test.spooled.isEmpty)
        #expect(try await partner.names() == [name])
        #expect(try ProgramProcess.exitCode("people", "sync", data: data) == 0)
        #expect(try test.receipts().count == 1)
    }

    @Test(arguments: AccountKind.onServers)
    func `killed during an upload, the files stand there once and whole`(_ kind: AccountKind) async throws {
        let test = try TestPeople(isRunning: true)
        try test.addAccounts()
        let (wanted, _, segment) = try test.definitions()
        let number = try test.destination(key: 200)
        _ = try Destinations(test.service).map(segment, to: number)
        let partner = try await Partner(kind)
        let proxy = try FaultyProxy(to: partner.port, counting: .upload, .hold(afterBytes: 1 << 20))
        try test.connect("out", to: partner, port: proxy.port)
        try test.deliver(lines(wanted), "ftp_dpm_200_1700000000.sync")
        let data = test.service.directory.path
        let program = try ProgramProcess(["people", "sync"], data: data)
        #expect(program.kill { proxy.isHolding })
        #expect(try await partner.visibleNames().isEmpty)
        let planned = try #require(try test.receipts().last)
        #expect(planned.kind == .outbound && planned.state == .running)
        proxy.letGo()
        #expect(try ProgramProcess.exitCode("people", "sync", data: data) == 0)
        let receipts = try test.receipts()
        #expect(receipts.map(\.kind) == [.onboarding, .outbound])
        #expect(receipts.map(\.state) == [.completed, .completed])
        #expect(receipts[1].files == planned.files)
        #expect(try await partner.names() == planned.files.map(\.name).sorted())
        let told = try await partner.text(planned.files[0].name)
        #expect(TestPeople.receiving([told]) == Set((0..<Self.count).map { Self.person($0) }))
        #expect(test.spooled.isEmpty)
        #expect(try ProgramProcess.exitCode("people", "sync", data: data) == 0)
        #expect(try test.receipts().count == 2)
    }
}
