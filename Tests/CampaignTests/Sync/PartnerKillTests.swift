// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Storage
import Surroundings
import Testing

@testable import Campaign

/// The program is killed in the middle of a transfer with a server; the next sync leaves everything done once and whole.
@Suite(.enabled(if: ProgramProcess.path != nil, "the program was not built beside the tests"))
struct PartnerKillTests {
    @Test(arguments: AccountKind.onServers)
    func `killed during a download, the file is imported once`(
        _ kind: AccountKind
    ) async throws {
        let test = try TestCampaign(.running)
        try await test.makePlain()
        try test.load("externalId\nA\nB\n")
        let audience = try test.define("24", "Plain")
        let partner = try await Partner(kind)
        let file = TestFiles.long(60)
        let name = "s3_1_14020_full_1486140844000.sync"
        try await partner.put(file, at: name)
        let proxy = try FaultyProxy(to: partner.port, counting: .download, .hold(afterBytes: 4 << 20))
        try test.connect(ExternalAccount.importID, to: partner, port: proxy.port)

        let program = try ProgramProcess(["sync"], data: test.data.path)
        // Of S3, pieces of 8 MiB are fetched whole, so nothing is in the spool yet.
        let isCopied = { kind == .s3 || (try? Self.copied(test)) ?? 0 > 2 << 20 }
        #expect(program.kill { proxy.isHolding && isCopied() })
        #expect(try test.receipts.allSatisfy { $0.state == .running })
        #expect(try test.members(audience).isEmpty)
        let before = proxy.carried
        proxy.letGo()
        #expect(try ProgramProcess.exitCode("sync", data: test.data.path) == 3)
        if kind == .sftp { #expect(proxy.carried - before < file.count - 1 << 20) }
        #expect(try test.receipts.map(\.received) == [61])
        #expect(try test.receipts.map(\.state) == [.completedWithRejects])
        #expect(try test.members(audience) == ["A"])
        #expect(try test.audience(audience).version == 1)
        #expect(try test.ledger == ["\(name) loaded"])
        #expect(try test.names(in: test.data.spool).isEmpty)
        #expect(try await partner.names() == [name])
        #expect(try ProgramProcess.exitCode("sync", data: test.data.path) == 0)
        #expect(try test.receipts.count == 1)
    }

    /// How much of the file is in the spool.
    private static func copied(_ test: TestCampaign) throws -> Int {
        let names = try test.names(in: test.data.spool).filter { $0.hasSuffix(Spool.ending) }
        return try names.reduce(0) { sum, name in
            let path = "\(test.data.spool)/\(name)"
            return sum + (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0)
        }
    }

    /// To S3 it takes more than 64 MiB to go in parts.
    @Test(arguments: AccountKind.uploads)
    func `killed during an upload, the file stands there once and whole`(
        _ kind: AccountKind,
        _ byteCount: Int
    ) async throws {
        let test = try TestCampaign(.running)
        let partner = try await Partner(kind)
        let proxy = try FaultyProxy(to: partner.port, counting: .upload, .hold(afterBytes: byteCount / 2))
        try test.connect(ExternalAccount.exportID, to: partner, port: proxy.port)
        let (name, sha256) = try await test.planExport(byteCount: byteCount)

        let program = try ProgramProcess(["sync"], data: test.data.path)
        #expect(program.kill { proxy.isHolding })
        #expect(try await partner.visibleNames() == [])
        let isInParts = byteCount > 64 << 20
        if isInParts { #expect(try await partner.bucket?.partCount() ?? 0 > 1) }
        proxy.letGo()
        #expect(try ProgramProcess.exitCode("sync", data: test.data.path) == 0)
        #expect(try await partner.names() == [name])
        #expect(try await partner.sha256(name) == sha256)
        // The pieces of the file that stands there, and none of the upload that was killed.
        if let bucket = partner.bucket { #expect(try await bucket.partCount() == (isInParts ? 9 : 0)) }
        let receipts = try test.receipts
        #expect(receipts.map(\.state) == [.completed])
        #expect(receipts.flatMap(\.files).map(\.name) == [name])
        #expect(try ProgramProcess.exitCode("sync", data: test.data.path) == 0)
        #expect(try test.receipts.count == 1)
        #expect(try await partner.names() == [name])
        #expect(try test.names(in: test.data.spool).isEmpty)
    }
}

extension AccountKind {
    /// The kinds on servers, with sizes of files.
    fileprivate static let uploads = [
        (AccountKind.sftp, 3 << 20), (.s3, 3 << 20), (.s3, 66 << 20),
    ]
    .filter { onServers.contains($0.0) }
}
