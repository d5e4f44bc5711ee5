// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import Matching
import Problems
import Storage
import Testing

@testable import Campaign

/// What one installation exports, another one imports whole.
@Suite struct RoundTripTests {
    /// How IDs and files are written.
    struct Way: CustomTestStringConvertible, Sendable {
        let source: String
        let isGzip: Bool
        let splitByteCount: Int

        var testDescription: String { "\(source)\(isGzip ? ", gzip" : ""), parts of \(splitByteCount) bytes" }
    }

    static let ways = ["visitor", "plain", "hashed", "encrypted"]
        .flatMap { source in
            [
                Way(source: source, isGzip: true, splitByteCount: 1_000_000_000),
                Way(source: source, isGzip: false, splitByteCount: 110_000),
                Way(source: source, isGzip: true, splitByteCount: 110_000),
            ]
        }

    private func make(_ test: TestCampaign, _ source: String) async throws {
        var rows = ["externalId,email"]
        for number in 1...7_000 { rows.append("P\(number),Person\(number)@Example.com") }
        try test.load(rows.joined(separator: "\n"))
        let links = (1...7_000).map { "\(TestFiles.visitor($0 * 7)),P\($0)" }
        try test.link((["visitorId,externalId"] + links).joined(separator: "\n"))
        var draft = SharedDataSourceDraft(id: "Source", number: 7, key: "email", acceptsTerms: true)
        switch source {
        case "visitor":
            draft.isVisitor = true
            draft.key = nil
        case "hashed":
            draft.normalize = "trim,lower"
            draft.hash = "sha256"
        case "encrypted":
            draft.normalize = "lower"
            draft.cipher = "aes-256-cbc"
            draft.keyText = KeyDoctorSamples.key256
            draft.ivText = KeyDoctorSamples.vector
        default: break
        }
        try await test.source(draft)
    }

    private func carry(_ sender: TestCampaign, to receiver: TestCampaign) throws -> Int {
        let names = try FileManager.default.contentsOfDirectory(atPath: sender.outbox)
            .filter { !FileManager.default.fileExists(atPath: "\(receiver.inbox)/\($0)") }
        for name in names {
            let bytes = try Data(contentsOf: URL(filePath: "\(sender.outbox)/\(name)"))
            try receiver.drop(name, Array(bytes))
        }
        return names.count
    }

    @Test(arguments: ways)
    func `every member that goes out comes in, and every removal removes`(way: Way) async throws {
        let sender = try TestCampaign()
        let receiver = try TestCampaign()
        try await make(sender, way.source)
        try await make(receiver, way.source)
        let audience = try receiver.define("24", "Source")
        let first = (1...6_000).map { ProfileNumber($0) }
        let list = try sender.campaign.write { database in
            try AudienceStore().insert(label: "List", .list, members: MemberSet(first), at: 0, in: database)
                .id
        }
        var options = ShareOptions()
        options.isGzip = way.isGzip
        options.splitByteCount = way.splitByteCount
        let share = { (options: ShareOptions) in
            try await Shares(sender.campaign)
                .share(
                    list.rawValue,
                    into: .number(24),
                    SharedDataSource.ID("Source"),
                    isReplacing: true,
                    options: options
                ).receipt
        }
        let out = try await share(options)
        #expect(out.change == ShareChange(added: 6_000, removed: 0, kept: 0))
        let count = try carry(sender, to: receiver)
        #expect((count > 1) == (way.splitByteCount < 1_000_000))
        let into = try await receiver.syncOne()
        #expect(into.account == "completed 6000: matched 6000")
        #expect(try receiver.members(audience) == (1...6_000).map { "P\($0)" })
        // The second export takes away a thousand and brings a thousand.
        try sender.campaign.write { database in
            let members = MemberSet((1_001...7_000).map { ProfileNumber($0) })
            try AudienceStore().publish(members, to: list, at: 0, in: database)
        }
        sender.pass(seconds: 60)
        receiver.pass(seconds: 60)
        #expect(try await share(options).change == ShareChange(added: 1_000, removed: 1_000, kept: 5_000))
        _ = try carry(sender, to: receiver)
        #expect(try await receiver.syncOne().account == "completed 2000: matched 2000")
        #expect(try receiver.members(audience) == (1_001...7_000).map { "P\($0)" })
    }
}
