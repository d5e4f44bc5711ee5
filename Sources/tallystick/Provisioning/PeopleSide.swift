// SPDX-License-Identifier: Apache-2.0

import Problems
import Provisioning

/// How a test of an exchange sees the People service.
enum PeopleSide {
    /// Its data directory is on this machine: where no sync is running there, the test drives it.
    case directory(Program)
    /// Its HTTP API answers Campaign, whose commands ask it; it exchanges files by itself.
    case hub(askedBy: Program)
    /// Not at all, and why.
    case unseen(because: String)

    /// Finds out how the People service of a request can be seen.
    ///
    /// - Parameters:
    ///   - directory: Its data directory, if somebody named one.
    ///   - setUp: What the test of the request uses.
    ///   - campaign: Campaign.
    /// - Throws: What the system answers when a command can't be started.
    init(directory: Program?, hubWith setUp: (segment: String, trait: Int), of campaign: Program) throws {
        if let directory {
            self = .directory(directory)
            return
        }
        guard try campaign.read(Hub.self, "hub", "show").url != nil else {
            self = .unseen(because: "Campaign has no hub, and no data directory was named (--people-data).")
            return
        }
        do {
            // Another hub than the one that accepted the request would have other receipts.
            let found = try campaign.read(Segments.self, "hub", "audiences", "--search", setUp.segment)
            let isRight = found.audiences.contains {
                "\($0.id)" == setUp.segment && $0.traitId == setUp.trait
            }
            guard isRight else {
                self = .unseen(
                    because: "The hub that Campaign uses is not the one that accepted the request."
                )
                return
            }
            _ = try Self.receipts(of: campaign, limit: 1)
            self = .hub(askedBy: campaign)
        } catch let problem as Problem {
            self = .unseen(because: problem.summary)
        }
    }

    /// Its latest receipts, the newest first; `nil` where it can't be seen.
    ///
    /// - Throws: ``Problem`` of kind `provisioning.test-failed`.
    func receipts() throws -> [PeopleReceipt]? {
        switch self {
        case .directory(let people):
            let command = ["people", "receipts", "list", "--limit", "\(Self.receiptCount)"]
            return try people.read(Receipts<PeopleReceipt>.self, command).receipts
        case .hub(let campaign): return try Self.receipts(of: campaign, limit: Self.receiptCount)
        case .unseen: return nil
        }
    }

    /// What the test can make exchange files, if anything.
    var driven: Program? { if case .directory(let people) = self { people } else { nil } }

    /// Why it can't be seen; `nil` where it can.
    var obstacle: String? { if case .unseen(let reason) = self { reason } else { nil } }

    private static let receiptCount = 50

    private static func receipts(of campaign: Program, limit: Int) throws -> [PeopleReceipt] {
        try campaign.read(Receipts<PeopleReceipt>.self, "hub", "receipts", "--limit", "\(limit)").receipts
    }

    private struct Hub: Decodable {
        let url: String?
    }

    private struct Segments: Decodable {
        struct Segment: Decodable {
            let id: Int
            let traitId: Int?
        }

        let audiences: [Segment]
    }
}
