// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Problems
import Storage
import Testing

@testable import Campaign

@Suite struct ShareTests {
    @Test func `seven of ten profiles have a visitor ID, three are unmapped with the reason`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(
            1...10,
            visitors: [1: [11], 2: [12], 3: [13], 4: [14], 5: [15], 6: [16], 7: [17]]
        )
        let audience = try system.makeList(Array(1...10))
        let receipt = try await system.share(audience, ExportSystem.visitors)
        #expect(receipt.state == .completedWithRejects)
        #expect(receipt.received == 10)
        #expect(receipt.counts[.matched] == 7)
        #expect(receipt.counts[.unknown] == 3)
        let lines = (11...17).map { "\(system.visitorText($0))\td_sid=24\n" }.joined()
        #expect(try system.published == ["ftp_dpm_14016_1800000000.sync"])
        #expect(try system.text("ftp_dpm_14016_1800000000.sync") == lines)
        let unmapped = try String(
            contentsOfFile: "\(system.campaign.directory.rejected)/\(receipt.rejectedFile ?? "")",
            encoding: .utf8
        )
        #expect(
            unmapped
                == "profile,externalId,reason\n8,C8,no-visitor-id\n9,C9,no-visitor-id\n10,C10,no-visitor-id\n"
        )
    }

    @Test func `sharing again sends the two new ones and removes none`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...9)
        let audience = try system.makeList(Array(1...7))
        _ = try await system.share(audience)
        try system.setMembers([1, 8, 9], of: audience)
        let receipt = try await system.share(audience)
        #expect(receipt.state == .completed)
        #expect(receipt.change == ShareChange(added: 2, removed: 0, kept: 7))
        #expect(receipt.segments.map(\.before) == [7])
        #expect(receipt.segments.map(\.after) == [9])
        #expect(try system.published == ["ftp_dpm_7_1800000000.sync", "ftp_dpm_7_1800000001.sync"])
        #expect(try system.text("ftp_dpm_7_1800000001.sync") == "C8\td_sid=24\nC9\td_sid=24\n")
    }

    @Test func `replacing removes those who left, sorted among the others`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...9)
        let audience = try system.makeList([1, 2, 3, 4])
        _ = try await system.share(audience, replacing: true)
        try system.setMembers([2, 4, 5], of: audience)
        let receipt = try await system.share(audience, replacing: true)
        #expect(receipt.change == ShareChange(added: 1, removed: 2, kept: 2))
        #expect(
            try system.text("ftp_dpm_7_1800000001.sync")
                == "C1\td_unsid=24\nC3\td_unsid=24\nC5\td_sid=24\n"
        )
        #expect(try system.names(in: system.campaign.directory.lists).count == 1)
        #expect(try system.names(in: system.campaign.directory.spool) == [])
    }

    @Test func `nothing new gives no file and a completed receipt`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...3)
        let audience = try system.makeList([1, 2, 3])
        _ = try await system.share(audience)
        let receipt = try await system.share(audience)
        #expect(receipt.state == .completed)
        #expect(receipt.files == [])
        #expect(receipt.change == ShareChange(added: 0, removed: 0, kept: 3))
        #expect(try system.published.count == 1)
        #expect(try system.names(in: system.campaign.directory.lists).count == 1)
    }

    @Test func `every member ends in one state with a reason`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...10, emptyKeys: [2, 3], badKeys: [4], optedOut: [3, 5])
        let audience = try system.makeList(Array(1...12))
        let receipt = try await system.share(audience)
        #expect(receipt.received == 12)
        #expect(receipt.counts[.matched] == 6)
        #expect(receipt.counts[.unknown] == 3)
        #expect(receipt.counts[.malformed] == 1)
        #expect(receipt.counts[.suppressed] == 2)
        #expect(receipt.counts.sum == 12)
        #expect(
            Set(receipt.reasons.map { "\($0.reason) \($0.lines)" })
                == ["key-empty 1", "no-profile 2", "key-unusable 1", "opted-out-of-sharing 2"]
        )
        let unmapped = try String(
            contentsOfFile: "\(system.campaign.directory.rejected)/\(receipt.rejectedFile ?? "")",
            encoding: .utf8
        )
        #expect(
            unmapped == """
                profile,externalId,reason
                2,,key-empty
                3,,opted-out-of-sharing
                4,C:4,key-unusable
                5,C5,opted-out-of-sharing

                """
        )
    }

    @Test func `members who share a browser count as duplicates, and each visitor ID has one line`()
        async throws
    {
        let system = try await ExportSystem()
        try system.insertProfiles(1...4, visitors: [1: [20, 21], 2: [21], 3: [21, 19], 4: [20]])
        let audience = try system.makeList([1, 2, 3, 4])
        let receipt = try await system.share(audience, ExportSystem.visitors)
        #expect(receipt.counts[.matched] == 2)
        #expect(receipt.counts[.duplicate] == 2)
        #expect(receipt.change == ShareChange(added: 3, removed: 0, kept: 0))
        #expect(
            try system.text("ftp_dpm_14016_1800000000.sync")
                == [19, 20, 21].map { "\(system.visitorText($0))\td_sid=24\n" }.joined()
        )
    }

    @Test func `few members of many profiles are looked up one by one, with the same result`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...200, emptyKeys: [50], visitors: [7: [1, 2], 9: [3]])
        let declared = try await system.share(try system.makeList([7, 50, 100], label: "A"))
        #expect(declared.counts[.matched] == 2)
        #expect(declared.counts[.unknown] == 1)
        #expect(try system.text("ftp_dpm_7_1800000000.sync") == "C100\td_sid=24\nC7\td_sid=24\n")
        let visitors = try await system.share(
            try system.makeList([7, 9, 10], label: "B"),
            ExportSystem.visitors
        )
        #expect(visitors.counts[.matched] == 2)
        #expect(visitors.counts[.unknown] == 1)
        #expect(visitors.change?.added == 3)
    }

    @Test func `hashed IDs are lower-case hex of the normalized value`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...1)
        _ = try await system.share(try system.makeList([1]), ExportSystem.hashed)
        let rule = IDRule(.digest(.sha256))
        let digest = try rule.canonical(of: "person1@example.com") ?? []
        #expect(try system.text("ftp_dpm_8_1800000000.sync") == "\(HexText.string(digest))\td_sid=24\n")
    }

    @Test func `a dry run says what would change and changes nothing`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...5, emptyKeys: [5])
        let audience = try system.makeList(Array(1...5))
        let preview = try Shares(system.campaign).preview(
            audience,
            into: .name("New"),
            ExportSystem.plain,
            isReplacing: false
        )
        #expect(preview.added == 4)
        #expect(preview.unmapped == ["key-empty": 1])
        #expect(preview.segment == 1_000_001 && preview.isNewSegment)
        #expect(preview.text.hasPrefix("The segment would be made here with the number 1000001."))
        let atHub = try Shares(system.campaign).preview(
            audience,
            into: .newAtHub("New"),
            ExportSystem.plain,
            isReplacing: false
        )
        #expect(atHub.segment == nil && atHub.isNewSegment && atHub.added == 4)
        #expect(atHub.text.hasPrefix("The segment would be made at the hub, which gives its number."))
        let known = try Shares(system.campaign).preview(
            audience,
            into: .number(24),
            ExportSystem.plain,
            isReplacing: false
        )
        #expect(known.segment == 24 && !known.isNewSegment)
        #expect(try system.published == [])
        let rows = try system.campaign.read { database in
            try ShareStore().due(in: database).count + ReceiptStore().list(limit: 10, in: database).count
        }
        #expect(rows == 0)
        let numbers = try system.campaign.read {
            try SegmentStore().number(named: "New", isMaking: false, in: $0)
        }
        #expect(numbers == 1_000_001)
    }

    @Test func `a named segment gets the next number and keeps it`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...2)
        let audience = try system.makeList([1])
        for _ in 0..<2 {
            let (_, title) = try await Shares(system.campaign).share(
                audience,
                into: .name("Summer"),
                ExportSystem.plain,
                isReplacing: false
            )
            #expect(title == "Summer (1000001)")
        }
    }

    @Test func `a replacing share does not empty a segment unless told`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...5)
        let audience = try system.makeList([1, 2])
        _ = try await system.share(audience, replacing: true)
        try system.setMembers([], of: audience)
        let refused = try await system.share(audience, replacing: true)
        #expect(refused.state == .failed)
        #expect(refused.failure?.code == "exports.shrink-refused")
        #expect(try system.published.count == 1)
        let allowed = try await system.share(audience, replacing: true, allowsShrinking: true)
        #expect(allowed.change == ShareChange(added: 0, removed: 2, kept: 0))
    }

    @Test func `what can't be shared is refused before anything is kept`() async throws {
        let system = try await ExportSystem()
        try system.insertProfiles(1...2)
        let audience = try system.makeList([1])
        let rival = try system.makeList([2], label: "Other")
        _ = try await system.share(audience)
        await #expect(throws: Problem.self) { try await system.share(rival, replacing: true) }
        await #expect(throws: Problem.self) { try await system.share("AUD99") }
        let file = try system.campaign.write { database in
            try AudienceStore().insert(
                label: "Addresses",
                .file(.init(segment: "1", dataSource: ExportSystem.hashed, isReconciliationForced: false)),
                at: 0,
                in: database
            )
        }
        await #expect(throws: Problem.self) { try await system.share(file.id.rawValue) }
        #expect(try system.campaign.read { try ReceiptStore().list(limit: 10, in: $0) }.count == 1)
    }

    @Test func `files are split, and the same members give the same bytes`() async throws {
        let one = try await ExportSystem()
        let two = try await ExportSystem()
        var contents: [[Data]] = []
        for system in [one, two] {
            try system.insertProfiles(1...9000)
            let audience = try system.makeList(Array(1...9000))
            var options = ShareOptions()
            options.splitByteCount = 110_000
            _ = try await Shares(system.campaign).share(
                audience,
                into: .number(24),
                ExportSystem.plain,
                isReplacing: false,
                options: options
            )
            let names = try system.published
            #expect(names == ["ftp_dpm_7_1800000000.sync.1.gz", "ftp_dpm_7_1800000000.sync.2.gz"])
            contents.append(try names.map { try Data(contentsOf: URL(filePath: "\(system.folder)/\($0)")) })
        }
        #expect(contents[0] == contents[1])
    }
}
