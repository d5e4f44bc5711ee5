// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching
import Storage
import Terminal

/// Collects declared IDs of an audience's members: reads the key field, hashes or encrypts on all cores, sorts.
struct DeclaredIDCollector {
    /// The keys of a run of profiles.
    private struct Keys {
        var numbers: [ProfileNumber] = []
        let values = IDBatch(textCapacity: rowsPerBatch, byteCapacity: rowsPerBatch * 32)
        var rowCount = 0
    }

    /// The same run as IDs.
    private struct IDs {
        let ids = IDBatch(textCapacity: rowsPerBatch, byteCapacity: rowsPerBatch * 64)
        var malformed: [ProfileNumber] = []
        var rowCount = 0
    }

    private static let rowsPerBatch = 8192

    let campaign: Campaign
    let key: ProfileField
    let rule: IDRule

    /// Collects the IDs of members.
    ///
    /// - Parameters:
    ///   - members: All members.
    ///   - suppressed: Those who opted out of sharing.
    ///   - database: The database, in one read transaction.
    /// - Returns: The IDs, and the members that have none.
    /// - Throws: What the database or the disk answers, or `CancellationError`.
    func collect(_ members: MemberSet, suppressed: MemberSet, in database: Database) throws -> CollectedIDs {
        let candidates = members.subtracting(suppressed)
        let scan = try ProfileScan(key.name, of: candidates, in: database)
        let builder = SortedListBuilder(directory: campaign.directory.spool)
        let unknown = MemberSetBuilder()
        let malformed = MemberSetBuilder()
        let progress = Progress("collecting IDs")
        defer { progress.finish() }
        var found = 0
        try OrderedBatches.run(
            width: Processors.count,
            isCancelled: { Task.isCancelled },
            produce: { try nextKeys(scan, unknown) },
            makeWorkspace: { try IDEncoder(rule: rule) },
            work: { try Self.encode($1, with: $0) },
            finish: { (batch: IDs) in
                try builder.append(batch.ids)
                for number in batch.malformed { malformed.insert(number) }
                found += batch.rowCount
                progress.show(found, of: candidates.count, "profiles")
            }
        )
        let operations = try builder.finish()
        return CollectedIDs(
            next: operations.next,
            members: members.count,
            suppressed: suppressed,
            unknown: unknown.added,
            malformed: malformed.added,
            vanished: candidates.count - found,
            matched: { operations.distinctCount }
        )
    }

    private func nextKeys(_ scan: ProfileScan, _ unknown: MemberSetBuilder) throws -> Keys? {
        var keys = Keys()
        keys.numbers.reserveCapacity(Self.rowsPerBatch)
        while keys.numbers.count < Self.rowsPerBatch, let number = try scan.next() {
            keys.rowCount += 1
            let value = scan.bytes(1)
            if value.isEmpty {
                unknown.insert(number)
            } else {
                keys.numbers.append(number)
                keys.values.append(value)
            }
        }
        return keys.rowCount == 0 ? nil : keys
    }

    private static func encode(_ keys: Keys, with encoder: IDEncoder) throws -> IDs {
        var batch = IDs()
        batch.rowCount = keys.rowCount
        try encoder.encode(keys.values, into: batch.ids)
        for (position, length) in batch.ids.lengths.enumerated() where length == 0 {
            batch.malformed.append(keys.numbers[position])
        }
        return batch
    }
}
