// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Terminal

/// The onboarding status report: what came in, by data source and day (domain: onboarding status report).
struct OnboardingStatus: Report {
    /// What came in for one data source on one day.
    struct Row: Encodable {
        let dataSource: Int
        /// The data sources of IDs or traits that files named and that are not there: these files were refused.
        let unknownDataSources: [Int]
        let day: String
        fileprivate(set) var files = 0
        fileprivate(set) var failed = 0
        fileprivate(set) var received = 0
        fileprivate(set) var stored = 0
        fileprivate(set) var formatErrors = 0
        fileprivate(set) var invalidIDs = 0
        fileprivate(set) var noMatchingID = 0
        fileprivate(set) var noTraitRealized = 0
        fileprivate(set) var realizedTraits = 0
        fileprivate(set) var unusedSignals = 0
        /// The share of received lines that were stored, 0 to 100.
        fileprivate(set) var percentStored = 0.0
    }

    /// How many days back a report goes, and unless somebody says so.
    static let dayRange = 1...400
    static let defaultDays = 30

    let rows: [Row]

    /// Reads the receipts of so many days before a moment, in milliseconds since 1970.
    init(days: Int, before now: Int64, in database: Database) throws {
        let contents = try String.fetchCursor(
            database,
            sql: """
                SELECT content FROM receipts
                WHERE kind = 'onboarding' AND started >= ? AND data_source IS NOT NULL
                ORDER BY data_source, started
                """,
            arguments: [now - Int64(days) * 86_400_000]
        )
        let known = Set(try Int.fetchAll(database, sql: "SELECT number FROM data_sources LIMIT 1000000"))
        var rows: [Row] = []
        while let content = try contents.next() {
            let receipt = try JSONDecoder().decode(Receipt.self, from: Data(content.utf8))
            let moment = Date(timeIntervalSince1970: Double(receipt.started) / 1000).formatted(.iso8601)
            let (source, day) = (receipt.dataSource ?? 0, String(moment.prefix(10)))
            let named = Set([source, receipt.traitDataSource ?? source])
            let unknown = receipt.state == .failed ? named.subtracting(known).sorted() : []
            let own = rows.lastIndex {
                $0.dataSource == source && $0.day == day && $0.unknownDataSources == unknown
            }
            if own == nil { rows.append(Row(dataSource: source, unknownDataSources: unknown, day: day)) }
            rows[own ?? rows.count - 1].add(receipt)
        }
        self.rows = rows
    }

    var text: String {
        var table = TextTable(
            "DATA SOURCE",
            "DAY",
            "FILES",
            "FAILED",
            "RECEIVED",
            "STORED",
            "%",
            "FORMAT",
            "INVALID ID",
            "NO MATCH",
            "NO TRAIT"
        )
        for row in rows {
            table.add(
                row.unknownDataSources.isEmpty
                    ? "\(row.dataSource)"
                    : "\(row.dataSource), no \(row.unknownDataSources.map(String.init).joined(separator: ", "))",
                row.day,
                "\(row.files)",
                "\(row.failed)",
                row.received.grouped,
                row.stored.grouped,
                String(format: "%.1f", row.percentStored),
                row.formatErrors.grouped,
                row.invalidIDs.grouped,
                row.noMatchingID.grouped,
                row.noTraitRealized.grouped
            )
        }
        return rows.isEmpty ? "Nothing came in." : table.text
    }
}

extension OnboardingStatus.Row {
    fileprivate mutating func add(_ receipt: Receipt) {
        files += receipt.files.count
        if receipt.state == .failed { failed += receipt.files.count }
        guard let tally = receipt.onboarding, receipt.state != .failed else { return }
        received += tally.received
        stored += tally.stored
        formatErrors += tally.formatErrors
        invalidIDs += tally.invalidIDs
        noMatchingID += tally.noMatchingID
        noTraitRealized += tally.noTraitRealized
        realizedTraits += tally.realizedTraits
        unusedSignals += tally.unusedSignals
        percentStored = received > 0 ? 100 * Double(stored) / Double(received) : 0
    }
}
