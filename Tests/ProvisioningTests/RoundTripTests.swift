// SPDX-License-Identifier: Apache-2.0

import Campaign
import Foundation
import PeopleService
import Provisioning
import Surroundings
import Testing

/// What Campaign shares, the People service sends back: for every kind of ID, over accounts of every kind.
@Suite struct RoundTripTests {
    /// What the IDs that travel are.
    enum IDs: String, CaseIterable, Sendable {
        case plain
        case hashed
        case encrypted
        case visitor

        /// The options of completing the provisioning.
        func options(_ root: String) throws -> [String] {
            switch self {
            case .plain: return ["--key", "email", "--normalize", "trim,lower"]
            case .hashed: return ["--key", "email", "--normalize", "trim,lower", "--hash", "sha256"]
            case .encrypted:
                // The key and IV of NIST SP 800-38A, F.2.5.
                let key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
                try Data(key.utf8).write(to: URL(filePath: "\(root)/key"))
                try Data("000102030405060708090a0b0c0d0e0f".utf8).write(to: URL(filePath: "\(root)/iv"))
                return [
                    "--key", "email", "--normalize", "trim,lower", "--cipher", "aes-256-cbc",
                    "--key-file", "\(root)/key", "--iv-file", "\(root)/iv", "--channel", "email",
                ]
            case .visitor: return []
            }
        }
    }

    /// The last person, who is in every list and whose browser no other side has ever met.
    private static let stranger = 41

    private static func visitor(_ number: Int) -> String {
        let digits = String(9_000_000_000 + number * 7)
        return String(repeating: "1", count: 38 - digits.count) + digits
    }

    private static func names(_ numbers: [Int]) -> Set<String> { Set(numbers.map { "P\($0)" }) }

    @Test(arguments: IDs.allCases, AccountKind.available)
    func `who is shared comes back, who left leaves, and both sides account for every line`(
        _ ids: IDs,
        _ kind: AccountKind
    ) async throws {
        let two = try TwoSystems()
        let (inbound, outbound) = (try await Partner(kind), try await Partner(kind))
        defer { withExtendedLifetime(outbound) {} }
        try two.connect(["theirs": inbound, "ours": outbound])
        let answer = try two.answer(two.request(ids == .visitor ? [.visitor] : [.declared])) {
            ($0.storage, $0.inboundAccount, $0.outboundAccount) = (nil, "theirs", "ours")
        }
        try await two.complete(answer, try ids.options(two.root) + ["--accept-terms"])
        let source = ids == .visitor ? "defaultDataSource" : "declaredId"
        let number = try #require(try two.sources()[source]?.number)
        let (trait, segment) = try two.makeSegment(of: number)
        let first = Array(1...30) + [Self.stranger]
        let second = Array(11...40) + [Self.stranger]
        let list = try two.loadPeople(Self.stranger, listing: first, visitor: Self.visitor)
        if ids == .visitor {
            // As the visitor ID service of a real installation does: it has met all browsers but the last one.
            let rows = (1..<Self.stranger).map { "\(Self.visitor(1_000 + $0))\t\(Self.visitor($0))\n" }
            try await inbound.put(rows.joined(), at: "adobe_id_0_\(number)_1700000000.sync")
        }
        let back = try two.define(segment, source, isForced: ids == .encrypted)
        let lost = ids == .visitor ? [Self.stranger] : []

        try await two.share(list, trait, source)
        try await two.syncPeople()
        try await two.syncCampaign()
        #expect(try two.names(back) == Self.names(first).subtracting(Self.names(lost)))

        try two.setMembers(second, of: list)
        two.pass(days: 1.0 / 86_400)
        try await two.syncCampaign()
        try await two.syncPeople()
        try await two.syncCampaign()
        #expect(try two.names(back) == Self.names(second).subtracting(Self.names(lost)))

        // What one side wrote, the other one read: the same files, and as many lines.
        let (shared, onboarded) = (
            try two.campaignReceipts(ofShares: true), try two.peopleReceipts("onboarding")
        )
        #expect(onboarded.map(\.received) == [31, 20])
        #expect(onboarded.map(\.matched) == [31 - lost.count, 20])
        #expect(onboarded.map(\.unknown) == [lost.count, 0])
        #expect(onboarded.map(\.sums) == shared.map(\.sums))
        let (sent, imported) = (
            try two.peopleReceipts("outbound"), try two.campaignReceipts(ofShares: false)
        )
        #expect(sent.count == 2 && sent.allSatisfy { $0.state == "completed" })
        #expect(imported.map(\.received) == sent.map(\.received))
        #expect(imported.allSatisfy { $0.state == "completed" && $0.matched == $0.received })
        #expect(imported.map(\.sums) == sent.map(\.sums))
        #expect(try two.peopleReceipts("id-sync").map(\.matched) == (ids == .visitor ? [40] : []))
    }
}
