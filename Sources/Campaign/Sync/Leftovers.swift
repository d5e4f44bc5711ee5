// SPDX-License-Identifier: Apache-2.0

import ExternalAccounts
import Foundation
import GRDB
import Storage

/// Files that an interrupted run left in the data directory, and rejected lines whose time has come.
struct Leftovers {
    /// How long rejected lines are kept, in days, unless the setting says otherwise.
    static let defaultRetentionDays = 30

    private let campaign: Campaign

    init(_ campaign: Campaign) {
        self.campaign = campaign
    }

    /// Removes what nobody needs; the caller holds the lock for changes.
    func remove() throws {
        let lists = Set(try campaign.read { try AudienceStore().listFiles(in: $0) })
        remove(in: campaign.directory.lists) { $0.hasPrefix("addresses-") && !lists.contains($0) }
        let unknown = try campaign.read(unknownRejects)
        remove(in: campaign.directory.rejected) { $0.hasSuffix(".part") || unknown.contains($0) }
        // Copies of remote files: an interrupted download goes on where it stopped, unless nobody asks for it any more.
        let limit = campaign.world.now().addingTimeInterval(-Spool.copyLifetime)
        remove(in: campaign.directory.spool) { name in
            name.hasSuffix(Spool.ending) && isOlder("\(campaign.directory.spool)/\(name)", than: limit)
        }
        try removeOldRejects()
    }

    /// Rejected lines and unmapped lists of runs that ended before their receipt was kept.
    private func unknownRejects(in database: Database) throws -> Set<String> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: campaign.directory.rejected)) ?? []
        // Receipts of the People service, which may share the directory, begin with another letter.
        let isOfReceipt = { (name: String) in
            name.hasPrefix("R")
                && (name.hasSuffix(RejectedLines.ending) || name.hasSuffix(UnmappedList.ending))
        }
        return try Set(
            names.filter { name in
                guard isOfReceipt(name) else { return false }
                let receipt = Receipt.ID(String(name.prefix { $0 != "." }))
                return try ReceiptStore().rejectedFile(of: receipt, in: database) != name
            }
        )
    }

    private func removeOldRejects() throws {
        let days = try campaign.read { try Self.retentionDays(in: $0) }
        let limit = campaign.world.now().addingTimeInterval(-Double(days) * 86_400)
        remove(in: campaign.directory.rejected) {
            isOlder("\(campaign.directory.rejected)/\($0)", than: limit)
        }
    }

    private func isOlder(_ path: String, than limit: Date) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let modified = attributes?[.modificationDate] as? Date else { return false }
        return modified < limit
    }

    /// How long rejected lines are kept, in days.
    static func retentionDays(in database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT value FROM counters WHERE name = 'rejected-lines-days'")
            ?? defaultRetentionDays
    }

    /// Sets how long rejected lines are kept.
    static func setRetentionDays(_ days: Int, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO counters (name, value) VALUES ('rejected-lines-days', ?)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """,
            arguments: [days]
        )
    }

    private func remove(in directory: String, where isUnneeded: (String) -> Bool) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        where isUnneeded(name) {
            try? FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        }
    }
}
