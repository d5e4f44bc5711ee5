// SPDX-License-Identifier: Apache-2.0

import Foundation
import Matching
import Storage

@testable import Campaign

/// What Campaign's side does in a round trip.
extension TwoSystems {
    /// Loads people `P1` to so many, each with a browser, and makes a list of some of them.
    ///
    /// - Parameters:
    ///   - count: How many people.
    ///   - members: Who is in the list.
    ///   - visitor: The visitor ID of a person.
    /// - Returns: The list.
    /// - Throws: What the database answers.
    func loadPeople(_ count: Int, listing members: [Int], visitor: (Int) -> String) throws -> String {
        func write(_ rows: [String]) throws -> String {
            let path = "\(root)/\(UUID().uuidString).csv"
            try Data(rows.map { $0 + "\n" }.joined().utf8).write(to: URL(filePath: path))
            return path
        }
        let rows = ["externalId,email"] + (1...count).map { "P\($0),Person\($0)@Example.com" }
        _ = try ProfileLoad(campaign, key: "externalId", mapping: [:], isDryRun: false).run(write(rows))
        let links = ["visitorId,externalId"] + (1...count).map { "\(visitor($0)),P\($0)" }
        _ = try VisitorLinkLoad(campaign, key: "externalId").run(write(links))
        return try campaign.write { database in
            let members = MemberSet(members.map { ProfileNumber($0) })
            return try AudienceStore().insert(label: "List", .list, members: members, at: 0, in: database)
                .id.rawValue
        }
    }

    /// Changes who is in a list.
    func setMembers(_ members: [Int], of list: String) throws {
        try campaign.write { database in
            let members = MemberSet(members.map { ProfileNumber($0) })
            try AudienceStore().publish(members, to: Audience.ID(list), at: 0, in: database)
        }
    }

    /// Defines the audience that follows a segment.
    func define(_ segment: Int, _ source: String, isForced: Bool) throws -> String {
        try Audiences(campaign)
            .define(
                label: "Back",
                segment: String(segment),
                SharedDataSource.ID(source),
                isReconciliationForced: isForced
            )
            .id.rawValue
    }

    /// Shares a list into a trait.
    func share(_ list: String, _ trait: Int, _ source: String) async throws {
        _ = try await Shares(campaign)
            .share(list, into: .number(Int64(trait)), SharedDataSource.ID(source), isReplacing: true)
    }

    /// Campaign exchanges what there is.
    func syncCampaign() async throws { _ = try await SyncRun(campaign).pass() }

    /// The external IDs of an audience.
    func names(_ audience: String) throws -> Set<String> {
        Set(try Audiences(campaign).members(of: audience, limit: 0).members.map { $0.externalId ?? "?" })
    }

    /// The receipts of shares, or of imports, the oldest first.
    func campaignReceipts(ofShares isOfShares: Bool) throws -> [SeenReceipt] {
        try campaign.read { try ReceiptStore().list(limit: 100, in: $0) }
            .filter { ($0.direction == .export) == isOfShares }
            .reversed()
            .map { receipt in
                SeenReceipt(
                    state: receipt.state.rawValue,
                    received: receipt.received,
                    matched: receipt.counts[.matched],
                    unknown: receipt.counts[.unknown],
                    sums: receipt.files.map(\.sha256)
                )
            }
    }
}
