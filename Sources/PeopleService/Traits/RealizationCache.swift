// SPDX-License-Identifier: Apache-2.0

import GRDB
import Matching

/// The realizations that an evaluation asks for, each read once.
final class RealizationCache {
    private let database: Database
    private let touched: TouchedIDs
    private let today: Day
    private var entries: [SID: [RealizationStore.Entry]] = [:]
    private var members: [SID: MemberSet] = [:]

    /// Nothing was read yet.
    ///
    /// - Parameters:
    ///   - database: The database.
    ///   - today: Today.
    ///   - touched: The IDs that matter.
    init(_ database: Database, _ today: Day, _ touched: TouchedIDs) {
        self.database = database
        self.today = today
        self.touched = touched
    }

    /// The realizations of a trait, for a folder trait those of all traits in it; none for one that was deleted.
    func entries(of sid: SID) throws -> [RealizationStore.Entry] {
        if let known = entries[sid] { return known }
        let trait = try TraitStore().findIfThere(sid, in: database)
        let found: [RealizationStore.Entry] =
            if let folder = trait?.summedFolder {
                FolderTraits.sum(try FolderTraits(in: database).summed(in: folder).map(entries(of:)))
            } else {
                try trait.map { trait in
                    try RealizationStore().entries(of: trait, on: today, in: database, among: touched)
                } ?? []
            }
        entries[sid] = found
        return found
    }

    /// Who has a trait, as it was read.
    enum Holders: Sendable {
        /// These have it.
        case members(MemberSet)
        /// These have it, of the IDs that matter, and others.
        case stored([StoredMembers])
    }

    /// Who has a trait, to be unpacked on any thread; not kept.
    func holders(of sid: SID) throws -> Holders {
        // Of all IDs the members may be asked for again.
        guard touched.isSome else { return .members(try members(of: sid)) }
        guard let trait = try TraitStore().findIfThere(sid, in: database) else { return .stored([]) }
        let parts =
            try trait.summedFolder.map { folder in
                try FolderTraits(in: database).summed(in: folder).compactMap {
                    try TraitStore().findIfThere($0, in: database)
                }
            } ?? [trait]
        return .stored(
            try parts.flatMap {
                try RealizationStore().holders(of: $0, on: today, in: database, among: touched)
            }
        )
    }

    /// Who has a trait.
    func members(of sid: SID) throws -> MemberSet {
        if let known = members[sid] { return known }
        let folder = try TraitStore().findIfThere(sid, in: database)?.summedFolder
        let sets =
            try folder.map { try FolderTraits(in: database).summed(in: $0).map(members(of:)) }
            ?? entries(of: sid).map(\.levels.members)
        let found = MemberSet.union(of: sets)
        members[sid] = found
        return found
    }
}
