// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Matching
import Storage

/// The new members of the audiences that a run fills, prepared outside and published inside one transaction.
struct AudiencePublication {
    /// The new members of one audience.
    enum Prepared {
        case members(added: MemberSet, removed: MemberSet)
        case list(file: String, count: Int, replaced: String?)
    }

    private let campaign: Campaign
    private let targets: ImportTargets
    private let isFull: Bool

    /// - Parameters:
    ///   - campaign: The installation.
    ///   - targets: The audiences.
    ///   - isFull: Whether the run replaces all members, or adds and removes.
    init(_ campaign: Campaign, _ targets: ImportTargets, isFull: Bool) {
        self.campaign = campaign
        self.targets = targets
        self.isFull = isFull
    }

    /// Prepares what will be published; lists of addresses are written to the disk.
    func prepare(_ accountant: LineAccountant, _ receipt: Receipt.ID) throws -> [Prepared] {
        try zip(targets.all, accountant.collections).map { target, collection in
            switch collection {
            case .profiles(let builder):
                return .members(added: builder.added, removed: builder.removed)
            case .addresses(let builder):
                return try list(of: target.audience, builder, receipt)
            }
        }
    }

    /// Publishes prepared members.
    ///
    /// - Returns: Members of each segment's audience before and after.
    func publish(_ prepared: [Prepared], in database: Database) throws -> [Receipt.Segment] {
        let store = AudienceStore()
        let time = campaign.world.milliseconds
        return try zip(targets.all, prepared).map { target, prepared in
            let id = target.audience.id
            let after: Int
            switch prepared {
            case .members(let added, let removed):
                let members =
                    isFull
                    ? added
                    : try store.storedMembers(of: id, in: database).subtracting(removed).union(added)
                try store.publish(members, to: id, at: time, in: database)
                after = members.count
            case .list(let file, let count, _):
                try store.publish(list: file, count: count, to: id, at: time, in: database)
                after = count
            }
            return Receipt.Segment(
                segment: target.segment,
                audience: id.rawValue,
                before: target.audience.count,
                after: after
            )
        }
    }

    /// Removes the lists that were replaced, after the transaction.
    func removeReplaced(_ prepared: [Prepared]) {
        for case .list(_, _, let replaced?) in prepared { remove(replaced) }
    }

    /// Removes the lists that were prepared, when the transaction failed.
    func discard(_ prepared: [Prepared]) {
        for case .list(let file, _, _) in prepared { remove(file) }
    }

    private func remove(_ file: String) {
        unlink("\(campaign.directory.lists)/\(file)")
    }

    private func list(of audience: Audience, _ builder: SortedListBuilder, _ receipt: Receipt.ID) throws
        -> Prepared
    {
        let file = "addresses-\(audience.id)-\(receipt).list"
        let older = try audience.listFile.map {
            try SortedListReader(path: "\(campaign.directory.lists)/\($0)")
        }
        let writer = try SortedListWriter(path: "\(campaign.directory.lists)/\(file)")
        let operations = try builder.finish()
        let merge = SortedListMerge(
            older: older,
            operations: { () throws(SortedListError) in try operations.next() },
            mode: isFull ? .replacement : .change,
            into: writer
        )
        try merge.forEach { _ in }
        try writer.finish()
        return .list(file: file, count: merge.addedCount + merge.keptCount, replaced: audience.listFile)
    }
}
