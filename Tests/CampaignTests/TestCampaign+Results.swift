// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Problems
import Storage
import Terminal
import Testing

@testable import Campaign

/// What a test asks its installation to do, and sees of it.
extension TestCampaign {
    /// One pass of the exchange, without patience.
    func sync() async throws -> SyncReport {
        try await SyncRun(campaign).pass(isPatient: false)
    }

    /// One pass that must end in exactly one new receipt.
    @discardableResult
    func syncOne(_ location: SourceLocation = #_sourceLocation) async throws -> Receipt {
        let report = try await sync()
        let ids = report.receipts.map(\.id)
        try #require(ids.count == 1, "receipts \(ids), waiting \(report.waiting)", sourceLocation: location)
        return try campaign.read { try ReceiptStore().find(Receipt.ID(ids[0]), in: $0) }
    }

    /// All receipts, oldest first.
    var receipts: [Receipt] {
        get throws { try campaign.read { try ReceiptStore().list(limit: 1_000, in: $0) }.reversed() }
    }

    /// The ledger's entries: path and state.
    var ledger: [String] {
        get throws {
            try campaign.read {
                try String.fetchAll(
                    $0,
                    sql: "SELECT path || ' ' || state FROM ledger_files ORDER BY path, id"
                )
            }
        }
    }

    /// An installation with the profiles A, B and C, of which an import has made C a member of segment 24.
    static func withMember() async throws -> (test: TestCampaign, audience: String) {
        let test = try TestCampaign()
        try await test.makePlain()
        try test.load("externalId\nA\nB\nC\n")
        let audience = try test.define("24", "Plain")
        try test.drop("s3_1_14020_full_1486054444000.sync", "C 24\n")
        try await test.syncOne()
        return (test, audience)
    }

    /// The rejected lines of a receipt: number, reason and text.
    func rejected(_ receipt: Receipt) throws -> [String] {
        guard let file = receipt.rejectedFile else { return [] }
        return try RejectedLinesReader.ofImports.lines("\(data.rejected)/\(file)", limit: 0)
            .map { "\($0.line) \($0.reason) \($0.text)" }
    }

    /// The names in a part of the data directory.
    func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }
}

extension Receipt {
    /// State and counts in one line, without zeros: `completed with rejects 5: matched 3, unknown 2`.
    var account: String {
        let states = LineState.allCases.filter { counts[$0] > 0 }.map { "\($0.rawValue) \(counts[$0])" }
        return "\(state.rawValue) \(received): \(states.joined(separator: ", "))"
    }

    /// Why it failed.
    var code: String? { failure?.code }
}

/// The problem in which something must end; `nil`, and a failed expectation, when there is none.
func problem(
    _ location: SourceLocation = #_sourceLocation,
    of work: () async throws -> Void
) async -> Problem? {
    do {
        try await work()
        Issue.record("there was no problem", sourceLocation: location)
    } catch let problem as Problem {
        return problem
    } catch {
        Issue.record("another error: \(error)", sourceLocation: location)
    }
    return nil
}

extension ProfileLoadReport {
    /// The counts in one line, without zeros: `3: inserted 2, rejected 1`.
    var account: String {
        let counts = [
            ("inserted", inserted), ("updated", updated), ("unchanged", unchanged), ("rejected", rejected),
        ]
        return "\(read): " + counts.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}

extension VisitorLinkReport {
    /// The counts in one line: `3: linked 2, rejected 1`.
    var account: String { "\(read): linked \(linked), rejected \(rejected)" }
}
